//! What adds to the log density: `target +=`, `jacobian +=` and distribution statements.

use hlmc_builtins::Type;
use hlmc_syntax::Span;
use hlmc_syntax::ast::{self, Expr, Ident};

use crate::checker::Checker;
use crate::diagnostics::{calls, names, places, types};
use crate::functions::{Match, Mismatch};
use crate::higher_order::is_special;
use crate::ir::{Accumulator, Call, Expression, StatementKind, Truncation};
use crate::levels;
use crate::names::is_reserved;
use crate::promotion::{promote, promote_all};

/// The suffixes that a distribution's density may have.
const DENSITY_SUFFIXES: [&str; 2] = ["_lpmf", "_lpdf"];

impl<'p> Checker<'p> {
    /// `target += value`
    pub(super) fn target_plus(&mut self, value: &'p Expr, span: Span) -> Option<StatementKind> {
        let value = self.expression(value);
        if !self.context.allows_target_increment() {
            return self.refuse(places::target(span));
        }
        self.increment(Accumulator::Target, value?)
    }

    /// `jacobian += value`
    pub(super) fn jacobian_plus(&mut self, value: &'p Expr, span: Span) -> Option<StatementKind> {
        let value = self.expression(value);
        if !self.context.allows_jacobian() {
            return self.refuse(places::jacobian(span));
        }
        self.increment(Accumulator::Jacobian, value?)
    }

    fn increment(&mut self, accumulator: Accumulator, value: Expression) -> Option<StatementKind> {
        match value.ty.scalar() {
            Type::Int | Type::Real => Some(StatementKind::Increment(accumulator, value)),
            _ => self.refuse(types::increment(&value.ty, value.span)),
        }
    }

    /// `outcome ~ distribution(args) T[lower, upper]`
    pub(super) fn tilde(
        &mut self,
        outcome: &'p Expr,
        distribution: &'p Ident,
        args: &'p [Expr],
        truncation: Option<&'p ast::Truncation>,
        span: Span,
    ) -> Option<StatementKind> {
        let all: Vec<&Expr> = std::iter::once(outcome).chain(args).collect();
        if is_special(&format!("{}_lpmf", distribution.name)) {
            return self.unsupported_higher_order(distribution, &all, distribution.span);
        }
        let arguments = self.expressions(&all);
        let bounds = truncation.map(|truncation| self.bounds(truncation));
        self.check_distribution_name(distribution)?;
        if !self.context.allows_target_increment() {
            return self.refuse(places::target(span));
        }
        let (arguments, bounds) = (arguments?, bounds.map_or(Some((None, None)), |bounds| bounds)?);
        let (suffix, found) = self.density(distribution, &arguments, span)?;
        let arguments = promote_all(arguments, &found.parameters);
        let truncation = match (truncation, bounds) {
            (Some(_), (None, None)) | (None, _) => None,
            (Some(written), (lower, upper)) => {
                Some(Box::new(self.truncated(distribution, &arguments, lower, upper, written.span)?))
            }
        };
        let callee = self.callee(found.callable, &arguments);
        let name = format!("{}{suffix}", distribution.name);
        let density = Call { callee, arguments, function: None, propto: true, name };
        Some(StatementKind::Tilde { density, truncation })
    }

    fn check_distribution_name(&mut self, distribution: &Ident) -> Option<()> {
        let has = |suffixes: &[&str]| suffixes.iter().any(|suffix| distribution.name.ends_with(suffix));
        if is_reserved(&distribution.name) {
            return self.refuse(names::reserved(distribution));
        }
        if has(&["_lpdf", "_lpmf", "_lupdf", "_lupmf"]) {
            return self.refuse(names::distribution_with_suffix(distribution));
        }
        if has(&["_cdf", "_ccdf"]) {
            return self.refuse(names::cumulative_as_distribution(distribution));
        }
        Some(())
    }

    /// The density that takes the arguments, with its suffix.
    fn density(&mut self, distribution: &Ident, arguments: &[Expression], span: Span) -> Option<(&'static str, Match)> {
        let name = &distribution.name;
        let mut refusals = Vec::new();
        for suffix in DENSITY_SUFFIXES {
            match self.resolve(&format!("{name}{suffix}"), arguments) {
                Ok(found) => return Some((suffix, found)),
                Err(Mismatch::Unknown) => {}
                Err(why) => refusals.push(why),
            }
        }
        let types: Vec<Type> = arguments.iter().map(|argument| argument.ty.clone()).collect();
        let mut signatures = Vec::new();
        let mut not_yet = false;
        for refusal in refusals {
            match refusal {
                Mismatch::Ambiguous(signatures) => return self.refuse(calls::ambiguous(name, &signatures, span)),
                Mismatch::DataOnly(position) => {
                    let at = arguments.get(position).map_or(span, |argument| argument.span);
                    return self.refuse(calls::data_only(name, position, at));
                }
                Mismatch::WrongArguments(more) => signatures.extend(more),
                Mismatch::NotYetSupported | Mismatch::Unknown => not_yet = true,
            }
        }
        let diagnostic = if !signatures.is_empty() {
            calls::wrong_arguments(name, &types, &signatures, span)
        } else if not_yet {
            return self.refuse_unsupported(name, distribution.span);
        } else {
            names::unknown_distribution(distribution, self.nearest_distribution(name))
        };
        self.refuse(diagnostic)
    }

    fn bounds(&mut self, truncation: &'p ast::Truncation) -> Option<(Option<Expression>, Option<Expression>)> {
        let mut bound = |expr: &'p Option<Expr>| match expr {
            None => Some(None),
            Some(expr) => {
                let checked = self.expression(expr)?;
                match checked.ty {
                    Type::Int | Type::Real => Some(Some(checked)),
                    _ => self.refuse(types::number_needed("a truncation bound", &checked.ty, expr.span)),
                }
            }
        };
        let (lower, upper) = (bound(&truncation.lower), bound(&truncation.upper));
        Some((lower?, upper?))
    }

    /// A truncation with a bound at least. Both cumulative functions take a bound in the place of the outcome.
    fn truncated(
        &mut self,
        distribution: &Ident,
        arguments: &[Expression],
        lower: Option<Expression>,
        upper: Option<Expression>,
        span: Span,
    ) -> Option<Truncation> {
        let bounds: Vec<&Expression> = lower.iter().chain(&upper).collect();
        let is_int = bounds.iter().all(|bound| bound.ty == Type::Int);
        let ty = if is_int { Type::Int } else { Type::Real };
        let level = levels::joined(bounds.iter().copied(), &ty);
        let mut with_bound = arguments.to_vec();
        let outcome = with_bound.first_mut()?;
        (outcome.ty, outcome.level) = (ty.clone(), level);
        let mut cumulative = |suffix: &str| {
            let name = format!("{}{suffix}", distribution.name);
            match self.resolve(&name, &with_bound) {
                Ok(found) if found.result == Type::Real => {
                    let outcome = found.parameters.first().cloned();
                    Some((self.callee(found.callable, &with_bound), outcome))
                }
                Err(Mismatch::NotYetSupported) => self.refuse_unsupported(&name, span),
                _ => self.refuse(calls::no_cumulative(&distribution.name, &ty, span)),
            }
        };
        let (lcdf, outcome) = cumulative("_lcdf")?;
        let (lccdf, _) = cumulative("_lccdf")?;
        let promoted = |bound: Option<Expression>| match &outcome {
            Some(Type::Real) => bound.map(|bound| promote(bound, &Type::Real)),
            _ => bound,
        };
        Some(Truncation { lower: promoted(lower), upper: promoted(upper), lcdf, lccdf, span })
    }
}
