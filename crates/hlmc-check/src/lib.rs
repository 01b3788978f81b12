//! AST to typed program: names, types, blocks, with every diagnostic.

pub mod ir;
