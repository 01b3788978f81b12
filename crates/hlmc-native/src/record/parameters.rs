//! Parameters: from coordinates of the unconstrained space to constrained values, with the log Jacobians.
//!
//! Bounds and offsets are here, constraints of whole vectors and matrices in `record/constraint`.

use hlmc_builtins::table::Domain;
use hlmc_builtins::value::{Dims, Kind};
use hlmc_check::ir::{Block, Expression, SizedBase, SizedType, Transform};

use super::Recorder;
use super::stop::{Recorded, unsupported};
use super::symbol::Symbol;
use crate::graph::{Binary, NodeId, Unary};

/// The constraints of arrays of at most so many vectors or matrices are recorded one by one.
const MAX_ONE_BY_ONE: usize = 3;

/// Sizes of a parameter, evaluated.
struct Shape {
    kind: Kind,
    dims: Dims,
    /// The number of elements of the array; 1 for what is no array.
    n_elements: usize,
    /// Sizes of one element.
    element: Dims,
}

impl Recorder<'_> {
    /// Declares all parameters; gives the number of unconstrained coordinates.
    pub(super) fn declare_parameters(&mut self) -> Recorded<usize> {
        let program = self.program;
        let mut offset = 0;
        for variable in program.variables(Block::Parameters) {
            let around = self.graph.origins.enter(variable.span);
            let value = self.parameter(&variable.ty, &mut offset);
            self.graph.origins.set(around);
            let value = self.at(variable.span, value)?;
            *self.variable_mut(variable.place)? = value;
        }
        Ok(offset)
    }

    fn parameter(&mut self, ty: &SizedType, offset: &mut usize) -> Recorded<Symbol> {
        let shape = self.shape_of(ty)?;
        match &ty.transform {
            Transform::Identity => {
                let u = self.coordinates(offset, shape.dims.iter().product());
                Ok(self.shaped(&shape, u))
            }
            Transform::Lower(lower) => {
                let u = self.coordinates(offset, shape.dims.iter().product());
                let lower = self.bound(lower, &shape)?;
                let x = self.lower_bound(u, lower);
                Ok(self.shaped(&shape, x))
            }
            Transform::Upper(upper) => {
                let u = self.coordinates(offset, shape.dims.iter().product());
                let upper = self.bound(upper, &shape)?;
                let x = self.upper_bound(u, upper);
                Ok(self.shaped(&shape, x))
            }
            Transform::LowerUpper(lower, upper) => {
                let u = self.coordinates(offset, shape.dims.iter().product());
                let (lower, upper) = (self.bound(lower, &shape)?, self.bound(upper, &shape)?);
                let x = self.both_bounds(u, lower, upper)?;
                Ok(self.shaped(&shape, x))
            }
            Transform::OffsetMultiplier(location, scale) => {
                let mut x = self.coordinates(offset, shape.dims.iter().product());
                if let Some(scale) = scale {
                    let scale = self.bound(scale, &shape)?;
                    self.require(scale, Domain::Positive)?;
                    let log_scale = self.graph.unary(Unary::Log, scale);
                    let lanes = self.graph.lanes(x);
                    let jacobian = self.graph.sum_over(log_scale, lanes);
                    self.add_term(jacobian);
                    x = self.graph.binary(Binary::Multiply, scale, x);
                }
                if let Some(location) = location {
                    let location = self.bound(location, &shape)?;
                    x = self.graph.binary(Binary::Add, location, x);
                }
                Ok(self.shaped(&shape, x))
            }
            transform => self.whole_constraint(transform, &shape, offset),
        }
    }

    fn coordinates(&mut self, offset: &mut usize, n: usize) -> NodeId {
        let node = if n == 0 { self.graph.known(&[]) } else { self.graph.position(*offset, n) };
        *offset += n;
        node
    }

    fn shaped(&self, shape: &Shape, node: NodeId) -> Symbol {
        if shape.dims.is_empty() { self.scalar(node) } else { self.packed(shape.kind, shape.dims.clone(), node) }
    }

    fn shape_of(&mut self, ty: &SizedType) -> Recorded<Shape> {
        let mut dims = Dims::new();
        for size in &ty.array_sizes {
            dims.push(self.size(size)?);
        }
        let n_elements = dims.iter().product();
        let mut element = Dims::new();
        let kind = match &ty.base {
            SizedBase::Real => Kind::Scalar,
            SizedBase::Vector(n) => {
                element.push(self.size(n)?);
                Kind::Vector
            }
            SizedBase::RowVector(n) => {
                element.push(self.size(n)?);
                Kind::RowVector
            }
            SizedBase::Matrix(rows, cols) => {
                element.push(self.size(rows)?);
                element.push(self.size(cols)?);
                Kind::Matrix
            }
            _ => return unsupported("parameters that are complex numbers or tuples"),
        };
        dims.extend(element.iter().copied());
        Ok(Shape { kind, dims, n_elements, element })
    }

    /// A bound: one for all entries, or one an entry.
    fn bound(&mut self, bound: &Expression, shape: &Shape) -> Recorded<NodeId> {
        let value = self.expression(bound)?;
        let node = self.pack(&value)?;
        let n: usize = shape.dims.iter().product();
        if self.graph.lanes(node) == 1 || self.graph.lanes(node) == n {
            return Ok(node);
        }
        unsupported("a bound of another size")
    }

    /// True when a known bound says nothing.
    fn is_infinite(&self, bound: NodeId, infinity: f64) -> bool {
        self.graph.constant_value(bound) == Some(infinity)
    }

    fn has_infinite(&self, bound: NodeId) -> bool {
        self.graph.known_column(bound).is_some_and(|column| column.iter().any(|x| x.is_infinite()))
    }

    /// `exp(u) + lower`
    fn lower_bound(&mut self, u: NodeId, lower: NodeId) -> NodeId {
        if self.is_infinite(lower, f64::NEG_INFINITY) {
            return u;
        }
        let jacobian = self.graph.sum(u);
        self.add_term(jacobian);
        let exp = self.graph.unary(Unary::Exp, u);
        self.graph.binary(Binary::Add, lower, exp)
    }

    /// `upper - exp(u)`
    fn upper_bound(&mut self, u: NodeId, upper: NodeId) -> NodeId {
        if self.is_infinite(upper, f64::INFINITY) {
            return u;
        }
        let jacobian = self.graph.sum(u);
        self.add_term(jacobian);
        let exp = self.graph.unary(Unary::Exp, u);
        self.graph.binary(Binary::Subtract, upper, exp)
    }

    /// `lower + (upper - lower) inv_logit(u)`
    fn both_bounds(&mut self, u: NodeId, lower: NodeId, upper: NodeId) -> Recorded<NodeId> {
        if self.is_infinite(lower, f64::NEG_INFINITY) {
            return Ok(self.upper_bound(u, upper));
        }
        if self.is_infinite(upper, f64::INFINITY) {
            return Ok(self.lower_bound(u, lower));
        }
        if self.has_infinite(lower) || self.has_infinite(upper) {
            return unsupported("bounds of which some are infinite");
        }
        let width = self.graph.binary(Binary::Subtract, upper, lower);
        self.require(width, Domain::Positive)?;
        // log(width) + log inv_logit(u) + log inv_logit(-u), of which the last two are -(softplus(u) + softplus(-u)).
        let log_width = self.graph.unary(Unary::Log, width);
        let negated = self.graph.unary(Unary::Negate, u);
        let (up, down) = (self.graph.unary(Unary::Log1pExp, u), self.graph.unary(Unary::Log1pExp, negated));
        let both = self.graph.binary(Binary::Add, up, down);
        let terms = self.graph.binary(Binary::Subtract, log_width, both);
        let jacobian = self.graph.sum(terms);
        self.add_term(jacobian);
        let unit = self.graph.unary(Unary::InvLogit, u);
        let scaled = self.graph.binary(Binary::Multiply, width, unit);
        Ok(self.graph.binary(Binary::Add, lower, scaled))
    }

    /// A constraint of a whole vector or matrix, for all elements of the array.
    fn whole_constraint(&mut self, transform: &Transform, shape: &Shape, offset: &mut usize) -> Recorded<Symbol> {
        let size = shape.element.first().copied().unwrap_or(0);
        let (rows, cols) = (size, shape.element.get(1).copied().unwrap_or(0));
        let n_lower = |rows: usize, cols: usize| (0..rows).map(|i| (i + 1).min(cols)).sum::<usize>();
        let less = |n: usize| n.saturating_sub(1);
        let n_inputs = match transform {
            Transform::Ordered | Transform::PositiveOrdered | Transform::UnitVector => size,
            Transform::Simplex | Transform::SumToZeroVector => less(size),
            Transform::SumToZeroMatrix => less(rows) * less(cols),
            Transform::CholeskyFactorCorr | Transform::CorrMatrix => size * less(size) / 2,
            Transform::CholeskyFactorCov => n_lower(rows, cols),
            Transform::CovMatrix => n_lower(size, size),
            Transform::RowStochasticMatrix => rows * less(cols),
            Transform::ColumnStochasticMatrix => less(rows) * cols,
            _ => return unsupported("a constraint that has no transform"),
        };
        let u = self.coordinates(offset, n_inputs * shape.n_elements);
        if let Some(all) = self.by_entry(transform, u, (shape.n_elements, size))? {
            return Ok(self.shaped(shape, all));
        }
        let of_one = |recorder: &mut Self, u: NodeId| match transform {
            Transform::Ordered => recorder.ordered(u, false),
            Transform::PositiveOrdered => recorder.ordered(u, true),
            Transform::Simplex => recorder.simplex(u, size),
            Transform::UnitVector => recorder.unit_vector(u),
            Transform::SumToZeroVector => recorder.sum_to_zero(u, size),
            Transform::SumToZeroMatrix => recorder.sum_to_zero_matrix(u, rows, cols),
            Transform::CholeskyFactorCorr => recorder.cholesky_factor_corr(u, size),
            Transform::CorrMatrix => recorder.corr_matrix(u, size),
            Transform::CholeskyFactorCov => recorder.cholesky_factor_cov(u, rows, cols),
            Transform::CovMatrix => recorder.cov_matrix(u, size),
            Transform::RowStochasticMatrix => recorder.row_stochastic(u, rows, cols),
            _ => recorder.column_stochastic(u, rows, cols),
        };
        let all = if shape.n_elements > MAX_ONE_BY_ONE {
            self.for_each_value(u, shape.n_elements, of_one)?
        } else {
            self.each_part(u, (shape.n_elements, n_inputs), of_one)?
        };
        Ok(self.shaped(shape, all))
    }
}
