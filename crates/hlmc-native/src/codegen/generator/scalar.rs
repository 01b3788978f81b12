//! Straight code: operations of one lane, in registers.

use cranelift_codegen::ir::{InstBuilder, Value, types};

use super::super::machine::Width;
use super::super::operation::{self, Computed};
use super::super::plan::{Kind, kind};
use super::super::side_by_side::{Batch, two_by_two};
use super::super::turn::Workspace;
use super::Generator;
use crate::graph::{Binary, NodeId, Operation, Unary};
use crate::kernel::Machine as _;

/// True for operations whose code is long enough that two of them side by side are worth the packing.
pub(in crate::codegen) fn is_kernel(unary: Unary) -> bool {
    matches!(
        unary,
        Unary::Exp | Unary::Log | Unary::Log1p | Unary::Expm1 | Unary::Log1pExp | Unary::InvLogit | Unary::Tanh
    )
}

impl Generator<'_, '_> {
    /// Emits operations, kernels of independent operands two by two in the lanes of a register.
    pub(super) fn forward_scalars(&mut self, nodes: &[NodeId]) {
        let graph = &self.plan.graph;
        let operands = |id: NodeId, f: &mut dyn FnMut(NodeId)| {
            graph.node(id).operation.for_each_operand(&mut *f);
            self.exponential_for(id).into_iter().for_each(f);
        };
        for batch in two_by_two(nodes, operands, |id| self.kernel(id)) {
            match batch {
                Batch::One(id) => self.forward_scalar(id),
                Batch::Two(first, second) => self.forward_pair([first, second]),
            }
        }
    }

    /// What is computed together: the same kernel, with an exponential from elsewhere or without.
    fn kernel(&self, id: NodeId) -> Option<(Unary, bool)> {
        match self.plan.graph.node(id).operation {
            Operation::Unary(unary, _) if is_kernel(unary) => Some((unary, self.exponential_for(id).is_some())),
            _ => None,
        }
    }

    /// For `log(1 + exp(x))`, the exponential of `x` or `-x` if the program has one too.
    fn exponential_for(&self, id: NodeId) -> Option<NodeId> {
        let Operation::Unary(Unary::Log1pExp, x) = self.plan.graph.node(id).operation else { return None };
        let users = |x: NodeId| self.plan.users.get(x.index()).map_or(&[][..], Vec::as_slice);
        let of = |unary: Unary, x: NodeId| {
            let is_it = move |id: &NodeId| self.plan.graph.node(*id).operation == Operation::Unary(unary, x);
            users(x).iter().copied().find(is_it)
        };
        let negated = match self.plan.graph.node(x).operation {
            Operation::Unary(Unary::Negate, inner) => Some(inner),
            _ => of(Unary::Negate, x),
        };
        of(Unary::Exp, x).or_else(|| of(Unary::Exp, negated?))
    }

    /// That exponential, where it has been computed and a slope is wanted along with the value.
    fn exponential_at_hand(&self, id: NodeId) -> Option<Value> {
        let exponential = self.exponential_for(id)?;
        self.scalars.get(&exponential).copied().filter(|_| self.keeps_slopes())
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

    /// The same kernel twice, in the lanes of a register.
    fn forward_pair(&mut self, ids: [NodeId; 2]) {
        let operands = ids.map(|id| match self.plan.graph.node(id).operation {
            Operation::Unary(unary, x) => Some((unary, self.scalar(x))),
            _ => None,
        });
        let [Some((unary, first)), Some((_, second))] = operands else { return };
        let computed = match ids.map(|id| self.exponential_at_hand(id)) {
            [Some(a), Some(b)] => {
                let (x, exponentials) = (self.packed([first, second]), self.packed([a, b]));
                let both = operation::softplus_by_exponential(&mut self.emitter(Width::Two), x, exponentials);
                self.unpacked(both)
            }
            _ => self.unary_twice(unary, [first, second], self.keeps_slopes()),
        };
        ids.into_iter().zip(computed).for_each(|(id, computed)| self.set_computed(id, computed));
    }

    /// A kernel at two operands.
    pub(in crate::codegen) fn unary_twice(
        &mut self,
        unary: Unary,
        operands: [Value; 2],
        with_slope: bool,
    ) -> [Computed<Value>; 2] {
        let x = self.packed(operands);
        let both = operation::unary(&mut self.emitter(Width::Two), unary, x, with_slope);
        self.unpacked(both)
    }

    /// Two numbers in the lanes of a register: the one that they come from, if they do.
    fn packed(&mut self, [first, second]: [Value; 2]) -> Value {
        if let Some(both) = self.packs.get(&[first, second]) {
            return *both;
        }
        let low = self.builder.ins().scalar_to_vector(types::F64X2, first);
        self.builder.ins().insertlane(low, second, 1)
    }

    /// The numbers of both lanes.
    fn unpacked(&mut self, both: Computed<Value>) -> [Computed<Value>; 2] {
        let mut parts = |x: Value| [0, 1].map(|lane| self.builder.ins().extractlane(x, lane));
        let values = parts(both.value);
        let slopes = both.slopes.map(|(slope, _)| parts(slope));
        self.packs.insert(values, both.value);
        [0, 1].map(|lane| Computed { value: values[lane], slopes: slopes.map(|slopes| (slopes[lane], slopes[lane])) })
    }

    fn forward_scalar(&mut self, id: NodeId) {
        let with_slopes = self.keeps_slopes();
        let computed = match self.plan.graph.node(id).operation.clone() {
            Operation::Unary(unary, x) => {
                let x = self.scalar(x);
                match self.exponential_at_hand(id) {
                    Some(exponential) => {
                        operation::softplus_by_exponential(&mut self.emitter(Width::One), x, exponential)
                    }
                    None => operation::unary(&mut self.emitter(Width::One), unary, x, with_slopes),
                }
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
            // All that depends on the coordinate is behind.
            Operation::Position(_) => {
                if let Some(adjoint) = self.scalar_adjoints.remove(&id) {
                    self.add_to_lane(Workspace::Adjoints, self.slot(id).start, adjoint);
                }
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
