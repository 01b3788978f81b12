//! The blocks of a program in their order, and then the functions that they call.

use hlmc_syntax::ast;

use crate::checker::Checker;
use crate::context::Context;
use crate::ir::{Block, Body};

impl<'p> Checker<'p> {
    /// Checks a whole program.
    pub(crate) fn check_program(&mut self, program: &'p ast::Program) {
        if let Some(functions) = &program.functions {
            self.declare_functions(&functions.definitions);
            self.check_functions(&functions.definitions);
        }
        self.instances.is_recording = true;
        self.block(Block::Data, program.data.as_ref());
        self.program.transformed_data = self.block(Block::TransformedData, program.transformed_data.as_ref());
        self.block(Block::Parameters, program.parameters.as_ref());
        self.program.transformed_parameters =
            self.block(Block::TransformedParameters, program.transformed_parameters.as_ref());
        self.program.model = self.scoped(|checker| checker.block(Block::Model, program.model.as_ref()));
        self.program.generated_quantities =
            self.block(Block::GeneratedQuantities, program.generated_quantities.as_ref());
    }

    fn block(&mut self, which: Block, block: Option<&'p ast::Block>) -> Body {
        let Some(block) = block else { return Body::default() };
        self.context = Context::of_block(which);
        self.n_locals = 0;
        let mut statements = Vec::with_capacity(block.stmts.len());
        self.statements(&block.stmts, &mut statements);
        Body { statements, n_locals: self.n_locals }
    }
}
