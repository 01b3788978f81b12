//! Where in the program the checker is, and what is allowed there.

use hlmc_builtins::{Level, Type};

use crate::ir::Block;
use crate::names::Suffix;

/// The surroundings of a statement or expression.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The block; none inside a function.
    pub block: Option<Block>,
    /// The function whose body this is.
    pub function: Option<FunctionContext>,
    /// How many loops are around.
    pub loop_depth: usize,
    /// True in the sizes of a variable at the top of a block, which have to be known before sampling.
    pub in_block_size: bool,
    /// True at the top of a block other than `model`.
    pub at_top: bool,
}

/// The function whose body is checked.
#[derive(Clone, Debug)]
pub(crate) struct FunctionContext {
    /// Its suffix.
    pub suffix: Suffix,
    /// What it returns.
    pub result: Type,
    /// The level of its locals: dependent as soon as one argument is.
    pub local_level: Level,
}

impl Context {
    /// At the top of a block.
    pub(crate) fn of_block(block: Block) -> Context {
        Context {
            block: Some(block),
            function: None,
            loop_depth: 0,
            in_block_size: false,
            at_top: block != Block::Model,
        }
    }

    /// In the body of a function.
    pub(crate) fn of_function(function: FunctionContext) -> Context {
        Context { block: None, function: Some(function), loop_depth: 0, in_block_size: false, at_top: false }
    }

    fn suffix(&self) -> Option<Suffix> {
        self.function.as_ref().map(|function| function.suffix)
    }

    /// True in that block.
    pub(crate) fn is_in(&self, block: Block) -> bool {
        self.block == Some(block)
    }

    /// True where the log density may be added to.
    pub(crate) fn allows_target_increment(&self) -> bool {
        self.is_in(Block::Model) || self.suffix() == Some(Suffix::TargetLp)
    }

    /// True where the log density may be read.
    pub(crate) fn allows_target(&self) -> bool {
        self.allows_target_increment() || self.is_in(Block::TransformedParameters)
    }

    /// True where a change of variables may be adjusted for.
    pub(crate) fn allows_jacobian(&self) -> bool {
        self.is_in(Block::TransformedParameters) || self.suffix() == Some(Suffix::Jacobian)
    }

    /// True where random numbers may be drawn.
    pub(crate) fn allows_rng(&self) -> bool {
        let block = self.is_in(Block::TransformedData) || self.is_in(Block::GeneratedQuantities);
        block || self.suffix() == Some(Suffix::Rng)
    }

    /// True where constants of densities may be dropped.
    pub(crate) fn allows_unnormalised(&self) -> bool {
        let suffixes = [Some(Suffix::Density), Some(Suffix::Mass), Some(Suffix::TargetLp)];
        self.is_in(Block::Model) || suffixes.contains(&self.suffix())
    }

    /// The level of a variable that is declared here, before its type is looked at.
    pub(crate) fn local_level(&self) -> Level {
        match (&self.function, self.block) {
            (Some(function), _) => function.local_level.clone(),
            (None, Some(Block::Parameters | Block::TransformedParameters | Block::Model)) => Level::Auto,
            (None, _) => Level::Data,
        }
    }
}

/// The block's name in messages.
pub(crate) fn block_name(block: Option<Block>) -> &'static str {
    match block {
        None => "functions",
        Some(Block::Data) => "data",
        Some(Block::TransformedData) => "transformed data",
        Some(Block::Parameters) => "parameters",
        Some(Block::TransformedParameters) => "transformed parameters",
        Some(Block::Model) => "model",
        Some(Block::GeneratedQuantities) => "generated quantities",
    }
}
