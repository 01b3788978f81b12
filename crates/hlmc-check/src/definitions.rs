//! Definitions of functions: signatures first, so that bodies can call what is defined later; then the bodies.

use hlmc_builtins::signature::Signature;
use hlmc_builtins::{Level, Resolution, Row, Type};
use hlmc_syntax::ast::{self, FunctionDefinition};
use hlmc_syntax::{Diagnostic, Span};

use crate::checker::Checker;
use crate::context::{Context, FunctionContext};
use crate::diagnostics::{functions, names};
use crate::functions::UserFunction;
use crate::higher_order::is_special;
use crate::ir::{Body, Function};
use crate::levels;
use crate::names::{Suffix, is_reserved, is_unnormalised, needs_bar};
use crate::scope::{ReadOnly, Scope};
use crate::statements::Flow;
use crate::written_types;

impl<'p> Checker<'p> {
    /// Makes all functions known by their signatures.
    pub(crate) fn declare_functions(&mut self, definitions: &'p [FunctionDefinition]) {
        for definition in definitions {
            self.declare_function(definition);
        }
    }

    fn declare_function(&mut self, definition: &'p FunctionDefinition) {
        let parameter = |p: &ast::Parameter| (written_types::of_unsized(&p.ty), p.data_only);
        let parameters: Vec<(Type, bool)> = definition.parameters.iter().map(parameter).collect();
        let result = written_types::of_return(&definition.return_type);
        let name = &definition.name;
        let same = self.functions.named(&name.name).find(|(_, other)| other.has_types(&parameters));
        let same = same.map(|(index, other)| (index, other.clone()));
        let function = UserFunction { name, parameters, result, definition };
        if let Some((index, other)) = same {
            self.declare_again(index, &other, function);
        } else if self.is_free(&function) {
            self.functions.add(function);
        }
    }

    /// A definition may follow one declaration of just the same signature.
    fn declare_again(&mut self, index: usize, earlier: &UserFunction<'p>, function: UserFunction<'p>) {
        let (name, span, at) = (function.name, function.definition.span, earlier.name.span);
        let is_same = earlier.parameters == function.parameters && earlier.result == function.result;
        let is_declaration = earlier.definition.body.is_none();
        if is_same && is_declaration && function.definition.body.is_some() {
            if let Some(entry) = self.functions.get_mut(index) {
                *entry = function;
            }
        } else if is_same && is_declaration {
            self.report(functions::declared_twice(name, at, span));
        } else if earlier.result != function.result {
            let (here, there) = (&function.result, &earlier.result);
            self.report(functions::overload_by_result(name, here, there, Some(at), span));
        } else {
            self.report(functions::defined_twice(name, &function.signature(), at, span));
        }
    }

    /// False, with a message, for a signature that the library has.
    fn is_free(&mut self, function: &UserFunction<'p>) -> bool {
        let (name, span) = (function.name, function.definition.span);
        let types: Vec<Type> = function.parameters.iter().map(|(ty, _)| ty.clone()).collect();
        if is_special(&name.name) {
            self.report(functions::cannot_overload(name, span));
            return false;
        }
        if is_unnormalised(&name.name) {
            self.report(names::unnormalised_name(name));
            return false;
        }
        match self.resolve_builtin(&name.name, &types) {
            Ok(found) if !self.takes_exactly(&found, &types) => true,
            Ok(found) if found.fit.result != function.result => {
                let (here, there) = (&function.result, &found.fit.result);
                self.report(functions::overload_by_result(name, here, there, None, span));
                false
            }
            Ok(_) => {
                self.report(functions::redefines_library(name, &function.signature(), span));
                false
            }
            Err(_) => true,
        }
    }

    /// True when the library has a signature for just these types. Functions that go entry by entry have one for ints
    /// too, which the table makes by promotion.
    fn takes_exactly(&self, found: &Resolution, types: &[Type]) -> bool {
        let is_elementwise = matches!(
            self.library.row(found.function),
            Some(Row::Function(row)) if matches!(row.signature, Signature::Elementwise(_))
        );
        is_elementwise || found.fit.parameters == types
    }

    /// Checks all bodies once, for arguments that may depend on parameters unless they are marked as data.
    pub(crate) fn check_functions(&mut self, definitions: &'p [FunctionDefinition]) {
        let spoken_of = self.diagnostics.clone();
        for definition in definitions {
            self.check_definition(definition);
        }
        let missing: Vec<&ast::Ident> =
            self.functions.all().filter(|(_, f)| f.definition.body.is_none()).map(|(_, f)| f.name).collect();
        for name in missing {
            // A definition that does not match its declaration was reported, with the declaration beside it.
            if spoken_of.iter().any(|d| d.secondary.iter().any(|label| label.span == name.span)) {
                continue;
            }
            self.report(functions::without_definition(name));
        }
    }

