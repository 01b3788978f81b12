//! Functions of whole values whose arguments differ between lanes, such as a Cholesky factor in every turn of a loop.
//!
//! What such a function does is recorded for one lane, in whose stead pending columns stand, as it would be outside of
//! lanes. The nodes that depend on these are then *spread*: built again for all lanes together, entry by entry. Node for
//! node, an operation of `n` entries becomes the same operation of `n * lanes` lanes, and a function of whole columns one
//! of each lane (`EachLane`), so that the graph has as many nodes for a thousand turns as for two.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::Recorder;
use super::algebra::Factor;
use super::lanes::Context;
use super::stop::{Recorded, Stop};
use super::symbol::{Cells, Entries, Symbol};
use crate::apply::Whole;
use crate::each_lane::EachLane;
use crate::graph::{Binary, Check, NodeId, Operation, OriginId};
use crate::linear::product::Product;
use crate::linear::{KnownColumn, Operand};

/// Sums of at most so many entries are added up one by one, within the loop over lanes.
const MAX_ADDED: usize = 16;

/// What is recorded for one lane: the nodes from the first on.
struct OneLane {
    first: usize,
    terms: Vec<(NodeId, Option<OriginId>)>,
    checks: Vec<Check>,
}

/// The lanes that it is spread over.
struct Spread {
    lanes: usize,
    /// Where the branches around are taken: one for all lanes, or one a lane.
    mask: Option<NodeId>,
    /// Columns, entry by entry in all lanes, of the nodes of one lane that differ between lanes.
    columns: HashMap<NodeId, NodeId>,
}

