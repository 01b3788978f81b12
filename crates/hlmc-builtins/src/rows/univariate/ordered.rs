//! The ordered logistic and ordered probit distributions (functions reference, "Ordered logistic distribution",
//! "Ordered probit distribution").

use hlmc_math::Real;
use hlmc_math::special::{expm1, inv_logit, log_diff_exp, log_inv_logit, log1m_exp, phi, std_normal_lcdf};

use super::categorical::{check_categories, draw_category, source};
use crate::fault::Fault;
use crate::rows::arguments::{Vectors, argument, check, check_all, check_sizes, real, vectors};
use crate::rows::scalars::from_partials;
use crate::table::{Argument, Call, Chapter, Density, Distribution, Domain, Generator, Outcome};
use crate::value::Value;

/// The row of `ordered_logistic`.
pub(super) fn ordered_logistic<A: Real>() -> Distribution<A> {
    Distribution {
        name: "ordered_logistic",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::whole("Random variable", "int | array[] int"),
                Argument::whole("Location parameter", "real | vector"),
                Argument::whole("Cut-points", "vector | array[] vector"),
            ]
        },
        density: Density::Whole(|call| {
            sum_of_intervals(call, |theta, below, above| {
                let low = below.map(|cut| cut.lower());
                let high = above.map(|cut| cut.lower());
                let (value, along_below, along_above) = logistic_interval(theta.lower(), low, high);
                let (low, high) = (below.unwrap_or_else(A::zero), above.unwrap_or_else(A::zero));
                let along_theta = -(along_below + along_above);
                from_partials(value, [(theta, along_theta), (low, along_below), (high, along_above)])
            })
        }),
        cumulative: None,
        generator: Some(Generator::Whole(|call| draw(call, inv_logit), &["int ordered_logistic_rng(real, vector)"])),
        chapter: Chapter::Univariate,
        doc: "The interval between cut points `c` into which a logistic variable with location `eta` falls, from 1.",
        cases: &[],
    }
}

/// The row of `ordered_probit`.
pub(super) fn ordered_probit<A: Real>() -> Distribution<A> {
    Distribution {
        name: "ordered_probit",
        outcome: Outcome::Discrete,
        arguments: const {
            &[
                Argument::whole("Random variable", "int | array[] int"),
                Argument::whole("Location parameter", "real | vector"),
                Argument::whole("Cut-points", "vector | array[] vector"),
            ]
        },
        density: Density::Whole(|call| sum_of_intervals(call, normal_interval)),
        cumulative: None,
        generator: Some(Generator::Whole(|call| draw(call, phi), &["int ordered_probit_rng(real, vector)"])),
        chapter: Chapter::Univariate,
        doc: "The interval between cut points `c` into which a normal variable with location `eta` falls, from 1.",
        cases: &[],
    }
}

/// The log probability of a logistic variable with location `theta` between two cut points, where there are any, and
/// its derivatives in the lower and the upper one; that in `theta` is minus their sum.
pub(in crate::rows) fn logistic_interval<T: Real>(theta: T, below: Option<T>, above: Option<T>) -> (T, T, T) {
    let (mut value, mut along_below, mut along_above) = (T::zero(), T::zero(), T::zero());
    if let Some(cut) = below {
        value += log_inv_logit(theta - cut);
        along_below -= inv_logit(cut - theta);
    }
    if let Some(cut) = above {
        value += log_inv_logit(cut - theta);
        along_above += inv_logit(theta - cut);
    }
    if let (Some(low), Some(high)) = (below, above) {
        value += log1m_exp(low - high);
        let crowding = expm1(high - low).recip();
        along_below -= crowding;
        along_above += crowding;
    }
    (value, along_below, along_above)
}