    fn check_definition(&mut self, definition: &'p FunctionDefinition) {
        let parameters: Vec<Type> = definition.parameters.iter().map(|p| written_types::of_unsized(&p.ty)).collect();
        let result = written_types::of_return(&definition.return_type);
        self.check_signature(definition, &parameters, &result);
        let level = |(p, ty): (&ast::Parameter, &Type)| {
            if p.data_only { Level::Data } else { levels::shaped(&Level::Auto, ty) }
        };
        let argument_levels: Vec<Level> = definition.parameters.iter().zip(&parameters).map(level).collect();
        let n_before = self.diagnostics.len();
        let (_, flow) = self.body(definition, &parameters, &argument_levels, &result, Level::Auto);
        // Which paths return is clear only when the statements are.
        let is_clean = !self.diagnostics[n_before..].iter().any(Diagnostic::is_error);
        if is_clean && definition.body.is_some() && result != Type::Void && flow != Flow::Returns {
            self.report(functions::may_not_return(&definition.name, &result, definition.span));
        }
    }

    fn check_signature(&mut self, definition: &'p FunctionDefinition, parameters: &[Type], result: &Type) {
        let (name, span) = (&definition.name, definition.span);
        if is_reserved(&name.name) {
            self.report(names::reserved(name));
        }
        if needs_bar(&name.name) && *result != Type::Real {
            self.report(functions::density_result(result, span));
        }
        let outcome = parameters.first();
        let is_integral = outcome.is_some_and(Type::is_integral);
        match Suffix::of(&name.name) {
            Suffix::Density if outcome.is_none() || is_integral => {
                self.report(functions::density_outcome(true, outcome, span));
            }
            Suffix::Mass if !is_integral => self.report(functions::density_outcome(false, outcome, span)),
            _ => {}
        }
    }

    /// Checks a body for arguments of these levels.
    fn body(
        &mut self,
        definition: &'p FunctionDefinition,
        parameters: &[Type],
        argument_levels: &[Level],
        result: &Type,
        local_level: Level,
    ) -> (Body, Flow) {
        let suffix = Suffix::of(&definition.name.name);
        self.context = Context::of_function(FunctionContext { suffix, result: result.clone(), local_level });
        self.n_locals = 0;
        self.scoped(|checker| {
            for ((parameter, ty), level) in definition.parameters.iter().zip(parameters).zip(argument_levels) {
                let place = checker.new_local();
                let why = Some(ReadOnly::Argument);
                checker.declare_variable(&parameter.name, Some(ty.clone()), level.clone(), place, why);
            }
            let mut statements = Vec::new();
            let stmts = definition.body.as_ref().map_or(&[][..], |body| &body.stmts);
            let flow = checker.statements(stmts, &mut statements);
            (Body { statements, n_locals: checker.n_locals }, flow)
        })
    }

    /// Makes all instances that are called, those that are called by instances included.
    pub(crate) fn make_instances(&mut self) {
        let mut next = 0;
        // Bodies see no variables but their own.
        self.scope = Scope::default();
        while let Some((index, argument_levels)) = self.instances.get(next) {
            next += 1;
            let Some(function) = self.functions.get(index).cloned() else { continue };
            let types: Vec<Type> = function.parameters.iter().map(|(ty, _)| ty.clone()).collect();
            let sees_target = matches!(Suffix::of(&function.name.name), Suffix::TargetLp | Suffix::Jacobian);
            let is_data = !sees_target && argument_levels.iter().all(Level::is_data);
            let local_level = if is_data { Level::Data } else { Level::Auto };
            let (body, _) =
                self.body(function.definition, &types, &argument_levels, &function.result, local_level.clone());
            self.program.functions.push(Function {
                name: function.name.name.clone(),
                parameters: types.into_iter().zip(argument_levels).collect(),
                result_level: levels::shaped(&local_level, &function.result),
                result: function.result,
                body,
                span: signature_span(function.definition),
            });
        }
    }
}

fn signature_span(definition: &FunctionDefinition) -> Span {
    let last = definition.parameters.last().map_or(definition.name.span, |parameter| parameter.span);
    let start = definition.span.at_start();
    if start.file == last.file { start.to(last) } else { definition.name.span }
}
