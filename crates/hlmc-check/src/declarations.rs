//! Declarations of variables: names, places, definitions.

use hlmc_builtins::{Level, Type};
use hlmc_syntax::Span;
use hlmc_syntax::ast::{Declaration, Declarator, Ident};

use crate::checker::Checker;
use crate::diagnostics::{assignments, declarations, names};
use crate::ir::{self, Block, Expression, Place, SizedType, Statement, StatementKind};
use crate::levels;
use crate::names::{is_reserved, is_unnormalised};
use crate::promotion::promote;
use crate::scope::{ReadOnly, Variable};
use crate::written_types;

impl<'p> Checker<'p> {
    /// Checks a declaration; each of its variables becomes a statement.
    pub(crate) fn declaration(&mut self, declaration: &'p Declaration, span: Span, out: &mut Vec<Statement>) {
        let ty = written_types::of_sized(&declaration.ty);
        let sized = self.sized_type(&declaration.ty);
        let is_transformed = self.context.is_in(Block::TransformedParameters);
        let is_parameter = is_transformed || self.context.is_in(Block::Parameters);
        if self.context.at_top && is_parameter && written_types::holds_int(&ty) {
            self.report(declarations::int_parameter(is_transformed, span));
        }
        for declarator in &declaration.declarators {
            self.declarator(declarator, &ty, sized.as_ref(), span, out);
        }
    }

    fn declarator(
        &mut self,
        declarator: &'p Declarator,
        ty: &Type,
        sized: Option<&SizedType>,
        span: Span,
        out: &mut Vec<Statement>,
    ) {
        let name = &declarator.name;
        let place = if self.context.at_top { self.new_variable(name, sized, span) } else { Some(self.new_local()) };
        let Some(place) = place else { return };
        let level = levels::shaped(&self.context.local_level(), ty);
        self.declare_variable(name, Some(ty.clone()), level, place, None);
        let value = declarator.value.as_ref().map(|value| {
            let (checked, reads) = self.recording_reads(|checker| checker.expression(value));
            if reads.contains(&place) {
                self.report(assignments::defined_by_itself(name));
            }
            self.definition(checked?, ty, name.span)
        });
        let (Some(sized), false) = (sized, matches!(value, Some(None))) else { return };
        let name = name.name.clone();
        let kind = StatementKind::Declare { place, name, ty: Box::new(sized.clone()), value: value.flatten() };
        out.push(Statement { kind, span });
    }

    fn definition(&mut self, value: Expression, ty: &Type, declared: Span) -> Option<Expression> {
        if value.ty.promotions_to(ty).is_none() {
            return self.refuse(assignments::wrong_type(ty, &value.ty, value.span, Some(declared)));
        }
        Some(promote(value, ty))
    }

    /// Makes a variable visible, unless its name is taken or reserved, which is reported.
    pub(crate) fn declare_variable(
        &mut self,
        name: &'p Ident,
        ty: Option<Type>,
        level: Level,
        place: Place,
        read_only: Option<ReadOnly>,
    ) {
        if is_reserved(&name.name) {
            self.report(names::reserved(name));
        } else if is_unnormalised(&name.name) {
            self.report(names::unnormalised_name(name));
        }
        let (block, is_global) = (self.context.block, self.context.at_top && read_only.is_none());
        let variable = Variable { ty, level, place, block, is_global, read_only, span: name.span };
        if let Err(earlier) = self.scope.declare(&name.name, variable) {
            self.report(names::already_declared(name, earlier));
        }
    }

    /// Adds a variable at the top of a block to the program. Without a type that is right, it gets a place for the rest
    /// of the check only: the program is refused anyway.
    fn new_variable(&mut self, name: &Ident, sized: Option<&SizedType>, span: Span) -> Option<Place> {
        let block = self.context.block?;
        let is_data = matches!(block, Block::Data | Block::TransformedData);
        let variables = if is_data { &mut self.program.data } else { &mut self.program.model_variables };
        let index = u32::try_from(variables.len()).ok()?;
        let place = if is_data { Place::Data(index) } else { Place::Model(index) };
        if let Some(sized) = sized {
            let name_text = name.name.clone();
            variables.push(ir::Variable {
                name: name_text,
                block,
                ty: sized.clone(),
                place,
                span,
                name_span: name.span,
            });
        }
        Some(place)
    }

    /// Does something, and tells which variables were read.
    pub(crate) fn recording_reads<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> (T, Vec<Place>) {
        let outer = self.reads.replace(Vec::new());
        let result = f(self);
        let reads = std::mem::replace(&mut self.reads, outer).unwrap_or_default();
        (result, reads)
    }
}