/// The same of a normal variable, from the tail in which both cut points lie.
fn normal_interval<A: Real>(theta: A, below: Option<A>, above: Option<A>) -> A {
    match (below.map(|cut| cut - theta), above.map(|cut| cut - theta)) {
        (None, None) => A::zero(),
        (None, Some(high)) => std_normal_lcdf(high),
        (Some(low), None) => std_normal_lcdf(-low),
        (Some(low), Some(high)) if low.value() > 0.0 => log_diff_exp(std_normal_lcdf(-low), std_normal_lcdf(-high)),
        (Some(low), Some(high)) => log_diff_exp(std_normal_lcdf(high), std_normal_lcdf(low)),
    }
}

/// Faults unless the cut points ascend and are finite.
pub(in crate::rows) fn check_cutpoints(name: &str, cuts: &[f64]) -> Result<(), Fault> {
    check_all(name, cuts.iter().copied(), Domain::Finite)?;
    match cuts.windows(2).position(|pair| pair[0] >= pair[1]) {
        Some(i) => Err(Fault::rejection(format!(
            "{name} is not a valid ordered vector: element {} is {}, but should be greater than the previous {}",
            i + 2,
            cuts[i + 1],
            cuts[i]
        ))),
        None => Ok(()),
    }
}

/// The sum over outcomes of the log probabilities of their intervals.
fn sum_of_intervals<A: Real>(
    call: &mut Call<'_, A>,
    log_probability: impl Fn(A, Option<A>, Option<A>) -> A,
) -> Result<A, Fault> {
    let (outcomes, locations, cuts) = (argument(call, 0)?, argument(call, 1)?, vectors(call, 2)?);
    let n = match (outcomes.is_scalar(), locations.is_scalar()) {
        (true, _) => locations.n_entries(),
        (false, true) => outcomes.n_entries(),
        (false, false) => {
            check_sizes("Integers", outcomes.n_entries(), "Locations", locations.n_entries())?;
            outcomes.n_entries()
        }
    };
    check_arguments(outcomes, locations, &cuts, n)?;
    if !call.terms.keep(&[1, 2]) {
        return Ok(A::zero());
    }
    let mut total = A::zero();
    for i in 0..n {
        let category = outcomes.int_at(i).and_then(|outcome| usize::try_from(outcome - 1).ok()).unwrap_or(0);
        let theta = locations.real_at(i).unwrap_or_else(A::zero);
        let below = (category > 0).then(|| cuts.at(i, category - 1));
        let above = (category < cuts.size).then(|| cuts.at(i, category));
        total += log_probability(theta, below, above);
    }
    Ok(total)
}

fn check_arguments<A: Real>(
    outcomes: &Value<A>,
    locations: &Value<A>,
    cuts: &Vectors<'_, A>,
    n: usize,
) -> Result<(), Fault> {
    let values = (0..locations.n_entries()).map(|i| locations.real_at(i).map_or(f64::NAN, |theta| theta.value()));
    if locations.is_scalar() {
        check("Location parameter", locations.real_at(0).map_or(f64::NAN, |theta| theta.value()), Domain::Finite)?;
    } else {
        check_all("Location parameter", values, Domain::Finite)?;
    }
    if cuts.is_array {
        check_sizes("Cut-points", cuts.count, "Integers", n)?;
    }
    check_categories("Random variable", outcomes, cuts.size + 1)?;
    let cut_values = cuts.entries.values();
    (0..cuts.count).try_for_each(|i| check_cutpoints("Cut-points", &cut_values[i * cuts.size..(i + 1) * cuts.size]))
}

fn draw<A: Real>(call: &mut Call<'_, A>, distribution_function: fn(f64) -> f64) -> Result<Value<A>, Fault> {
    let (theta, cuts) = (real(call, 0)?.value(), vectors(call, 1)?.entries.values().into_owned());
    check("Location parameter", theta, Domain::Finite)?;
    check_cutpoints("Cut-points", &cuts)?;
    let mut probabilities = Vec::with_capacity(cuts.len() + 1);
    let mut below = 0.0;
    for cut in &cuts {
        let at_cut = distribution_function(cut - theta);
        probabilities.push(at_cut - below);
        below = at_cut;
    }
    probabilities.push(1.0 - below);
    Ok(Value::Int(draw_category(&probabilities, source(call)?)))
}
