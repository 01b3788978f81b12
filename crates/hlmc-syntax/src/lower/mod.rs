//! From the pairs of the grammar to the AST.
//!
//! What the grammar takes more of than the language has is refused here: assignments to what is no place, slots that
//! are no number, arrays with sizes on both sides. Every function returns none where the pairs are not as the grammar
//! says they are, which would be a bug of this crate.

mod expressions;
mod statements;
mod types;

pub(crate) use expressions::slot;

use std::cell::RefCell;

use pest::iterators::{Pair, Pairs};

use crate::ast::{Block, FunctionBlock, FunctionDefinition, Ident, Parameter, Program};
use crate::diagnostic::Diagnostic;
use crate::expand::Expanded;
use crate::grammar::Rule;
use crate::span::Span;

/// What the functions of this module share.
pub(crate) struct Lower<'a> {
    expanded: &'a Expanded,
    /// Offset in the expanded text, and what is wrong there.
    problems: RefCell<Vec<(usize, Diagnostic)>>,
}

impl<'a> Lower<'a> {
    pub(crate) fn new(expanded: &'a Expanded) -> Lower<'a> {
        Lower { expanded, problems: RefCell::new(Vec::new()) }
    }

    /// What was refused, each with its offset in the expanded text.
    pub(crate) fn into_problems(self) -> Vec<(usize, Diagnostic)> {
        self.problems.into_inner()
    }

    /// Lowers `program` and `functions_file`.
    pub(crate) fn program(&self, mut pairs: Pairs<'a, Rule>) -> Option<Program> {
        let root = pairs.next()?;
        let mut program = Program {
            functions: None,
            data: None,
            transformed_data: None,
            parameters: None,
            transformed_parameters: None,
            model: None,
            generated_quantities: None,
            span: self.whole_file(),
        };
        if root.as_rule() == Rule::functions_file {
            let span = self.whole_file();
            program.functions = Some(FunctionBlock { definitions: self.definitions(root)?, span });
            return Some(program);
        }
        for pair in root.into_inner() {
            let span = self.span(&pair);
            match pair.as_rule() {
                Rule::functions_block => {
                    program.functions = Some(FunctionBlock { definitions: self.definitions(pair)?, span });
                }
                Rule::data_block => program.data = Some(self.block(pair)?),
                Rule::transformed_data_block => program.transformed_data = Some(self.block(pair)?),
                Rule::parameters_block => program.parameters = Some(self.block(pair)?),
                Rule::transformed_parameters_block => program.transformed_parameters = Some(self.block(pair)?),
                Rule::model_block => program.model = Some(self.block(pair)?),
                Rule::generated_quantities_block => program.generated_quantities = Some(self.block(pair)?),
                _ => {}
            }
        }
        Some(program)
    }

    fn whole_file(&self) -> Span {
        let end = self.expanded.text.len();
        self.expanded.span(0, 0).to(self.expanded.span(end, end))
    }

    fn definitions(&self, pair: Pair<'a, Rule>) -> Option<Vec<FunctionDefinition>> {
        let definitions = pair.into_inner().filter(|child| child.as_rule() == Rule::function_definition);
        definitions.map(|definition| self.function_definition(definition)).collect()
    }

    fn function_definition(&self, pair: Pair<'a, Rule>) -> Option<FunctionDefinition> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner();
        let return_type = self.return_type(inner.next()?)?;
        let name = self.ident(inner.next()?);
        let (mut parameters, mut body) = (Vec::new(), None);
        for child in inner {
            match child.as_rule() {
                Rule::parameters => {
                    let children = child.into_inner().filter(|child| child.as_rule() == Rule::parameter);
                    parameters = children.map(|child| self.parameter(child)).collect::<Option<_>>()?;
                }
                Rule::block => body = Some(self.block(child)?),
                _ => {}
            }
        }
        Some(FunctionDefinition { return_type, name, parameters, body, span })
    }

    fn parameter(&self, pair: Pair<'a, Rule>) -> Option<Parameter> {
        let span = self.span(&pair);
        let mut inner = pair.into_inner().peekable();
        let data_only = inner.next_if(|child| child.as_rule() == Rule::kw_data).is_some();
        let ty = self.unsized_type(inner.next()?)?;
        let name = self.ident(inner.next()?);
        Some(Parameter { data_only, ty, name, span })
    }

    /// Any pair whose children are statements and declarations between other tokens.
    fn block(&self, pair: Pair<'a, Rule>) -> Option<Block> {
        let span = self.span(&pair);
        let mut stmts = Vec::new();
        for child in pair.into_inner() {
            if !is_token(child.as_rule()) {
                stmts.push(self.stmt(child)?);
            }
        }
        Some(Block { stmts, span })
    }

    fn ident(&self, pair: Pair<'a, Rule>) -> Ident {
        Ident { name: pair.as_str().to_owned(), span: self.span(&pair) }
    }

    /// The place of a pair. A pair may hold the white space and the comments after it; a span does not.
    fn span(&self, pair: &Pair<'a, Rule>) -> Span {
        let text = pair.as_span();
        self.range(text.start(), text.end())
    }

    fn range(&self, start: usize, end: usize) -> Span {
        let after = self.expanded.tokens.partition_point(|token| token.start < end);
        let last = after.checked_sub(1).and_then(|last| self.expanded.tokens.get(last));
        self.expanded.span(start, last.map_or(start, |last| last.end.min(end).max(start)))
    }

    fn join(&self, a: Span, b: Span) -> Span {
        self.expanded.sources.join(a, b)
    }

    fn refuse(&self, at: usize, problem: Diagnostic) {
        self.problems.borrow_mut().push((at, problem));
    }
}

/// The tokens among the children of blocks; everything else there is a statement.
fn is_token(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::lbrace
            | Rule::rbrace
            | Rule::kw_data
            | Rule::kw_transformed_data
            | Rule::kw_parameters
            | Rule::kw_transformed_parameters
            | Rule::kw_model
            | Rule::kw_generated_quantities
    )
}
