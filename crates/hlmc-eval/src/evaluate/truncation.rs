//! Truncation: `y ~ d(...) T[l, u]` (reference manual, "Truncated distributions").

use std::borrow::Cow;

use hlmc_builtins::{Terms, Value};
use hlmc_check::ir::{Call, Callee, Expression, Truncation};
use hlmc_math::Real;
use hlmc_math::special::log_diff_exp;

use super::{Machine, Operand};
use crate::failure::{Eval, Failure};
use crate::frame::Frame;

impl<A: Real> Machine<'_, A> {
    /// Adds to the target what the truncation of a density does: minus the logarithm of the mass that is left, or minus
    /// infinity when an outcome lies outside.
    pub(super) fn truncate(&self, frame: &Frame<'_, A>, density: &Call, truncation: &Truncation) -> Eval<()> {
        let Some((outcome, parameters)) = density.arguments.split_first() else {
            return Err(Failure::defect("a density has no outcome", truncation.span));
        };
        let outcomes = self.value(frame, outcome)?;
        let bound = |e: &Option<Expression>| -> Eval<Option<A>> { e.as_ref().map(|e| self.real(frame, e)).transpose() };
        let (lower, upper) = (bound(&truncation.lower)?, bound(&truncation.upper)?);
        let n = if outcomes.is_scalar() { 1 } else { outcomes.n_entries() };
        let entries = (0..n).filter_map(|i| outcomes.real_at(i)).map(|y| y.value());
        let below = lower.is_some_and(|lower| entries.clone().any(|y| y < lower.value()));
        let above = upper.is_some_and(|upper| entries.clone().any(|y| y > upper.value()));
        if below || above {
            self.add_to_target(A::constant(f64::NEG_INFINITY));
            return Ok(());
        }
        let is_discrete = outcome.ty.is_integral();
        let parameters: Vec<Operand<'_, A>> =
            parameters.iter().map(|parameter| self.value(frame, parameter)).collect::<Eval<_>>()?;
        let at = |bound: A, callee: Callee| {
            let bound = if is_discrete { Value::Int(bound.value() as i64) } else { Value::Real(bound) };
            self.cumulative(callee, bound, &parameters, density, truncation)
        };
        // Of integers, those equal to the lower bound are inside: the mass below ends one before it.
        let before = |lower: A| if is_discrete { lower - 1.0 } else { lower };
        let log_mass = match (lower, upper) {
            (Some(lower), None) => at(before(lower), truncation.lccdf)?,
            (None, Some(upper)) => at(upper, truncation.lcdf)?,
            (Some(lower), Some(upper)) => {
                let (up_to_upper, up_to_lower) = (at(upper, truncation.lcdf)?, at(before(lower), truncation.lcdf)?);
                log_diff_exp(up_to_upper, up_to_lower)
            }
            (None, None) => return Ok(()),
        };
        // With scalar parameters the mass is that of one outcome.
        let n_terms = if parameters.iter().all(|parameter| parameter.is_scalar()) { n } else { 1 };
        self.add_to_target(-(log_mass * n_terms as f64));
        Ok(())
    }

    fn cumulative(
        &self,
        callee: Callee,
        bound: Value<A>,
        parameters: &[Operand<'_, A>],
        density: &Call,
        truncation: &Truncation,
    ) -> Eval<A> {
        let value = match callee {
            Callee::Builtin(id) => {
                let arguments: Vec<&Value<A>> =
                    std::iter::once(&bound).chain(parameters.iter().map(|parameter| &**parameter)).collect();
                self.call_table(id, &arguments, Terms::ALL, None)
                    .map_err(|fault| Failure::of_call(&density.name, fault, truncation.span))?
            }
            Callee::User(function) => {
                let parameters = parameters.iter().map(|parameter| Cow::Borrowed(&**parameter));
                let arguments = std::iter::once(Cow::Owned(bound)).chain(parameters).collect();
                let returned = self.call_user(function, arguments, false, truncation.span)?;
                returned.ok_or_else(|| Failure::defect("a cumulative function returns nothing", truncation.span))?
            }
        };
        value.to_real().ok_or_else(|| Failure::defect("a cumulative function returns no number", truncation.span))
    }
}
