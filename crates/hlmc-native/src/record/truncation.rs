//! Truncation of known outcomes at known bounds, or at bounds that cannot be checked against them now.

use hlmc_builtins::{Terms, Type};
use hlmc_check::ir::{Call, Callee, Expression, Truncation};

use super::Recorder;
use super::formula::Formula;
use super::stop::{Recorded, unsupported};
use super::symbol::Symbol;
use crate::graph::Binary;

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

    /// A bound that no outcome is beyond, as far as is known; `sign` is 1 for a lower bound and -1 for an upper one.
    fn bound_of(&mut self, bound: &Expression, outcomes: &Symbol, sign: f64) -> Recorded<Symbol> {
        let bound = self.expression(bound)?;
        let inside = self.elementwise(Binary::Subtract, outcomes, &bound)?;
        let inside = self.elementwise(Binary::Multiply, &inside, &Symbol::Real(sign))?;
        let column = if inside.is_scalar() { self.node(&inside)? } else { self.pack(&inside)? };
        match self.graph.known_column(column) {
            Some(column) if column.iter().all(|x| *x >= 0.0) => Ok(bound),
            _ => unsupported("a truncation that an outcome may lie outside of"),
        }
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
