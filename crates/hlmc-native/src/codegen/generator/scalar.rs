//! Straight code: operations of one lane, in registers.

use std::collections::HashMap;

use cranelift_codegen::ir::{InstBuilder, Value, types};

use super::super::machine::Width;
use super::super::operation::{self, Computed};
use super::super::plan::{Kind, kind};
use super::Generator;
use crate::graph::{Binary, NodeId, Operation, Unary};
use crate::kernel::Machine as _;

/// True for operations whose code is long enough that two of them side by side are worth the packing.
fn is_kernel(unary: Unary) -> bool {
    matches!(
        unary,
        Unary::Exp | Unary::Log | Unary::Log1p | Unary::Expm1 | Unary::Log1pExp | Unary::InvLogit | Unary::Tanh
    )
}

impl Generator<'_, '_> {
    /// Emits operations, kernels of independent operands two by two in the lanes of a register.
    pub(super) fn forward_scalars(&mut self, nodes: &[NodeId]) {
        let mut kernels: HashMap<(usize, Unary), NodeId> = HashMap::new();
        let depths = self.kernel_depths(nodes);
        let mut order: Vec<(usize, Option<Unary>, NodeId)> =
            nodes.iter().map(|id| (depths[id], self.kernel(*id), *id)).collect();
        // All that does not wait for further kernels comes before them.
        order.sort_by_key(|(depth, kernel, _)| (*depth, kernel.is_some()));
        let mut at_depth = 0;
        for (depth, kernel, id) in order {
            if depth > at_depth {
                self.without_partner(&mut kernels);
                at_depth = depth;
            }
            match kernel {
                None => self.forward_scalar(id),
                Some(unary) => match kernels.remove(&(depth, unary)) {
                    Some(partner) => self.forward_pair(unary, [partner, id]),
                    None => drop(kernels.insert((depth, unary), id)),
                },
            }
        }
        self.without_partner(&mut kernels);
    }

    /// Emits the kernels that are left over.
    fn without_partner(&mut self, kernels: &mut HashMap<(usize, Unary), NodeId>) {
        let mut rest: Vec<NodeId> = kernels.drain().map(|(_, id)| id).collect();
        rest.sort_unstable();
        rest.into_iter().for_each(|id| self.forward_scalar(id));
    }

    fn kernel(&self, id: NodeId) -> Option<Unary> {
        match self.plan.graph.node(id).operation {
            Operation::Unary(unary, _) if is_kernel(unary) => Some(unary),
            _ => None,
        }
    }

    /// How many kernels of the stage each operation waits for, one after the other.
    fn kernel_depths(&self, nodes: &[NodeId]) -> HashMap<NodeId, usize> {
        let mut depths = HashMap::with_capacity(nodes.len());
        for id in nodes {
            let mut depth = 0;
            self.plan.graph.node(*id).operation.for_each_operand(|x| {
                if let Some(before) = depths.get(&x) {
                    depth = depth.max(before + usize::from(self.kernel(x).is_some()));
                }
            });
            depths.insert(*id, depth);
        }
        depths
    }

    /// True where the reverse sweep is in the same function, and finds what the forward sweep had.
    fn keeps_slopes(&self) -> bool {
        !self.is_part
    }

    fn set_computed(&mut self, id: NodeId, computed: Computed<Value>) {
        self.set_scalar(id, computed.value);
        if let Some(slopes) = computed.slopes {
            self.slopes.insert(id, slopes);
        }
    }

