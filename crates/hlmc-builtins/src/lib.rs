//! The types of the language and the one table of its functions and distributions.
//!
//! | module | what is there |
//! | --- | --- |
//! | [`types`] | types without sizes, and whether a value may depend on parameters |
//! | [`value`] | values at run time, generic over the number |
//! | [`signature`] | which argument types a function takes, as rules |
//! | [`number`] | the numbers at which the table is compiled |
//! | [`table`] | what a row of the table holds, and how rows are found |
//! | [`distribution`], [`invoke`] | what follows from a row: signatures, vectorisation, argument checks |
//! | [`higher_order`] | where the arguments of functions that take functions are |
//! | [`mod@reference`] | the reference page, made from the table |
//! | `rows` | the rows themselves, one file a chapter or a distribution |
//!
//! To add a function or a distribution, write its row in the file of its chapter; type checker, engines, reference page
//! and tests follow from it.

mod arguments;
pub mod distribution;
pub mod fault;
pub mod higher_order;
pub mod invoke;
pub mod known_names;
pub mod number;
pub mod reference;
mod rows;
pub mod signature;
pub mod table;
pub mod types;
pub mod value;

pub use fault::{Fault, Severity};
pub use number::{DIRECTIONS, Dual, Number};
pub use table::{Call, Callback, FunctionId, Library, Part, Resolution, Row, Terms, Unresolved};
pub use types::{Level, Type};
pub use value::Value;
