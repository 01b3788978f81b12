//! The door to pest: the parser that is made from `grammar/stan.pest`, and nothing else of that crate outside of here
//! and of the lowering.

// The derive macro makes an enum without documentation, and more of it public than this crate has use for.
#![allow(missing_docs, unreachable_pub)]

use pest::Parser as _;
use pest::iterators::Pairs;

/// The parser that pest derives.
#[derive(pest_derive::Parser)]
#[grammar = "../../../grammar/stan.pest"]
pub(crate) struct StanParser;

/// Where the grammar gave up, and which rules it tried there.
pub(crate) struct Stop {
    /// Byte offset.
    pub(crate) at: usize,
    /// The rules that would have taken a token there.
    pub(crate) expected: Vec<Rule>,
    /// True when the parser ran out of stack.
    pub(crate) out_of_stack: bool,
}

/// Parses a whole text by one rule.
pub(crate) fn parse(rule: Rule, text: &str) -> Result<Pairs<'_, Rule>, Stop> {
    StanParser::parse(rule, text).map_err(|error| {
        let at = match error.location {
            pest::error::InputLocation::Pos(at) => at,
            pest::error::InputLocation::Span((start, _)) => start,
        };
        match error.variant {
            pest::error::ErrorVariant::ParsingError { positives, .. } => {
                Stop { at, expected: positives, out_of_stack: false }
            }
            pest::error::ErrorVariant::CustomError { .. } => Stop { at, expected: Vec::new(), out_of_stack: true },
        }
    })
}
