//! Ordered categories: the logarithm of the probability of the interval between cut points that an outcome names, lane by
//! lane.
//!
//! Which cut points bound an outcome's interval is known. The first category has none below and the last none above: there
//! the formulas run with a neighbouring cut point in its place, and a weight or a selection leaves out what it gives.

use hlmc_builtins::Terms;
use hlmc_builtins::table::Domain;

use super::categorical::{known_outcomes, pick};
use crate::graph::NodeId;
use crate::record::Recorder;
use crate::record::formula::Formula;
use crate::record::stop::Recorded;
use crate::record::symbol::Symbol;

/// `ordered_logistic` and `ordered_probit` of known outcomes. `None` where there is no formula.
pub(super) fn expand(
    recorder: &mut Recorder<'_>,
    name: &str,
    arguments: &[Symbol],
    terms: Terms,
) -> Recorded<Option<Symbol>> {
    let log_probability = match name {
        "ordered_logistic" => logistic,
        "ordered_probit" => normal,
        _ => return Ok(None),
    };
    let [outcomes, location, cuts] = arguments else { return Ok(None) };
    let Some(chosen) = chosen(recorder, [outcomes, location, cuts]) else { return Ok(None) };
    // Lane by lane, what the lanes that take a branch look at counts; else what any of them does.
    let is_in_lanes = outcomes.is_scalar() && location.is_scalar();
    let mask = if is_in_lanes { recorder.mask_since(0) } else { recorder.graph.mask };
    let each = recorder.with_mask(mask, |recorder| {
        let location = if location.is_scalar() { recorder.node(location)? } else { recorder.pack(location)? };
        recorder.require(location, Domain::Finite)?;
        let interval = Interval::of(recorder, location, cuts, &chosen)?;
        Ok(log_probability(&mut Formula { recorder }, &interval))
    })?;
    if !terms.keep(&[1, 2]) {
        return Ok(Some(Symbol::Real(0.0)));
    }
    let all = if is_in_lanes { each } else { recorder.graph.sum_over(each, chosen.len()) };
    Ok(Some(recorder.scalar(all)))
}

/// The categories, counted from 0, in every lane or for every location. `None` where the arguments do not fit, or differ
/// between lanes in another way than number by number.
fn chosen(recorder: &Recorder<'_>, [outcomes, location, cuts]: [&Symbol; 3]) -> Option<Vec<u32>> {
    let n_cuts = match cuts.shape().1[..] {
        [n] if n > 0 => n,
        _ => return None,
    };
    let chosen = known_outcomes(outcomes, n_cuts + 1)?;
    let vectors = [outcomes, location].into_iter().filter(|argument| !argument.is_scalar());
    let sizes: Vec<usize> = vectors.map(|vector| vector.shape().1.iter().product()).collect();
    let Some(n) = sizes.first().copied() else { return Some(chosen) };
    let is_uniform = [outcomes, location, cuts].into_iter().all(|argument| recorder.is_uniform(argument));
    if !is_uniform || n == 0 || sizes.iter().any(|other| *other != n) {
        return None;
    }
    Some(if outcomes.is_scalar() { vec![chosen[0]; n] } else { chosen })
}

/// Intervals between cut points, a lane each.
struct Interval {
    /// The cut point below, minus the location; in the first category that of the one above.
    low: NodeId,
    /// The cut point above, minus the location; in the last category that of the one below.
    high: NodeId,
    /// The logarithm of `1 - exp(-width)`, of intervals that have both, else 0.
    log_rise: NodeId,
    /// 1 where there is a cut point below, else 0.
    has_low: NodeId,
    /// 1 where there is a cut point above, else 0.
    has_high: NodeId,
}

impl Interval {
    fn of(recorder: &mut Recorder<'_>, location: NodeId, cuts: &Symbol, chosen: &[u32]) -> Recorded<Self> {
        let entries = recorder.nodes(cuts)?;
        for entry in &entries {
            recorder.require(*entry, Domain::Finite)?;
        }
        let last = entries.len() as u32;
        let mut f = Formula { recorder };
        let mut rises = vec![f.number(0.0)];
        for pair in entries.windows(2) {
            let width = f.subtract(pair[1], pair[0]);
            f.require(width, Domain::Positive)?;
            let negated = f.negate(width);
            rises.push(f.log1m_exp(negated));
        }
        rises.push(f.number(0.0));
        let below: Vec<u32> = chosen.iter().map(|category| category.saturating_sub(1)).collect();
        let above: Vec<u32> = chosen.iter().map(|category| (*category).min(last - 1)).collect();
        let (below, above) = (entry_of(f.recorder, &entries, &below), entry_of(f.recorder, &entries, &above));
        let log_rise = entry_of(f.recorder, &rises, chosen);
        let mut where_ = |holds: &dyn Fn(u32) -> bool| {
            let numbers: Vec<f64> = chosen.iter().map(|category| f64::from(holds(*category))).collect();
            f.graph().known(&numbers)
        };
        let (has_low, has_high) = (where_(&|category| category > 0), where_(&|category| category < last));
        let (low, high) = (f.subtract(below, location), f.subtract(above, location));
        Ok(Interval { low, high, log_rise, has_low, has_high })
    }
}

/// In each lane the entry that is named there: of entries that all lanes share, it is read from one column.
fn entry_of(recorder: &mut Recorder<'_>, entries: &[NodeId], named: &[u32]) -> NodeId {
    if entries.iter().all(|entry| recorder.graph.lanes(*entry) == 1) {
        let column = recorder.graph.concatenate(entries);
        return recorder.graph.gather(column, named);
    }
    pick(recorder, entries, named)
}

/// `inv_logit(high) - inv_logit(low)` is the product of `1 - exp(low - high)`, `inv_logit(high)` and `inv_logit(-low)`.
fn logistic(f: &mut Formula<'_, '_>, interval: &Interval) -> NodeId {
    let (above, below) = (f.log_inv_logit(interval.high), f.log1m_inv_logit(interval.low));
    let above = f.multiply(interval.has_high, above);
    let below = f.multiply(interval.has_low, below);
    let both = f.add(above, below);
    f.add(both, interval.log_rise)
}

/// The normal distribution, from the tail in which both cut points lie.
fn normal(f: &mut Formula<'_, '_>, interval: &Interval) -> NodeId {
    let zero = f.number(0.0);
    let (minus_low, minus_high) = (f.negate(interval.low), f.negate(interval.high));
    let is_right = f.less(zero, interval.low);
    // Without a cut point below the interval is the left tail of the other, and the other way round.
    let is_mirrored = f.multiply(is_right, interval.has_low);
    let is_last = f.one_minus(interval.has_high);
    let is_mirrored = f.graph().select(is_last, is_last, is_mirrored);
    let farther = f.graph().select(is_mirrored, minus_low, interval.high);
    let nearer = f.graph().select(is_mirrored, minus_high, interval.low);
    let (all, beyond) = (f.log_phi(farther), f.log_phi(nearer));
    let is_inner = f.multiply(interval.has_low, interval.has_high);
    let minus_one = f.number(-1.0);
    let difference = f.subtract(beyond, all);
    let difference = f.graph().select(is_inner, difference, minus_one);
    let share = f.log1m_exp(difference);
    let share = f.multiply(is_inner, share);
    f.add(all, share)
}
