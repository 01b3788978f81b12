//! Recurrences that hand on a root and square it, such as those of GARCH: what is under the root is handed on instead.
//!
//! The root is then no part of what depends on itself: its roots are those of a column, all turns at once.

use std::collections::HashMap;
use std::rc::Rc;

use hlmc_builtins::table::Domain;

use super::Recorder;
use super::cycle::Pending;
use super::trace::Origin;
use crate::graph::{Check, NodeId, Operation, Unary};

impl Recorder<'_> {
    /// Squares of reads of roots become reads of what is under the root. That must not be negative, where a root would be no
    /// number: a check leaves such points to forward mode.
    pub(super) fn read_under_roots(&mut self, body: std::ops::Range<usize>, pending: &mut HashMap<NodeId, Pending>) {
        let mut under: Vec<NodeId> = Vec::new();
        for square in (body.start as u32..body.end as u32).map(NodeId) {
            let Operation::Unary(Unary::Square, read) = self.graph.node(square).operation else { continue };
            let Some(read) = pending.get(&read) else { continue };
            let origins: Option<Vec<Origin>> = read.origins.iter().map(|origin| self.under_root(*origin)).collect();
            let Some(origins) = origins else { continue };
            let (turns, before) = (Rc::clone(&read.turns), read.before);
            let written = |origin: &Origin| if let Origin::Written(node, _) = origin { Some(*node) } else { None };
            for node in origins.iter().filter_map(written) {
                if under.last() != Some(&node) && !under.contains(&node) {
                    under.push(node);
                }
            }
            let before = before.map(|before| self.graph.unary(Unary::Square, before));
            pending.insert(square, Pending::new(turns, origins, before));
        }
        let checks = under.into_iter().map(|node| Check { node, domain: Domain::NonNegative, is_guard: false });
        self.graph.checks.extend(checks);
    }

    /// Where what is under a root comes from; `None` where a value that was written is none.
    fn under_root(&self, origin: Origin) -> Option<Origin> {
        let Origin::Written(mut node, mut lane) = origin else { return Some(origin) };
        loop {
            match &self.graph.node(node).operation {
                Operation::Unary(Unary::Sqrt, x) => {
                    return Some(Origin::Written(*x, if self.graph.lanes(*x) == 1 { 0 } else { lane }));
                }
                Operation::Gather(x, index) => {
                    lane = self.graph.columns.positions(*index)[lane as usize];
                    node = *x;
                }
                _ => return None,
            }
        }
    }
}
