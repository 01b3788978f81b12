//! One turn of a map: the values of its operations, and their adjoints, for some lanes at a time.

use std::collections::HashMap;

use super::operation::{self, Computed};
use super::plan::{Kind, Map, Plan, kind};
use super::turn::{Total, Turn, Workspace};
use crate::execute::Slot;
use crate::execute::layout::Layout;
use crate::graph::{Binary, NodeId, Operation, Unary};
use crate::kernel::Machine;

/// Which sweep a map runs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sweep {
    /// Values.
    Forward,
    /// Adjoints.
    Reverse,
    /// Both in one.
    Both,
}

/// The state of one turn.
pub(super) struct Body<'a, R> {
    plan: &'a Plan,
    layout: &'a Layout,
    /// The map's place in the plan.
    stage: usize,
    map: &'a Map,
    sweep: Sweep,
    values: HashMap<NodeId, Computed<R>>,
    adjoints: HashMap<NodeId, R>,
    /// What the turn adds to the adjoints of columns of other stages, by where these begin.
    outside: Vec<(usize, R)>,
}

impl<'a, R: Copy> Body<'a, R> {
    pub(super) fn new((plan, layout): (&'a Plan, &'a Layout), (stage, map): (usize, &'a Map), sweep: Sweep) -> Self {
        Body { plan, layout, stage, map, sweep, values: HashMap::new(), adjoints: HashMap::new(), outside: Vec::new() }
    }

    /// Emits the turn.
    pub(super) fn emit<T: Turn<Real = R>>(&mut self, t: &mut T) {
        if self.sweep != Sweep::Reverse {
            for id in &self.map.nodes {
                self.forward(t, *id);
            }
        }
        if self.sweep != Sweep::Forward {
            for id in self.map.nodes.iter().rev() {
                self.reverse(t, *id);
            }
            for (start, adjoint) in std::mem::take(&mut self.outside) {
                t.add_lanes(start, adjoint);
            }
        }
    }

    /// The node's stretch of the workspace; the plan stores all that is asked for.
    fn slot(&self, id: NodeId) -> Slot {
        self.layout.slot(id).unwrap_or(Slot { start: 0, lanes: 0 })
    }

    /// True for operations of this map.
    fn is_here(&self, id: NodeId) -> bool {
        self.plan.stage_of[id.index()] == self.stage && kind(&self.plan.graph, id) == Kind::Lane
    }

    fn forward<T: Turn<Real = R>>(&mut self, t: &mut T, id: NodeId) {
        match self.plan.graph.node(id).operation {
            Operation::Sum(x) => {
                let x = self.value(t, x);
                t.add_total(Total::Sum(id), x);
            }
            Operation::ScatterSum(x, index) => {
                let x = self.value(t, x);
                t.scatter_add(Workspace::Values, self.slot(id), index, x);
            }
            _ => {
                let value = self.value(t, id);
                if self.plan.is_stored[id.index()] {
                    t.store(self.slot(id).start, value);
                }
            }
        }
    }

    /// The value of an operand in these lanes.
    fn value<T: Turn<Real = R>>(&mut self, t: &mut T, id: NodeId) -> R {
        self.computed(t, id).value
    }

    fn computed<T: Turn<Real = R>>(&mut self, t: &mut T, id: NodeId) -> Computed<R> {
        if let Some(computed) = self.values.get(&id) {
            return *computed;
        }
        let computed = self.compute(t, id);
        self.values.insert(id, computed);
        computed
    }

    fn compute<T: Turn<Real = R>>(&mut self, t: &mut T, id: NodeId) -> Computed<R> {
        let graph = &self.plan.graph;
        if let Some(constant) = graph.constant_value(id) {
            return Computed::plain(t.code().real(constant));
        }
        if graph.lanes(id) == 1 {
            return Computed::plain(t.scalar(id));
        }
        if let Operation::Known(column) = graph.node(id).operation {
            return Computed::plain(t.known(column, 0));
        }
        if !self.is_here(id) || self.sweep == Sweep::Reverse && self.plan.is_stored[id.index()] {
            return Computed::plain(t.load(Workspace::Values, self.slot(id).start));
        }
        self.operation(t, id)
    }

    fn operation<T: Turn<Real = R>>(&mut self, t: &mut T, id: NodeId) -> Computed<R> {
        let with_slopes = self.sweep != Sweep::Forward;
        match self.plan.graph.node(id).operation.clone() {
            Operation::Unary(unary, x) => {
                let x = self.value(t, x);
                operation::unary(&mut t.code(), unary, x, with_slopes)
            }
            Operation::Binary(binary, x, y) => {
                let operands = (self.value(t, x), self.value(t, y));
                operation::binary(&mut t.code(), binary, operands, with_slopes)
            }
            Operation::Select(mask, x, y) => {
                let [mask, x, y] = [mask, x, y].map(|id| self.value(t, id));
                Computed::plain(operation::select(&mut t.code(), mask, x, y))
            }
            Operation::Gather(x, _) if self.plan.graph.lanes(x) == 1 => Computed::plain(self.value(t, x)),
            Operation::Gather(x, index) => Computed::plain(t.gather(Workspace::Values, self.slot(x), index)),
            Operation::KnownMatrixVector(matrix, x) => {
                let lanes = self.plan.graph.lanes(id);
                let mut sum = None;
                for j in 0..self.plan.graph.lanes(x) {
                    let (column, entry) = (t.known(matrix, j * lanes), t.entry(x, j));
                    let mut code = t.code();
                    sum = Some(match sum {
                        None => code.multiply(column, entry),
                        Some(sum) => code.multiply_add(column, entry, sum),
                    });
                }
                Computed::plain(sum.unwrap_or_else(|| t.code().real(0.0)))
            }
            // Nothing else is an operation of a map, see `plan::kind`.
            _ => Computed::plain(t.code().real(f64::NAN)),
        }
    }

    /// Adds to the adjoint of an operand.
    fn contribute<T: Turn<Real = R>>(&mut self, t: &mut T, x: NodeId, adjoint: R) {
        if self.plan.graph.is_known(x) {
            return;
        }
        if self.plan.graph.lanes(x) == 1 {
            t.add_total(Total::Adjoint(x), adjoint);
        } else if self.is_here(x) {
            let after = match self.adjoints.get(&x) {
                Some(before) => t.code().add(*before, adjoint),
                None => adjoint,
            };
            self.adjoints.insert(x, after);
        } else {
            let start = self.slot(x).start;
            match self.outside.iter_mut().find(|(of, _)| *of == start) {
                Some((_, sum)) => *sum = t.code().add(*sum, adjoint),
                None => self.outside.push((start, adjoint)),
            }
        }
    }

    /// The adjoint of an operation: what was added in this turn and, from other stages, in memory.
    fn adjoint<T: Turn<Real = R>>(&mut self, t: &mut T, id: NodeId) -> Option<R> {
        let here = self.adjoints.remove(&id);
        if !self.plan.is_used_elsewhere(id) {
            return here;
        }
        let there = t.load(Workspace::Adjoints, self.slot(id).start);
        Some(match here {
            Some(here) => t.code().add(here, there),
            None => there,
        })
    }

    fn reverse<T: Turn<Real = R>>(&mut self, t: &mut T, id: NodeId) {
        match self.plan.graph.node(id).operation.clone() {
            Operation::Sum(x) => {
                if let Some(adjoint) = t.sum_adjoint(id) {
                    self.contribute(t, x, adjoint);
                }
            }
            Operation::ScatterSum(x, index) => {
                let adjoint = t.gather(Workspace::Adjoints, self.slot(id), index);
                self.contribute(t, x, adjoint);
            }
            operation => {
                if let Some(adjoint) = self.adjoint(t, id) {
                    self.reverse_operation(t, id, &operation, adjoint);
                }
            }
        }
    }

    fn reverse_operation<T: Turn<Real = R>>(&mut self, t: &mut T, id: NodeId, operation: &Operation, adjoint: R) {
        match operation {
            Operation::Unary(unary, x) => self.reverse_unary(t, id, (*unary, *x), adjoint),
            Operation::Binary(binary, x, y) => self.reverse_binary(t, id, (*binary, *x, *y), adjoint),
            Operation::Select(mask, x, y) => {
                let mask = self.value(t, *mask);
                let zero = t.code().real(0.0);
                let first = operation::select(&mut t.code(), mask, adjoint, zero);
                let second = operation::select(&mut t.code(), mask, zero, adjoint);
                self.contribute(t, *x, first);
                self.contribute(t, *y, second);
            }
            Operation::Gather(x, _) if self.plan.graph.lanes(*x) == 1 => self.contribute(t, *x, adjoint),
            Operation::Gather(x, index) => t.scatter_add(Workspace::Adjoints, self.slot(*x), *index, adjoint),
            Operation::KnownMatrixVector(matrix, x) => {
                let lanes = self.plan.graph.lanes(id);
                for j in 0..self.plan.graph.lanes(*x) {
                    let column = t.known(*matrix, j * lanes);
                    let contribution = t.code().multiply(adjoint, column);
                    t.add_total(Total::Entry(*x, j), contribution);
                }
            }
            _ => {}
        }
    }

    fn reverse_unary<T: Turn<Real = R>>(&mut self, t: &mut T, id: NodeId, (unary, x): (Unary, NodeId), adjoint: R) {
        let contribution = if unary == Unary::Negate {
            t.code().negate(adjoint)
        } else {
            let at = self.value(t, x);
            let own = self.computed(t, id);
            let slope = match own.slopes {
                Some((slope, _)) => slope,
                None => operation::slope(&mut t.code(), unary, at, own.value),
            };
            t.code().multiply(adjoint, slope)
        };
        self.contribute(t, x, contribution);
    }

    fn reverse_binary<T: Turn<Real = R>>(
        &mut self,
        t: &mut T,
        id: NodeId,
        (binary, x, y): (Binary, NodeId, NodeId),
        adjoint: R,
    ) {
        match binary {
            Binary::Add => {
                self.contribute(t, x, adjoint);
                self.contribute(t, y, adjoint);
            }
            Binary::Subtract => {
                self.contribute(t, x, adjoint);
                if !self.plan.graph.is_known(y) {
                    let negated = t.code().negate(adjoint);
                    self.contribute(t, y, negated);
                }
            }
            Binary::Multiply => {
                for (x, factor) in [(x, y), (y, x)] {
                    if !self.plan.graph.is_known(x) {
                        let factor = self.value(t, factor);
                        let contribution = t.code().multiply(adjoint, factor);
                        self.contribute(t, x, contribution);
                    }
                }
            }
            _ => {
                let at = (self.value(t, x), self.value(t, y));
                let own = self.computed(t, id);
                let (first, second) = operation::binary_adjoints(&mut t.code(), binary, at, own, adjoint);
                self.contribute(t, x, first);
                self.contribute(t, y, second);
            }
        }
    }
}
