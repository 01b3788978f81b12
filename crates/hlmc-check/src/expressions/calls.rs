//! Calls: which function is meant, whether it may be called here, and in this form.

use hlmc_builtins::{Level, Type};
use hlmc_syntax::Span;
use hlmc_syntax::ast::{Expr, ExprKind, Ident};

use crate::checker::Checker;
use crate::diagnostics::{calls, names, places};
use crate::functions::{Callable, Match, Mismatch};
use crate::higher_order::takes_functions;
use crate::ir::{Call, Callee, Expression, ExpressionKind};
use crate::levels;
use crate::names::{Suffix, is_reserved, is_unnormalised, needs_bar, normalised};
use crate::promotion::promote_all;

/// A call that is right, as a statement or as a value.
#[derive(Clone, Debug)]
pub(crate) struct CheckedCall {
    /// The call.
    pub call: Call,
    /// What the function returns.
    pub result: Type,
    /// The level of what it returns.
    pub level: Level,
    /// Where the function is declared, if it is one of the program.
    pub declared: Option<Span>,
}

impl<'p> Checker<'p> {
    /// A call whose value is used.
    pub(super) fn call_value(
        &mut self,
        function: &'p Ident,
        args: &[&'p Expr],
        has_bar: bool,
        span: Span,
    ) -> Option<Expression> {
        let CheckedCall { call, result, level, declared } = self.call(function, args, has_bar, span)?;
        if result == Type::Void {
            return self.refuse(calls::no_value(function, declared, span));
        }
        Some(Expression { kind: ExpressionKind::Call(Box::new(call)), ty: result, level, span })
    }

    /// A call, whatever it returns.
    pub(crate) fn call(
        &mut self,
        function: &'p Ident,
        args: &[&'p Expr],
        has_bar: bool,
        span: Span,
    ) -> Option<CheckedCall> {
        let name = function.name.as_str();
        if is_reserved(name) {
            return self.refuse(names::reserved(function));
        }
        if !self.functions.has(&normalised(name)) {
            let shapes = self.higher_order_shapes(name);
            if !shapes.is_empty() {
                return self.higher_order_call(function, &shapes, args, span);
            }
            if takes_functions(name) {
                return self.unsupported_higher_order(function, args, span);
            }
        }
        if let Some(variable) = self.scope.find(name)
            && !hlmc_builtins::known_names::is_known_to_stan(name)
        {
            let diagnostic = names::variable_as_function(function, variable.span);
            return self.refuse(diagnostic);
        }
        // A density without parameters has nothing to put behind a bar.
        let is_lone_outcome = args.len() == 1 && needs_bar(name);
        let arguments = self.expressions(args)?;
        match self.resolve(name, &arguments) {
            Ok(found) => {
                self.check_form(function, has_bar || is_lone_outcome, span)?;
                Some(self.checked_call(name, found, arguments))
            }
            Err(Mismatch::NotYetSupported) => {
                self.check_form(function, has_bar || is_lone_outcome, span)?;
                self.refuse_unsupported(name, span)
            }
            Err(why) => {
                let diagnostic = self.mismatch(function, &arguments, why, span);
                self.refuse(diagnostic)
            }
        }
    }

    fn checked_call(&mut self, name: &str, found: Match, arguments: Vec<Expression>) -> CheckedCall {
        let arguments = promote_all(arguments, &found.parameters);
        let level = self.result_level(found.callable, &arguments, &found.result);
        let callee = self.callee(found.callable, &arguments);
        let declared = self.declared_at(found.callable);
        let call = Call { callee, arguments, function: None, propto: is_unnormalised(name), name: name.to_owned() };
        CheckedCall { call, result: found.result, level, declared }
    }

    /// The level of what a function returns for arguments that are promoted already.
    pub(crate) fn result_level(&self, callable: Callable, arguments: &[Expression], result: &Type) -> Level {
        let user = match callable {
            Callable::User(index) => self.functions.get(index),
            Callable::Builtin(_) => None,
        };
        let sees_target = user.is_some_and(|f| matches!(Suffix::of(&f.name.name), Suffix::TargetLp | Suffix::Jacobian));
        if sees_target { levels::shaped(&Level::Auto, result) } else { levels::computed(arguments, result) }
    }

    /// What is called: of the program's functions, the instance for the levels of the arguments.
    pub(crate) fn callee(&mut self, callable: Callable, arguments: &[Expression]) -> Callee {
        match callable {
            Callable::Builtin(id) => Callee::Builtin(id),
            Callable::User(index) => {
                let levels = arguments.iter().map(|argument| argument.level.clone()).collect();
                Callee::User(self.instances.request(index, levels))
            }
        }
    }

    /// The rules about bars and about the places where functions of some suffixes may be called.
    fn check_form(&mut self, function: &Ident, has_bar: bool, span: Span) -> Option<()> {
        let name = function.name.as_str();
        let context = &self.context;
        let misused = match Suffix::of(name) {
            _ if has_bar && !needs_bar(name) => Some(calls::bar_not_allowed(name, span)),
            _ if !has_bar && needs_bar(name) => Some(calls::bar_needed(name, span)),
            Suffix::TargetLp if !context.allows_target() => Some(places::target(span)),
            Suffix::Jacobian if !context.allows_jacobian() => Some(places::jacobian(span)),
            Suffix::Rng if context.in_block_size => Some(places::rng_in_size(name, span)),
            Suffix::Rng if !context.allows_rng() => Some(places::rng(name, span)),
            _ if is_unnormalised(name) && !context.allows_unnormalised() => Some(places::unnormalised(name, span)),
            _ => None,
        };
        match misused {
            Some(diagnostic) => self.refuse(diagnostic),
            None => Some(()),
        }
    }

    fn mismatch(
        &self,
        function: &Ident,
        arguments: &[Expression],
        why: Mismatch,
        span: Span,
    ) -> hlmc_syntax::Diagnostic {
        let name = function.name.as_str();
        match why {
            Mismatch::Unknown | Mismatch::NotYetSupported => {
                names::unknown_function(function, self.nearest_function(name))
            }
            Mismatch::WrongArguments(signatures) => {
                let types: Vec<Type> = arguments.iter().map(|argument| argument.ty.clone()).collect();
                calls::wrong_arguments(name, &types, &signatures, span)
            }
            Mismatch::Ambiguous(signatures) => calls::ambiguous(name, &signatures, span),
            Mismatch::DataOnly(position) => {
                calls::data_only(name, position, arguments.get(position).map_or(span, |argument| argument.span))
            }
        }
    }

    /// A function that takes functions and is not here yet: its other arguments are checked nevertheless.
    pub(crate) fn unsupported_higher_order<T>(
        &mut self,
        function: &'p Ident,
        args: &[&'p Expr],
        span: Span,
    ) -> Option<T> {
        for arg in args {
            let is_function = matches!(&arg.kind, ExprKind::Variable(name) if self.scope.find(&name.name).is_none() && self.is_function(&name.name));
            if !is_function {
                self.expression(arg)?;
            }
        }
        self.refuse_unsupported(&function.name, span)
    }
}
