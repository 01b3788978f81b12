//! Shorter words for building formulas out of the graph's operations.

use hlmc_builtins::table::Domain;

use super::Recorder;
use super::stop::Recorded;
use crate::graph::{Binary, Graph, NodeId, Operation, Unary};

/// A formula under construction.
pub(super) struct Formula<'a, 'b> {
    pub(super) recorder: &'a mut Recorder<'b>,
}

/// A formula's operation of one number.
macro_rules! unary {
    ($($name:ident = $operation:ident),* $(,)?) => {
        $(pub(super) fn $name(&mut self, x: NodeId) -> NodeId {
            self.graph().unary(Unary::$operation, x)
        })*
    };
}

/// A formula's operation of two numbers.
macro_rules! binary {
    ($($name:ident = $operation:ident),* $(,)?) => {
        $(pub(super) fn $name(&mut self, x: NodeId, y: NodeId) -> NodeId {
            self.graph().binary(Binary::$operation, x, y)
        })*
    };
}

impl Formula<'_, '_> {
    unary! {
        negate = Negate, exp = Exp, log = Log, square = Square, inv = Reciprocal, abs = Abs, sqrt = Sqrt, log1p = Log1p,
        expm1 = Expm1, log1p_exp = Log1pExp, inv_logit = InvLogit, lgamma = Lgamma, phi = Phi,
        log_phi = LogPhi, log1m_exp = Log1mExp,
    }

    binary! {
        add = Add, subtract = Subtract, multiply = Multiply, divide = Divide, log_sum_exp = LogSumExp,
        lgamma_difference = LgammaDifference, power = Power, less = Less, less_equal = LessEqual,
    }

    /// The graph.
    pub(super) fn graph(&mut self) -> &mut Graph {
        &mut self.recorder.graph
    }

    /// Every lane lies in the domain, or the point is rejected.
    pub(super) fn require(&mut self, x: NodeId, domain: Domain) -> Recorded<()> {
        self.recorder.require(x, domain)
    }

    pub(super) fn number(&mut self, value: f64) -> NodeId {
        self.graph().constant(value)
    }

    /// `x + value`
    pub(super) fn plus(&mut self, x: NodeId, value: f64) -> NodeId {
        let value = self.number(value);
        self.add(x, value)
    }

    /// `factor x`
    pub(super) fn times(&mut self, factor: f64, x: NodeId) -> NodeId {
        let factor = self.number(factor);
        self.multiply(factor, x)
    }

    /// `1 - x`
    pub(super) fn one_minus(&mut self, x: NodeId) -> NodeId {
        let one = self.number(1.0);
        self.subtract(one, x)
    }

    /// `log(1 - x)`
    pub(super) fn log1m(&mut self, x: NodeId) -> NodeId {
        let negated = self.negate(x);
        self.log1p(negated)
    }

    /// `log(inv_logit(x))`
    pub(super) fn log_inv_logit(&mut self, x: NodeId) -> NodeId {
        let negated = self.negate(x);
        let softplus = self.log1p_exp(negated);
        self.negate(softplus)
    }

    /// `log(1 - inv_logit(x))`
    pub(super) fn log1m_inv_logit(&mut self, x: NodeId) -> NodeId {
        let softplus = self.log1p_exp(x);
        self.negate(softplus)
    }

    /// `log(exp(x) - exp(y))` for `x > y`
    pub(super) fn log_diff_exp(&mut self, x: NodeId, y: NodeId) -> NodeId {
        let difference = self.subtract(y, x);
        let log = self.log1m_exp(difference);
        self.add(x, log)
    }

    /// `power log(y)`, which is 0 wherever the power is.
    pub(super) fn power_log(&mut self, power: NodeId, log: NodeId) -> NodeId {
        if self.graph().constant_value(power) == Some(0.0) {
            return power;
        }
        self.multiply(power, log)
    }

    /// `(x - location) / scale`
    pub(super) fn standardise(&mut self, x: NodeId, location: NodeId, scale: NodeId) -> NodeId {
        let distance = self.subtract(x, location);
        self.divide(distance, scale)
    }

    /// `base^exponent` of a positive base, by its logarithm: what is known of either is computed now.
    pub(super) fn positive_power(&mut self, base: NodeId, exponent: NodeId) -> NodeId {
        let log = self.log(base);
        let product = self.multiply(exponent, log);
        self.exp(product)
    }

    pub(super) fn lanes(&mut self, x: NodeId) -> usize {
        self.graph().lanes(x)
    }

    pub(super) fn is_known(&mut self, x: NodeId) -> bool {
        self.graph().is_known(x)
    }

    /// The log odds of a probability that was made from them.
    pub(super) fn log_odds_of(&mut self, probability: NodeId) -> Option<NodeId> {
        match self.graph().node(probability).operation {
            Operation::Unary(Unary::InvLogit, log_odds) => Some(log_odds),
            Operation::Gather(inner, index) => {
                let Operation::Unary(Unary::InvLogit, log_odds) = self.graph().node(inner).operation else {
                    return None;
                };
                let index = std::sync::Arc::clone(self.graph().columns.positions(index));
                Some(self.graph().gather(log_odds, &index))
            }
            _ => None,
        }
    }

    /// A function of two known columns.
    pub(super) fn known_binary(&mut self, x: NodeId, y: NodeId, f: fn(f64, f64) -> f64) -> Option<NodeId> {
        let (a, b) = (self.graph().known_column(x)?, self.graph().known_column(y)?);
        let at = |column: &[f64], i: usize| column[if column.len() == 1 { 0 } else { i }];
        let lanes = if a.len() == 1 { b.len() } else { a.len() };
        let values: Vec<f64> = (0..lanes).map(|i| f(at(&a, i), at(&b, i))).collect();
        Some(self.graph().known(&values))
    }

    /// A function of a known column and of operands that all lanes share: once for each number that occurs.
    pub(super) fn by_distinct(
        &mut self,
        x: NodeId,
        is_shared: bool,
        f: impl FnOnce(&mut Self, NodeId) -> NodeId,
    ) -> NodeId {
        let Some(column) = self.graph().known_column(x).filter(|column| is_shared && column.len() > 1) else {
            return f(self, x);
        };
        let mut distinct: Vec<f64> = column.to_vec();
        distinct.sort_by(f64::total_cmp);
        distinct.dedup();
        if 2 * distinct.len() > column.len() {
            return f(self, x);
        }
        let place = |x: &f64| distinct.partition_point(|y| y.total_cmp(x).is_lt()) as u32;
        let index: Vec<u32> = column.iter().map(place).collect();
        let numbers = self.graph().known(&distinct);
        let values = f(self, numbers);
        let values = self.graph().broadcast(values, distinct.len());
        self.graph().gather(values, &index)
    }
}
