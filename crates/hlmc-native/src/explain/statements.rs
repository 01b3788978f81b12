//! The statements of a program as a person reads them: in the order of the text, with what is inside indented.

use std::collections::HashMap;

use hlmc_check::ir::{Block, Program, Statement, StatementKind};
use hlmc_syntax::Span;

use crate::graph::{OriginId, Origins};

/// What kind of row a statement makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It runs once, before there are parameters.
    Data,
    /// It does something itself.
    Plain,
    /// It says whether and how often others run.
    Around,
}

/// A statement, or the declaration of a parameter.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) block: Block,
    pub(super) span: Span,
    pub(super) depth: usize,
    pub(super) kind: Kind,
    /// `None` if it did not run.
    pub(super) origin: Option<OriginId>,
}

/// All statements that the log density is made of.
pub(super) fn rows(program: &Program, origins: &Origins) -> Vec<Row> {
    let mut walk =
        Walk { origins, functions: HashMap::new(), called: HashMap::new(), block: Block::Data, rows: vec![] };
    for function in &program.functions {
        walk.learn(&function.body.statements);
    }
    for (id, origin) in origins.all() {
        walk.called.entry(origin.around).or_default().push((origin.span, id));
    }
    walk.block = Block::TransformedData;
    for statement in program.transformed_data.statements.iter().filter(|statement| !is_silent(statement)) {
        walk.row(statement.span, 0, Kind::Data, None);
    }
    walk.block = Block::Parameters;
    for variable in program.variables(Block::Parameters) {
        walk.row(variable.span, 0, Kind::Plain, origins.find(variable.span, None));
    }
    walk.block = Block::TransformedParameters;
    walk.statements(&program.transformed_parameters.statements, 0, None);
    walk.block = Block::Model;
    walk.statements(&program.model.statements, 0, None);
    walk.rows
}

struct Walk<'a> {
    origins: &'a Origins,
    /// The statements of functions by their place.
    functions: HashMap<Span, &'a Statement>,
    /// What ran inside of each origin.
    called: HashMap<Option<OriginId>, Vec<(Span, OriginId)>>,
    block: Block,
    rows: Vec<Row>,
}

impl<'a> Walk<'a> {
    fn learn(&mut self, statements: impl IntoIterator<Item = &'a Statement>) {
        for statement in statements {
            self.functions.insert(statement.span, statement);
            self.learn(statement.inner());
        }
    }

    fn row(&mut self, span: Span, depth: usize, kind: Kind, origin: Option<OriginId>) {
        self.rows.push(Row { block: self.block, span, depth, kind, origin });
    }

    fn statements<'s>(
        &mut self,
        statements: impl IntoIterator<Item = &'s Statement>,
        depth: usize,
        around: Option<OriginId>,
    ) {
        for statement in statements {
            let origin = self.origins.find(statement.span, around);
            self.statement(statement, depth, origin);
        }
    }

    fn statement(&mut self, statement: &Statement, depth: usize, origin: Option<OriginId>) {
        let is_around = statement.inner().next().is_some();
        if !is_silent(statement) {
            self.row(statement.span, depth, if is_around { Kind::Around } else { Kind::Plain }, origin);
        }
        // Statements that did not run have nothing inside of them that did.
        let Some(origin) = origin else { return };
        self.statements(statement.inner(), depth + 1, Some(origin));
        let own: Vec<Span> = statement.inner().map(|statement| statement.span).collect();
        let mut called = self.called.remove(&Some(origin)).unwrap_or_default();
        called.retain(|(span, _)| !own.contains(span));
        called.sort_unstable();
        for (span, id) in called {
            if let Some(statement) = self.functions.get(&span).copied() {
                self.statement(statement, depth + 1, Some(id));
            }
        }
    }
}

/// Statements of which there is nothing to say.
fn is_silent(statement: &Statement) -> bool {
    matches!(
        statement.kind,
        StatementKind::Declare { value: None, .. }
            | StatementKind::Block(_)
            | StatementKind::Break
            | StatementKind::Continue
            | StatementKind::Return(None)
    )
}
