//! Functions of scalars that are operations of the graph, or short formulas of these. All others run as they are in the
//! table.

use std::f64::consts::{LN_2, LN_10};

use hlmc_builtins::table::Domain;

use super::Recorder;
use super::formula::Formula;
use super::stop::Recorded;
use crate::graph::{NodeId, Unary};

/// Known whole exponents of at most this size are products.
const MAX_MULTIPLIED_POWER: f64 = 16.0;

/// A function of the table at nodes, lane by lane, if it has a formula here.
pub(super) fn expand(recorder: &mut Recorder<'_>, name: &str, x: &[NodeId]) -> Recorded<Option<NodeId>> {
    if let ([x], Some(operation)) = (x, operation_of(name)) {
        return Ok(Some(recorder.graph.unary(operation, *x)));
    }
    let f = &mut Formula { recorder };
    Ok(match x {
        [x] => of_one(f, name, *x),
        [x, y] => of_two(f, name, *x, *y),
        [x, y, z] => match name {
            "fma" => {
                let product = f.multiply(*x, *y);
                Some(f.add(product, *z))
            }
            "log_mix" => Some(log_mix(f, *x, *y, *z)?),
            _ => None,
        },
        _ => None,
    })
}

/// The operation of the graph that a function is.
fn operation_of(name: &str) -> Option<Unary> {
    Some(match name {
        "Phi" => Unary::Phi,
        "abs" => Unary::Abs,
        "acos" => Unary::Acos,
        "acosh" => Unary::Acosh,
        "asin" => Unary::Asin,
        "asinh" => Unary::Asinh,
        "atan" => Unary::Atan,
        "atanh" => Unary::Atanh,
        "cbrt" => Unary::Cbrt,
        "ceil" => Unary::Ceil,
        "cos" => Unary::Cos,
        "cosh" => Unary::Cosh,
        "digamma" => Unary::Digamma,
        "erf" => Unary::Erf,
        "erfc" => Unary::Erfc,
        "exp" => Unary::Exp,
        "expm1" => Unary::Expm1,
        "floor" => Unary::Floor,
        "inv" => Unary::Reciprocal,
        "inv_Phi" | "std_normal_qf" => Unary::InvPhi,
        "inv_logit" => Unary::InvLogit,
        "lgamma" => Unary::Lgamma,
        "log" => Unary::Log,
        "log1m_exp" => Unary::Log1mExp,
        "log1p" => Unary::Log1p,
        "log1p_exp" => Unary::Log1pExp,
        "round" => Unary::Round,
        "sin" => Unary::Sin,
        "sinh" => Unary::Sinh,
        "sqrt" => Unary::Sqrt,
        "square" => Unary::Square,
        "tan" => Unary::Tan,
        "tanh" => Unary::Tanh,
        "trunc" => Unary::Trunc,
        _ => return None,
    })
}

fn of_one(f: &mut Formula<'_, '_>, name: &str, x: NodeId) -> Option<NodeId> {
    Some(match name {
        "Phi_approx" => {
            // inv_logit(0.07056 x^3 + 1.5976 x), see the table's row.
            let square = f.square(x);
            let scaled = f.times(0.07056, square);
            let slope = f.plus(scaled, 1.5976);
            let log_odds = f.multiply(x, slope);
            f.inv_logit(log_odds)
        }
        "exp2" => {
            let exponent = f.times(LN_2, x);
            f.exp(exponent)
        }
        "inv_cloglog" => {
            let exp = f.exp(x);
            let negated = f.negate(exp);
            let rest = f.expm1(negated);
            f.negate(rest)
        }
        "inv_sqrt" => {
            let root = f.sqrt(x);
            f.inv(root)
        }
        "inv_square" => {
            let square = f.square(x);
            f.inv(square)
        }
        "log10" => {
            let log = f.log(x);
            f.times(LN_10.recip(), log)
        }
        "log1m" => f.log1m(x),
        "log1m_inv_logit" => f.log1m_inv_logit(x),
        "log2" => {
            let log = f.log(x);
            f.times(LN_2.recip(), log)
        }
        "log_inv_logit" => f.log_inv_logit(x),
        "logit" => match f.log_odds_of(x) {
            Some(log_odds) => log_odds,
            None => {
                let rest = f.one_minus(x);
                let odds = f.divide(x, rest);
                f.log(odds)
            }
        },
        "step" => {
            let zero = f.number(0.0);
            let is_negative = f.less(x, zero);
            f.one_minus(is_negative)
        }
        _ => return None,
    })
}

fn of_two(f: &mut Formula<'_, '_>, name: &str, x: NodeId, y: NodeId) -> Option<NodeId> {
    Some(match name {
        "fdim" => {
            let (is_below, difference, zero) = (f.less_equal(x, y), f.subtract(x, y), f.number(0.0));
            f.graph().select(is_below, zero, difference)
        }
        "fmax" => {
            let is_larger = f.less(y, x);
            f.graph().select(is_larger, x, y)
        }
        "fmin" => {
            let is_smaller = f.less(x, y);
            f.graph().select(is_smaller, x, y)
        }
        "hypot" => {
            let (a, b) = (f.square(x), f.square(y));
            let sum = f.add(a, b);
            f.sqrt(sum)
        }
        "lmultiply" => {
            let log = f.log(y);
            f.multiply(x, log)
        }
        "log_diff_exp" => f.log_diff_exp(x, y),
        "log_inv_logit_diff" => {
            let (above, below) = (f.log_inv_logit(x), f.log1m_inv_logit(y));
            let difference = f.subtract(y, x);
            let log = f.log1m_exp(difference);
            let sum = f.add(above, log);
            f.add(sum, below)
        }
        "log_sum_exp" => f.log_sum_exp(x, y),
        "operator.^" | "operator^" | "pow" => power(f, x, y),
        _ => return None,
    })
}

/// `x^y`: products for small whole exponents, `exp(y log(x))` for positive `x`.
fn power(f: &mut Formula<'_, '_>, x: NodeId, y: NodeId) -> NodeId {
    if let Some(exponent) = f.graph().constant_value(y) {
        if exponent == 0.5 {
            return f.sqrt(x);
        }
        if exponent.fract() == 0.0 && exponent.abs() <= MAX_MULTIPLIED_POWER {
            let product = whole_power(f, x, exponent.abs() as u32);
            return if exponent < 0.0 { f.inv(product) } else { product };
        }
    }
    if f.graph().range(x).is_within(Domain::Positive) {
        return f.positive_power(x, y);
    }
    f.power(x, y)
}

/// `x^n` by squaring.
fn whole_power(f: &mut Formula<'_, '_>, x: NodeId, n: u32) -> NodeId {
    match n {
        0 => f.number(1.0),
        1 => x,
        _ => {
            let half = whole_power(f, x, n / 2);
            let square = f.square(half);
            if n % 2 == 1 { f.multiply(x, square) } else { square }
        }
    }
}

/// `log(theta exp(a) + (1 - theta) exp(b))`
fn log_mix(f: &mut Formula<'_, '_>, theta: NodeId, a: NodeId, b: NodeId) -> Recorded<NodeId> {
    f.require(theta, Domain::Probability)?;
    let (log, log_rest) = (f.log(theta), f.log1m(theta));
    let (first, second) = (f.add(log, a), f.add(log_rest, b));
    Ok(f.log_sum_exp(first, second))
}
