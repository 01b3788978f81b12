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
        Operation::Select(_, x, y) => either(graph.range(*x), graph.range(*y)),
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
            ranges.reduce(either).unwrap_or(Range::ANY)
        }
        _ => Range::ANY,
    }
}

/// Bounds of what lies in one of two ranges.
fn either(a: Range, b: Range) -> Range {
    let is_open = |x: Range| x.above_low || x.low > 0.0;
    Range { low: a.low.min(b.low), high: a.high.max(b.high), above_low: is_open(a) && is_open(b) }
}

fn of_unary(unary: Unary, x: Range) -> Range {
    match unary {
        Unary::Negate => Range::between(-x.high, -x.low),
        Unary::Exp => Range { low: x.low.exp(), high: x.high.exp(), above_low: true },
        Unary::Log if x.low >= 0.0 => Range::between(x.low.ln(), x.high.ln()),
        Unary::Log1p if x.low >= -1.0 => Range::between(x.low.ln_1p(), x.high.ln_1p()),
        Unary::Log1pExp => Range::POSITIVE,
        Unary::Sqrt | Unary::Square | Unary::Abs => {
            if x.is_positive() {
                Range::POSITIVE
            } else {
                Range::NON_NEGATIVE
            }
        }
        Unary::Reciprocal if x.is_positive() => Range::POSITIVE,
        Unary::InvLogit | Unary::Phi => Range::UNIT,
        Unary::Tanh | Unary::Sin | Unary::Cos | Unary::Erf => Range::between(-1.0, 1.0),
        Unary::Erfc => Range::between(0.0, 2.0),
        Unary::Expm1 => Range::between(-1.0, f64::INFINITY),
        Unary::LogPhi | Unary::Log1mExp => Range::between(f64::NEG_INFINITY, 0.0),
        Unary::Cosh => Range::between(1.0, f64::INFINITY),
        Unary::Floor | Unary::Trunc | Unary::Round if x.low >= 0.0 => Range::NON_NEGATIVE,
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
        Binary::Multiply => of_product(x, y),
        Binary::Divide if x.is_positive() && y.is_positive() => Range::POSITIVE,
        Binary::Divide if x.low >= 0.0 && y.low >= 0.0 => Range::NON_NEGATIVE,
        Binary::Power if x.is_positive() => Range::POSITIVE,
        Binary::Power if x.low >= 0.0 => Range::NON_NEGATIVE,
        Binary::Less | Binary::LessEqual | Binary::Equal => Range::between(0.0, 1.0),
        _ => Range::ANY,
    }
}

/// Products lie between the extreme products of the bounds, where 0 times infinity is 0: the other factor is finite.
fn of_product(x: Range, y: Range) -> Range {
    let product = |a: f64, b: f64| if a == 0.0 || b == 0.0 { 0.0 } else { a * b };
    let corners = [product(x.low, y.low), product(x.low, y.high), product(x.high, y.low), product(x.high, y.high)];
    Range {
        low: corners.iter().copied().fold(f64::INFINITY, f64::min),
        high: corners.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        above_low: x.is_positive() && y.is_positive(),
    }
}
