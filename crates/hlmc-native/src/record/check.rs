//! What a point must satisfy: domains of nodes, and the constraints of transformed parameters.

use std::fmt;

use hlmc_builtins::Fault;
use hlmc_builtins::table::Domain;
use hlmc_builtins::value::Dims;
use hlmc_check::ir::{Block, Expression, SizedBase, SizedType, Structure, Transform};

use super::Recorder;
use super::stop::{Recorded, unsupported};
use super::symbol::Symbol;
use crate::apply::Whole;
use crate::graph::{Binary, Check, NodeId};

impl Recorder<'_> {
    /// Transformed parameters keep the constraints of their declarations, or the point is rejected.
    pub(super) fn check_transformed_parameters(&mut self) -> Recorded<()> {
        let program = self.program;
        for variable in program.variables(Block::TransformedParameters) {
            let value = self.variable(variable.place)?.clone();
            let around = self.graph.origins.enter(variable.span);
            let checked = self.check_constraint(&variable.ty, &value);
            self.graph.origins.set(around);
            self.at(variable.span, checked)?;
        }
        Ok(())
    }

    fn check_constraint(&mut self, ty: &SizedType, value: &Symbol) -> Recorded<()> {
        if let SizedBase::Tuple(types) = &ty.base {
            let Symbol::Tuple(slots) = value else { return unsupported("arrays of tuples") };
            return types.iter().zip(slots.iter()).try_for_each(|(ty, slot)| self.check_constraint(ty, slot));
        }
        match &ty.transform {
            Transform::Identity | Transform::OffsetMultiplier(..) => Ok(()),
            Transform::Lower(lower) => self.check_bound(value, lower, true),
            Transform::Upper(upper) => self.check_bound(value, upper, false),
            Transform::LowerUpper(lower, upper) => {
                self.check_bound(value, lower, true)?;
                self.check_bound(value, upper, false)
            }
            structure => self.check_membership(structure, ty.array_sizes.len(), value),
        }
    }

    /// Every entry against the bound, which is one number or one for every entry.
    fn check_bound(&mut self, value: &Symbol, bound: &Expression, is_lower: bool) -> Recorded<()> {
        let bound = self.expression(bound)?;
        let operands = if is_lower { [value.clone(), bound] } else { [bound, value.clone()] };
        let inside = self.map(&operands, |recorder, x| Ok(recorder.graph.binary(Binary::Subtract, x[0], x[1])))?;
        let inside = self.pack(&inside)?;
        if self.graph.is_known(inside) {
            return self.require(inside, Domain::NonNegative);
        }
        // Ranges say nothing about lanes that are no numbers, and the density may do without the variable.
        self.graph.checks.push(Check { node: inside, domain: Domain::NonNegative, is_guard: false });
        Ok(())
    }

    /// Every vector or matrix of an array lies in the set.
    fn check_membership(&mut self, transform: &Transform, n_array_dims: usize, value: &Symbol) -> Recorded<()> {
        let (_, dims) = value.shape();
        let (array, element) = dims.split_at(n_array_dims.min(dims.len()));
        let membership = Membership::new(transform, array.iter().product(), element);
        let Some(membership) = membership else { return unsupported("a constraint of a value of another shape") };
        let column = self.pack(value)?;
        let kept = self.whole_of_one(membership, column, 1)?;
        if !self.graph.is_known(kept) {
            // The function faults where a constraint is broken; as a check it is computed though no result needs it.
            self.graph.checks.push(Check { node: kept, domain: Domain::NotNan, is_guard: false });
        }
        Ok(())
    }

    /// Every lane lies in the domain, or the point is rejected.
    pub(super) fn require(&mut self, node: NodeId, domain: Domain) -> Recorded<()> {
        if let Some(column) = self.graph.known_column(node) {
            return if column.iter().all(|x| domain.contains(*x)) {
                Ok(())
            } else {
                unsupported("known numbers outside of their domain")
            };
        }
        if self.graph.range(node).is_within(domain) {
            return Ok(());
        }
        // Inside of a branch only the lanes count that take it.
        let node = match (self.graph.mask, inside(domain)) {
            (Some(mask), Some(inside)) => {
                let inside = self.graph.constant(inside);
                self.graph.select(mask, node, inside)
            }
            _ => node,
        };
        self.graph.checks.push(Check { node, domain, is_guard: false });
        Ok(())
    }
}

/// 0 if each of several vectors or matrices, one after the other, keeps its constraint; a fault otherwise.
struct Membership {
    transform: Transform,
    n_elements: usize,
    element: Dims,
    constraint: Structure<f64>,
}

impl Membership {
    /// `None` for constraints of single numbers.
    fn new(transform: &Transform, n_elements: usize, element: &[usize]) -> Option<Self> {
        let constraint = transform.structure(element)?;
        Some(Membership { transform: transform.clone(), n_elements, element: Dims::from_slice(element), constraint })
    }
}

impl fmt::Debug for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Membership { transform, n_elements, element, .. } = self;
        f.debug_tuple("Membership").field(transform).field(n_elements).field(element).finish()
    }
}

impl Whole for Membership {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let size: usize = self.element.iter().product();
        for i in 0..self.n_elements {
            let values = inputs.get(i * size..(i + 1) * size).unwrap_or(&[]);
            self.constraint.check(values).map_err(|violation| Fault::rejection(violation.to_string()))?;
        }
        outputs.fill(0.0);
        Ok(())
    }

    fn reverse(&self, _: &[f64], _: &[f64], _: &mut [f64], _: &mut [f64]) -> Result<(), Fault> {
        Ok(())
    }
}

/// A number inside of a domain, if it is simple to name.
fn inside(domain: Domain) -> Option<f64> {
    match domain {
        Domain::Between(low, high) => (low.is_finite() && high.is_finite()).then_some(0.5 * (low + high)),
        Domain::Unchecked | Domain::NotNan | Domain::Finite => Some(0.0),
        Domain::Positive | Domain::PositiveFinite => Some(1.0),
        Domain::NonNegative | Domain::NonNegativeFinite | Domain::Probability => Some(0.5),
    }
}
