//! Where nodes come from: the statement of the program that first built them.
//!
//! The recorder says which statement runs; every node that is built meanwhile is that statement's. A node that is there
//! already stays with the statement that built it, and the later one is noted to share it. A rewrite gives what it builds
//! to the statement of the node that it replaces.

use std::collections::{BTreeSet, HashMap};

use hlmc_syntax::Span;

/// An origin of [`Origins`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OriginId(u32);

/// A statement where it runs: a function's statement has an origin for each statement that calls the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The statement, or the declaration of a parameter.
    pub span: Span,
    /// The statement around it, or that which calls its function.
    pub around: Option<OriginId>,
}

/// What a loop became when it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopForm {
    /// All turns at once, one a lane.
    Map(usize),
    /// Turn after turn, the body recorded once.
    Scan(usize),
    /// Turn after turn, the body recorded for each.
    Unrolled(usize),
}

/// The origins of a graph's nodes.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    all: Vec<Origin>,
    ids: HashMap<Origin, OriginId>,
    current: Option<OriginId>,
    of_nodes: Vec<Option<OriginId>>,
    shared: BTreeSet<(OriginId, OriginId)>,
    loops: HashMap<OriginId, LoopForm>,
}

/// The origins of nodes that were taken out of a graph, and what its loops were then.
#[derive(Debug)]
pub(super) struct Stretch {
    of_nodes: Vec<Option<OriginId>>,
    loops: HashMap<OriginId, LoopForm>,
}

impl Origins {
    /// All origins, those around others before them.
    pub fn all(&self) -> impl Iterator<Item = (OriginId, Origin)> {
        (0..).map(OriginId).zip(self.all.iter().copied())
    }

    /// An origin.
    #[must_use]
    pub fn get(&self, id: OriginId) -> Option<Origin> {
        self.all.get(id.0 as usize).copied()
    }

    /// The origin of a statement inside of another, if it ran.
    #[must_use]
    pub fn find(&self, span: Span, around: Option<OriginId>) -> Option<OriginId> {
        self.ids.get(&Origin { span, around }).copied()
    }

    /// The statement that runs.
    #[must_use]
    pub fn current(&self) -> Option<OriginId> {
        self.current
    }

    /// A statement begins; gives the one around it, to go back to with [`Origins::set`].
    pub fn enter(&mut self, span: Span) -> Option<OriginId> {
        let origin = Origin { span, around: self.current };
        let next = OriginId(self.all.len() as u32);
        let id = *self.ids.entry(origin).or_insert(next);
        if id == next {
            self.all.push(origin);
        }
        self.current.replace(id)
    }

    /// Nodes are this statement's from now on.
    pub fn set(&mut self, origin: Option<OriginId>) {
        self.current = origin;
    }

    /// Notes what the loop that runs became; the last word counts, since attempts that were undone come first.
    pub fn note_loop(&mut self, form: LoopForm) {
        if let Some(current) = self.current {
            self.loops.insert(current, form);
        }
    }

    /// What a loop became.
    #[must_use]
    pub fn loop_form(&self, origin: OriginId) -> Option<LoopForm> {
        self.loops.get(&origin).copied()
    }

    /// Pairs of statements of which the first uses what the second built for itself.
    pub fn shared(&self) -> impl Iterator<Item = (OriginId, OriginId)> {
        self.shared.iter().copied()
    }

    /// The statement that built a node.
    #[must_use]
    pub fn of(&self, node: super::NodeId) -> Option<OriginId> {
        self.of_nodes.get(node.index()).copied().flatten()
    }

    /// The same origins for a graph without nodes.
    pub(super) fn without_nodes(&self) -> Origins {
        Origins { of_nodes: Vec::new(), current: None, ..self.clone() }
    }

    pub(super) fn node_is_built(&mut self) {
        self.of_nodes.push(self.current);
    }

    /// The statement that runs asks for a node that is there already.
    pub(super) fn node_is_found(&mut self, node: super::NodeId) {
        if let (Some(user), Some(owner)) = (self.current, self.of(node))
            && user != owner
        {
            self.shared.insert((user, owner));
        }
    }

    pub(super) fn split_off(&mut self, n_nodes: usize) -> Stretch {
        Stretch { of_nodes: self.of_nodes.split_off(n_nodes), loops: self.loops.clone() }
    }

    pub(super) fn append(&mut self, stretch: Stretch) {
        self.of_nodes.extend(stretch.of_nodes);
        self.loops = stretch.loops;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hlmc_syntax::FileId;

    use super::*;
    use crate::apply::Tables;
    use crate::graph::{Graph, Unary};

    #[test]
    fn a_node_is_that_of_the_statement_that_first_built_it() {
        let mut graph = Graph::new(Arc::new(Tables::new()));
        let [first, second] = [0, 10].map(|start| Span::new(FileId::MAIN, start, start + 5));
        let x = graph.position(0, 1);
        let around = graph.origins.enter(first);
        let exp = graph.unary(Unary::Exp, x);
        graph.origins.set(around);
        graph.origins.enter(second);
        assert_eq!(graph.unary(Unary::Exp, x), exp);
        let sin = graph.unary(Unary::Sin, x);
        let (a, b) = (graph.origins.find(first, None), graph.origins.find(second, None));
        assert_eq!((graph.origins.of(x), graph.origins.of(exp), graph.origins.of(sin)), (None, a, b));
        assert_eq!(graph.origins.shared().collect::<Vec<_>>(), [(b.unwrap(), a.unwrap())]);
    }

    #[test]
    fn what_is_undone_leaves_no_owner_behind() {
        let mut graph = Graph::new(Arc::new(Tables::new()));
        let x = graph.position(0, 1);
        let mark = graph.mark();
        graph.origins.enter(Span::new(FileId::MAIN, 0, 1));
        graph.unary(Unary::Exp, x);
        graph.truncate(mark);
        graph.origins.set(None);
        let exp = graph.unary(Unary::Exp, x);
        assert_eq!(graph.origins.of(exp), None);
    }
}
