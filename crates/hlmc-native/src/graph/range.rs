//! Interval bounds of a node's lanes, which spare checks that cannot fail.

use super::{Binary, Graph, Operation, Unary};
use hlmc_builtins::table::Domain;

/// Bounds that every lane keeps as long as it is finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
    /// True when the lower bound itself is only reached by rounding to it (`exp(-800)`).
    pub above_low: bool,
}

impl Range {
    /// No bounds.
    pub const ANY: Range = Range { low: f64::NEG_INFINITY, high: f64::INFINITY, above_low: false };

    const POSITIVE: Range = Range { low: 0.0, high: f64::INFINITY, above_low: true };

    const NON_NEGATIVE: Range = Range { low: 0.0, high: f64::INFINITY, above_low: false };

    const UNIT: Range = Range { low: 0.0, high: 1.0, above_low: true };

    fn between(low: f64, high: f64) -> Range {
        Range { low, high, above_low: false }
    }

    /// True when every finite number of the range is in the domain. Numbers that are not finite show in the result.
    #[must_use]
    pub fn is_within(self, domain: Domain) -> bool {
        match domain {
            Domain::Unchecked | Domain::NotNan | Domain::Finite => true,
            Domain::Positive | Domain::PositiveFinite => self.low > 0.0 || (self.low == 0.0 && self.above_low),
            Domain::NonNegative | Domain::NonNegativeFinite => self.low >= 0.0,
            Domain::Probability => self.low >= 0.0 && self.high <= 1.0,
            Domain::Between(low, high) => self.low >= low && self.high <= high,
        }
    }

    fn is_positive(self) -> bool {
        self.is_within(Domain::Positive)
    }
}

/// The range of an operation whose operands are in the graph.
pub(super) fn of(graph: &Graph, operation: &Operation) -> Range {
    match operation {
        Operation::Constant(value) => Range::between(*value, *value),
        Operation::Known(column) => {
            let numbers = graph.columns.numbers(*column).iter();
            numbers.fold(Range::between(f64::INFINITY, f64::NEG_INFINITY), |range, x| {
                Range::between(range.low.min(*x), range.high.max(*x))
            })
        }
        Operation::Unary(unary, x) => of_unary(*unary, graph.range(*x)),
        Operation::Binary(binary, x, y) => of_binary(*binary, x == y, graph.range(*x), graph.range(*y)),
        Operation::Gather(x, _) => graph.range(*x),
        Operation::Sum(x) | Operation::ScatterSum(x, _) => {
            if graph.range(*x).low >= 0.0 {
                Range::NON_NEGATIVE
            } else {
                Range::ANY
            }
        }
        Operation::Concatenate(parts) => {
            let ranges = parts.iter().map(|part| graph.range(*part));
            ranges
                .reduce(|a, b| Range {
                    low: a.low.min(b.low),
                    high: a.high.max(b.high),
                    above_low: a.above_low && b.above_low,
                })
                .unwrap_or(Range::ANY)
        }
        _ => Range::ANY,
    }
}

fn of_unary(unary: Unary, x: Range) -> Range {
    match unary {
        Unary::Negate => Range::between(-x.high, -x.low),
        Unary::Exp | Unary::Log1pExp => Range::POSITIVE,
        Unary::Sqrt | Unary::Square | Unary::Abs => {
            if x.is_positive() {
                Range::POSITIVE
            } else {
                Range::NON_NEGATIVE
            }
        }
        Unary::Reciprocal if x.is_positive() => Range::POSITIVE,
        Unary::InvLogit => Range::UNIT,
        Unary::Tanh | Unary::Sin | Unary::Cos => Range::between(-1.0, 1.0),
        Unary::Expm1 => Range::between(-1.0, f64::INFINITY),
        _ => Range::ANY,
    }
}

fn of_binary(binary: Binary, is_same: bool, x: Range, y: Range) -> Range {
    match binary {
        Binary::Add => Range {
            low: x.low + y.low,
            high: x.high + y.high,
            above_low: (x.above_low || y.above_low) && x.low.is_finite() && y.low.is_finite(),
        },
        Binary::Subtract => Range::between(x.low - y.high, x.high - y.low),
        Binary::Multiply if is_same => Range::NON_NEGATIVE,
        Binary::Multiply | Binary::Divide if x.is_positive() && y.is_positive() => {
            if binary == Binary::Multiply && x.high <= 1.0 && y.high <= 1.0 { Range::UNIT } else { Range::POSITIVE }
        }
        Binary::Multiply | Binary::Divide if x.low >= 0.0 && y.low >= 0.0 => Range::NON_NEGATIVE,
        _ => Range::ANY,
    }
}