impl Recorder<'_> {
    /// `f` of arguments of which some differ between lanes, recorded for one lane and spread over all.
    pub(super) fn in_each_lane(
        &mut self,
        arguments: &[Symbol],
        f: impl FnOnce(&mut Self, &[Symbol]) -> Recorded<Symbol>,
    ) -> Recorded<Symbol> {
        let mut spread = Spread { lanes: self.lanes(), mask: self.mask_since(0), columns: HashMap::new() };
        let stand_ins = arguments.iter().map(|argument| self.stand_in(argument, &mut spread));
        let stand_ins = stand_ins.collect::<Recorded<Vec<_>>>()?;
        let is_known = |(_, column): &(&NodeId, &NodeId)| self.graph.is_known(**column);
        let known = spread.columns.iter().filter(is_known).map(|(stand_in, _)| *stand_in).collect();
        let around = std::mem::replace(&mut self.known_in_lanes, known);
        let recorded = self.for_one_lane(|recorder| f(recorder, &stand_ins));
        self.known_in_lanes = around;
        let (one, value) = recorded?;
        let roots = nodes_of(&value)?;
        self.spread_all(&one, &roots, &mut spread)?;
        Ok(self.spread_value(value, &spread))
    }

    /// `f` of the coordinates of each of `n` values, which stand one after the other in `u` as the results will.
    pub(super) fn for_each_value(
        &mut self,
        u: NodeId,
        n: usize,
        f: impl FnOnce(&mut Self, NodeId) -> Recorded<NodeId>,
    ) -> Recorded<NodeId> {
        let size = self.graph.lanes(u) / n.max(1);
        let stand_in = self.graph.pending(size);
        let column = self.transpose(u, size);
        let mut spread = Spread { lanes: n, mask: None, columns: HashMap::from([(stand_in, column)]) };
        let (one, value) = self.for_one_lane(|recorder| Ok(Symbol::Node(f(recorder, stand_in)?)))?;
        let Symbol::Node(value) = value else { return Err(Stop::Dependent("a value that is no column")) };
        self.spread_all(&one, &[value], &mut spread)?;
        let all = self.spread_column(value, &spread);
        Ok(self.transpose(all, n))
    }

    /// What stands for an argument in one lane. What all lanes share stands for itself, outside of branches.
    fn stand_in(&mut self, argument: &Symbol, spread: &mut Spread) -> Recorded<Symbol> {
        if self.known_value(argument).is_some() || spread.mask.is_none() && self.is_uniform(argument) {
            return Ok(argument.clone());
        }
        let column = self.column_of_lanes(argument)?;
        let stand_in = self.graph.pending(self.graph.lanes(column) / spread.lanes);
        spread.columns.insert(stand_in, column);
        let (kind, dims) = argument.shape();
        if argument.is_scalar() {
            return Ok(Symbol::Node(stand_in));
        }
        Ok(Symbol::Cells(Cells { kind, dims, entries: Entries::Packed(stand_in) }))
    }

    /// A real argument of all lanes, entry by entry.
    pub(super) fn column_of_lanes(&mut self, argument: &Symbol) -> Recorded<NodeId> {
        let lanes = self.lanes();
        if matches!(argument, Symbol::Tuple(_)) {
            return Err(Stop::Dependent("a tuple differs between iterations"));
        }
        if self.is_uniform(argument) {
            let entries = self.pack(argument)?;
            return Ok(self.repeat_entries(entries, lanes));
        }
        let entries = self.nodes(argument)?;
        let columns: Vec<NodeId> = entries.iter().map(|entry| self.graph.broadcast(*entry, lanes)).collect();
        Ok(self.graph.concatenate(&columns))
    }

    /// Every entry of a column, so many times.
    fn repeat_entries(&mut self, entries: NodeId, lanes: usize) -> NodeId {
        let n = self.graph.lanes(entries) as u32;
        let index: Vec<u32> = (0..n).flat_map(|entry| std::iter::repeat_n(entry, lanes)).collect();
        self.graph.gather(entries, &index)
    }

    /// Runs `f` as if there were one lane, and no branch around.
    fn for_one_lane(&mut self, f: impl FnOnce(&mut Self) -> Recorded<Symbol>) -> Recorded<(OneLane, Symbol)> {
        let (first, n_checks, n_terms) = (self.graph.nodes().len(), self.graph.checks.len(), self.terms.len());
        let (masks, mask) = (std::mem::take(&mut self.masks), self.graph.mask.take());
        self.contexts.push(Context { lanes: 1, parent: Rc::from([0]), effects: None, trace: None });
        let value = f(self);
        self.contexts.pop();
        (self.masks, self.graph.mask) = (masks, mask);
        let (checks, terms) = (self.graph.checks.split_off(n_checks), self.terms.split_off(n_terms));
        Ok((OneLane { first, terms, checks }, value?))
    }

    /// Spreads what the value, the checks and the terms of one lane depend on, and adds the checks and terms of all lanes.
    fn spread_all(&mut self, one: &OneLane, roots: &[NodeId], spread: &mut Spread) -> Recorded<()> {
        let others = one.checks.iter().map(|check| check.node).chain(one.terms.iter().map(|(term, _)| *term));
        let roots: Vec<NodeId> = roots.iter().copied().chain(others).collect();
        for node in self.nodes_behind(&roots, one.first) {
            let mut differs = false;
            let operation = self.graph.node(node).operation.clone();
            operation.for_each_operand(|operand| differs |= spread.columns.contains_key(&operand));
            if differs {
                let column = self.spread_node(node, &operation, spread)?;
                let lanes = self.graph.lanes(node) * spread.lanes;
                let column = self.graph.broadcast(column, lanes);
                spread.columns.insert(node, column);
            }
        }
        for check in &one.checks {
            let n = self.graph.lanes(check.node);
            let column = self.spread_operand(check.node, n, spread);
            self.masked(n, spread, |recorder| recorder.require(column, check.domain))?;
        }
        for (term, origin) in &one.terms {
            let all = self.spread_operand(*term, 1, spread);
            let all = self.graph.sum_over(all, spread.lanes);
            self.terms.push((all, *origin));
        }
        Ok(())
    }

    /// The nodes from the first on that the roots depend on, in order.
    fn nodes_behind(&self, roots: &[NodeId], first: usize) -> Vec<NodeId> {
        let mut is_needed = vec![false; self.graph.nodes().len() - first];
        let need = |is_needed: &mut Vec<bool>, node: NodeId| {
            if let Some(at) = node.index().checked_sub(first) {
                is_needed[at] = true;
            }
        };
        roots.iter().for_each(|root| need(&mut is_needed, *root));
        for at in (0..is_needed.len()).rev() {
            if is_needed[at] {
                let node = &self.graph.nodes()[first + at];
                node.operation.for_each_operand(|operand| need(&mut is_needed, operand));
            }
        }
        let needed = (first as u32..).map(NodeId).zip(is_needed).filter(|(_, is_needed)| *is_needed);
        needed.map(|(node, _)| node).collect()
    }

    /// The operation of a node of one lane, for all lanes.
    fn spread_node(&mut self, node: NodeId, operation: &Operation, spread: &Spread) -> Recorded<NodeId> {
        let (n, lanes) = (self.graph.lanes(node), spread.lanes as u32);
        let in_lanes = |entries: &[u32]| -> Vec<u32> {
            entries.iter().flat_map(|entry| (0..lanes).map(move |lane| entry * lanes + lane)).collect()
        };
        Ok(match operation {
            Operation::Unary(unary, x) => {
                let x = self.spread_operand(*x, n, spread);
                self.masked(n, spread, |recorder| recorder.graph.unary(*unary, x))
            }
            Operation::Binary(binary, x, y) => {
                let (x, y) = (self.spread_operand(*x, n, spread), self.spread_operand(*y, n, spread));
                self.masked(n, spread, |recorder| recorder.graph.binary(*binary, x, y))
            }
            Operation::Select(mask, x, y) => {
                let [mask, x, y] = [mask, x, y].map(|operand| self.spread_operand(*operand, n, spread));
                self.graph.select(mask, x, y)
            }
            Operation::Elementwise(function, operands) => {
                let operands: Vec<NodeId> = operands.iter().map(|x| self.spread_operand(*x, n, spread)).collect();
                let applied = self.graph.elementwise(*function, &operands);
                applied.ok_or(Stop::Dependent("a function of known numbers outside of its domain"))?
            }
            Operation::Gather(x, index) => {
                let index = in_lanes(self.graph.columns.positions(*index));
                let x = self.spread_column(*x, spread);
                self.graph.gather(x, &index)
            }
            Operation::Concatenate(parts) => {
                let parts: Vec<NodeId> = parts.iter().map(|part| self.spread_column(*part, spread)).collect();
                self.graph.concatenate(&parts)
            }
            Operation::Sum(x) => self.spread_sum(*x, spread),
            Operation::ScatterSum(x, index) => {
                let index = in_lanes(self.graph.columns.positions(*index));
                let x = self.spread_column(*x, spread);
                self.graph.scatter_sum(x, &index, n * spread.lanes)
            }
            Operation::KnownMatrixVector(matrix, x) => {
                let matrix = KnownColumn { id: *matrix, numbers: Arc::clone(self.graph.columns.numbers(*matrix)) };
                self.spread_product(matrix, n, *x, spread)?
            }
            Operation::Whole(function, x) => {
                let function = Arc::clone(&self.graph.wholes[function.0 as usize]);
                self.spread_whole(function, n, *x, spread)?
            }
            Operation::Position(_)
            | Operation::Constant(_)
            | Operation::Known(_)
            | Operation::Scan(..)
            | Operation::Pending(_) => return Err(Stop::Dependent("an operation that is not spread over lanes")),
        })
    }

    /// An operand of an operation of `n` entries: a column of all lanes, or one number.
    fn spread_operand(&mut self, x: NodeId, n: usize, spread: &Spread) -> NodeId {
        let lanes = spread.lanes;
        match spread.columns.get(&x) {
            Some(column) if self.graph.lanes(x) == n => *column,
            Some(column) => self.repeat_lanes(*column, n, lanes),
            None if self.graph.lanes(x) == 1 => x,
            None => self.repeat_entries(x, lanes),
        }
    }

    /// A number of each lane for each of `n` entries.
    fn repeat_lanes(&mut self, column: NodeId, n: usize, lanes: usize) -> NodeId {
        let index: Vec<u32> = (0..n).flat_map(|_| 0..lanes as u32).collect();
        self.graph.gather(column, &index)
    }

    /// All entries of a node of one lane, in all lanes.
    fn spread_column(&mut self, x: NodeId, spread: &Spread) -> NodeId {
        match spread.columns.get(&x) {
            Some(column) => *column,
            None => self.repeat_entries(x, spread.lanes),
        }
    }

    /// Runs `f` with operands of `n` entries shielded in lanes that do not take the branch around.
    fn masked<T>(&mut self, n: usize, spread: &Spread, f: impl FnOnce(&mut Self) -> T) -> T {
        let mask = spread.mask.map(|mask| match self.graph.lanes(mask) {
            1 => mask,
            lanes => self.repeat_lanes(mask, n, lanes),
        });
        self.with_mask(mask, f)
    }

    /// The sum of the entries in each lane.
    fn spread_sum(&mut self, x: NodeId, spread: &Spread) -> NodeId {
        let (n, lanes) = (self.graph.lanes(x), spread.lanes as u32);
        let column = self.spread_column(x, spread);
        if n > MAX_ADDED {
            let index: Vec<u32> = (0..n).flat_map(|_| 0..lanes).collect();
            return self.graph.scatter_sum(column, &index, spread.lanes);
        }
        let zero = self.graph.constant(0.0);
        (0..n as u32).fold(zero, |sum, entry| {
            let index: Vec<u32> = (entry * lanes..(entry + 1) * lanes).collect();
            let entry = self.graph.gather(column, &index);
            self.graph.binary(Binary::Add, sum, entry)
        })
    }

    /// A known matrix of so many rows times a vector in each lane. A recurrence needs it lane by lane; elsewhere the vectors
    /// are the rows of one matrix.
    fn spread_product(&mut self, matrix: KnownColumn, rows: usize, x: NodeId, spread: &Spread) -> Recorded<NodeId> {
        let inner = self.graph.lanes(x);
        if self.is_scanning() {
            let product = Product {
                rows,
                inner,
                cols: 1,
                left: Operand::Known(matrix),
                is_left_transposed: false,
                right: Operand::Input,
                is_right_transposed: false,
            };
            return self.spread_whole(Arc::new(product), rows, x, spread);
        }
        let matrix = self.graph.known(&matrix.numbers);
        let vectors = self.spread_column(x, spread);
        self.matrix_product(Factor::plain(vectors), Factor::transposed(matrix), (spread.lanes, inner, rows))
    }

    /// A function of whole columns in each lane.
    fn spread_whole(
        &mut self,
        function: Arc<dyn Whole>,
        n_outputs: usize,
        x: NodeId,
        spread: &Spread,
    ) -> Recorded<NodeId> {
        let column = self.spread_column(x, spread);
        self.whole_of_lanes(EachLane::new(spread.lanes, function, n_outputs), column, spread.mask)
    }

    /// A function of each lane, called in lanes alone that take the branches around. Computed now if all is known.
    pub(super) fn whole_of_lanes(
        &mut self,
        function: EachLane,
        column: NodeId,
        mask: Option<NodeId>,
    ) -> Recorded<NodeId> {
        let (lanes, n_results) = (function.lanes(), function.lanes() * function.n_outputs());
        let (function, input) = match mask {
            Some(mask) => {
                let mask = self.graph.broadcast(mask, lanes);
                (function.masked(), self.graph.concatenate(&[column, mask]))
            }
            None => (function, column),
        };
        match self.graph.known_column(input) {
            Some(known) => self.known_whole(&function, &known, n_results),
            None => Ok(self.graph.shared_whole(Arc::new(function), input, n_results)),
        }
    }

    /// The value of one lane, seen from all.
    fn spread_value(&mut self, value: Symbol, spread: &Spread) -> Symbol {
        match value {
            Symbol::Node(node) => {
                let column = self.spread_operand(node, 1, spread);
                self.scalar(column)
            }
            Symbol::Cells(Cells { kind, dims, entries }) => {
                let each = match entries {
                    Entries::Packed(node) if spread.columns.contains_key(&node) => self.entries_in_lanes(node, spread),
                    Entries::Packed(_) => return Symbol::Cells(Cells { kind, dims, entries }),
                    Entries::Each(each) => each.iter().map(|x| self.spread_value(x.clone(), spread)).collect(),
                };
                self.container(kind, dims, each)
            }
            known => known,
        }
    }

    fn entries_in_lanes(&mut self, node: NodeId, spread: &Spread) -> Vec<Symbol> {
        let (n, lanes) = (self.graph.lanes(node) as u32, spread.lanes as u32);
        let column = self.spread_column(node, spread);
        self.entries_of_lanes(column, n, lanes)
    }

    /// The entries of a column that holds them in all lanes, one after the other.
    pub(super) fn entries_of_lanes(&mut self, column: NodeId, n: u32, lanes: u32) -> Vec<Symbol> {
        let entry = |entry: u32| {
            let index: Vec<u32> = (entry * lanes..(entry + 1) * lanes).collect();
            let node = self.graph.gather(column, &index);
            self.scalar(node)
        };
        (0..n).map(entry).collect()
    }
}

/// The nodes that the value of a function consists of.
fn nodes_of(value: &Symbol) -> Recorded<Vec<NodeId>> {
    Ok(match value {
        Symbol::Node(node) | Symbol::Cells(Cells { entries: Entries::Packed(node), .. }) => vec![*node],
        Symbol::Cells(Cells { entries: Entries::Each(each), .. }) => {
            let nodes = each.iter().map(nodes_of).collect::<Recorded<Vec<_>>>()?;
            nodes.concat()
        }
        Symbol::Tuple(_) => {
            return Err(Stop::Dependent("a function whose value is a tuple differs between iterations"));
        }
        _ => Vec::new(),
    })
}