    /// Two kernels in the lanes of a register.
    fn forward_pair(&mut self, unary: Unary, ids: [NodeId; 2]) {
        let [first, second] = ids.map(|id| match self.plan.graph.node(id).operation {
            Operation::Unary(_, x) => self.scalar(x),
            _ => self.scalar(id),
        });
        let low = self.builder.ins().scalar_to_vector(types::F64X2, first);
        let x = self.builder.ins().insertlane(low, second, 1);
        let with_slope = self.keeps_slopes();
        let both = operation::unary(&mut self.emitter(Width::Two), unary, x, with_slope);
        for (lane, id) in ids.into_iter().enumerate() {
            let mut part = |x: Value| self.builder.ins().extractlane(x, lane as u8);
            let slopes = both.slopes.map(|(slope, _)| part(slope)).map(|slope| (slope, slope));
            let value = part(both.value);
            self.set_computed(id, Computed { value, slopes });
        }
    }

    fn forward_scalar(&mut self, id: NodeId) {
        let with_slopes = self.keeps_slopes();
        let computed = match self.plan.graph.node(id).operation.clone() {
            Operation::Unary(unary, x) => {
                let x = self.scalar(x);
                operation::unary(&mut self.emitter(Width::One), unary, x, with_slopes)
            }
            Operation::Binary(binary, x, y) => {
                let operands = (self.scalar(x), self.scalar(y));
                operation::binary(&mut self.emitter(Width::One), binary, operands, with_slopes)
            }
            Operation::Select(mask, x, y) => {
                let [mask, x, y] = [mask, x, y].map(|id| self.scalar(id));
                Computed::plain(operation::select(&mut self.emitter(Width::One), mask, x, y))
            }
            // Coordinates and single lanes are read from memory; stretches are there already.
            _ => {
                if kind(&self.plan.graph, id) == Kind::Scalar {
                    self.scalar(id);
                }
                return;
            }
        };
        self.set_computed(id, computed);
    }

    pub(super) fn reverse_scalar(&mut self, id: NodeId) {
        match self.plan.graph.node(id).operation.clone() {
            Operation::Unary(unary, x) => {
                let Some(adjoint) = self.take_scalar_adjoint(id) else { return };
                let contribution = if unary == Unary::Negate {
                    self.emitter(Width::One).negate(adjoint)
                } else {
                    let slope = match self.slopes.get(&id) {
                        Some((slope, _)) => *slope,
                        None => {
                            let (x, y) = (self.scalar(x), self.scalar(id));
                            operation::slope(&mut self.emitter(Width::One), unary, x, y)
                        }
                    };
                    self.emitter(Width::One).multiply(adjoint, slope)
                };
                self.add_scalar_adjoint(x, contribution);
            }
            Operation::Binary(binary, x, y) => {
                let Some(adjoint) = self.take_scalar_adjoint(id) else { return };
                self.reverse_scalar_binary(id, (binary, x, y), adjoint);
            }
            Operation::Select(mask, x, y) => {
                let Some(adjoint) = self.take_scalar_adjoint(id) else { return };
                let mask = self.scalar(mask);
                let mut e = self.emitter(Width::One);
                let zero = e.real(0.0);
                let first = operation::select(&mut e, mask, adjoint, zero);
                let second = operation::select(&mut e, mask, zero, adjoint);
                self.add_scalar_adjoint(x, first);
                self.add_scalar_adjoint(y, second);
            }
            _ => {}
        }
    }

    fn reverse_scalar_binary(&mut self, id: NodeId, (binary, x, y): (Binary, NodeId, NodeId), adjoint: Value) {
        let (first, second) = match binary {
            Binary::Add => (adjoint, adjoint),
            Binary::Subtract => (adjoint, self.emitter(Width::One).negate(adjoint)),
            Binary::Multiply => {
                let (a, b) = (self.scalar(x), self.scalar(y));
                let mut e = self.emitter(Width::One);
                (e.multiply(adjoint, b), e.multiply(adjoint, a))
            }
            _ => {
                let at = (self.scalar(x), self.scalar(y));
                let own = Computed { value: self.scalar(id), slopes: self.slopes.get(&id).copied() };
                operation::binary_adjoints(&mut self.emitter(Width::One), binary, at, own, adjoint)
            }
        };
        self.add_scalar_adjoint(x, first);
        self.add_scalar_adjoint(y, second);
    }
}
