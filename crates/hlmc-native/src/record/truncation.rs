//! Truncation. Where an outcome may lie outside of the bounds a check says so, and forward mode runs the point.

use hlmc_builtins::table::Domain;
use hlmc_builtins::{Terms, Type};
use hlmc_check::ir::{Call, Callee, Expression, Truncation};

use super::Recorder;
use super::formula::Formula;
use super::stop::{Recorded, unsupported};
use super::symbol::Symbol;
use crate::graph::{Binary, NodeId};

impl Recorder<'_> {
    /// Adds minus the logarithm of the mass that a truncation leaves (reference manual, "Truncated distributions").
    pub(super) fn truncate(&mut self, density: &Call, truncation: &Truncation) -> Recorded<()> {
        let Some((outcome, parameters)) = density.arguments.split_first() else {
            return unsupported("a density without an outcome");
        };
        let is_discrete = outcome.ty.is_integral();
        let outcomes = self.expression(outcome)?;
        let lower = truncation.lower.as_ref().map(|e| self.bound_of(e, &outcomes, 1.0)).transpose()?;
        let upper = truncation.upper.as_ref().map(|e| self.bound_of(e, &outcomes, -1.0)).transpose()?;
        let parameters = parameters.iter().map(|e| self.expression(e)).collect::<Recorded<Vec<_>>>()?;
        // Of integers, those equal to the lower bound are inside: the mass below ends one before it.
        let before = |lower: Symbol| match lower {
            Symbol::Int(i) if is_discrete => Symbol::Int(i - 1),
            Symbol::LaneInt(lanes) if is_discrete => Symbol::LaneInt(lanes.iter().map(|i| i - 1).collect()),
            other => other,
        };
        let log_mass = match (lower.map(before), upper) {
            (Some(lower), None) => self.cumulative(truncation.lccdf, lower, &parameters)?,
            (None, Some(upper)) => self.cumulative(truncation.lcdf, upper, &parameters)?,
            (Some(lower), Some(upper)) => {
                let up_to_upper = self.cumulative(truncation.lcdf, upper, &parameters)?;
                let up_to_lower = self.cumulative(truncation.lcdf, lower, &parameters)?;
                self.log_difference(&up_to_upper, &up_to_lower)?
            }
            (None, None) => return Ok(()),
        };
        // With scalar parameters the mass is that of one outcome.
        let n: usize = if parameters.iter().all(Symbol::is_scalar) { outcomes.shape().1.iter().product() } else { 1 };
        let counted = self.elementwise(Binary::Multiply, &log_mass, &Symbol::Real(-(n as f64)))?;
        self.increment(&counted)
    }

    /// A bound that no outcome is beyond; `sign` is 1 for a lower bound and -1 for an upper one.
    fn bound_of(&mut self, bound: &Expression, outcomes: &Symbol, sign: f64) -> Recorded<Symbol> {
        let bound = self.expression(bound)?;
        let inside = self.elementwise(Binary::Subtract, outcomes, &bound)?;
        let inside = self.elementwise(Binary::Multiply, &inside, &Symbol::Real(sign))?;
        for entry in self.columns_of(&inside)? {
            self.require(entry, Domain::NonNegative)?;
        }
        Ok(bound)
    }

    /// All entries, as one column if they are the same in all lanes.
    fn columns_of(&mut self, symbol: &Symbol) -> Recorded<Vec<NodeId>> {
        if self.is_uniform(symbol) {
            return Ok(vec![self.pack(symbol)?]);
        }
        let each = self.each(symbol)?;
        each.iter().map(|entry| self.node(entry)).collect()
    }

    fn cumulative(&mut self, callee: Callee, bound: Symbol, parameters: &[Symbol]) -> Recorded<Symbol> {
        let arguments: Vec<Symbol> = std::iter::once(bound).chain(parameters.iter().cloned()).collect();
        match callee {
            Callee::Builtin(function) => self.builtin(function, &arguments, Terms::ALL, &Type::Real),
            Callee::User(function) => self.user(function, arguments, false),
        }
    }

    /// `log(exp(x) - exp(y))` for `x > y`.
    fn log_difference(&mut self, x: &Symbol, y: &Symbol) -> Recorded<Symbol> {
        if *y == Symbol::Real(f64::NEG_INFINITY) {
            return Ok(x.clone());
        }
        let (x, y) = (self.node(x)?, self.node(y)?);
        let result = Formula { recorder: self }.log_diff_exp(x, y);
        Ok(self.scalar(result))
    }
}
