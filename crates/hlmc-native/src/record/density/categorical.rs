//! Categories: the logarithm of the probability of the one that happened, picked out lane by lane.

use hlmc_builtins::value::Kind;
use hlmc_builtins::{Terms, Value};

use crate::graph::{Binary, NodeId, Operation, Unary};
use crate::linear::reduction::LogSumExp;
use crate::record::Recorder;
use crate::record::stop::Recorded;
use crate::record::symbol::Symbol;
use hlmc_builtins::table::Domain;

/// Vectors of at most so many entries are taken apart inside of lanes.
const MAX_CATEGORIES: usize = 32;

/// How far the sum of a simplex may be from 1 (Stan's `CONSTRAINT_TOLERANCE`).
const TOLERANCE: f64 = 1e-8;

/// `categorical` and `categorical_logit` of known outcomes. `None` where there is no formula.
pub(in crate::record) fn expand(
    recorder: &mut Recorder<'_>,
    name: &str,
    arguments: &[Symbol],
    terms: Terms,
) -> Recorded<Option<Symbol>> {
    let (is_logit, [outcomes, theta]) = (name == "categorical_logit", arguments) else { return Ok(None) };
    if !matches!(name, "categorical" | "categorical_logit") || theta.shape().1.len() != 1 {
        return Ok(None);
    }
    let n_categories = theta.shape().1[0];
    let Some(chosen) = known_outcomes(outcomes, n_categories) else { return Ok(None) };
    if !terms.keep(&[1]) {
        return Ok(Some(Symbol::Real(0.0)));
    }
    let logarithms = if recorder.is_uniform(theta) {
        of_all(recorder, theta, &chosen, is_logit)?
    } else if n_categories <= MAX_CATEGORIES && outcomes.is_scalar() {
        of_lanes(recorder, theta, &chosen, is_logit)?
    } else {
        return Ok(None);
    };
    let is_array = !outcomes.is_scalar();
    let result = if is_array { recorder.graph.sum_over(logarithms, chosen.len()) } else { logarithms };
    Ok(Some(recorder.scalar(result)))
}

/// The outcomes, counted from 0: one, one a lane, or those of an array; `None` where one is no category.
fn known_outcomes(outcomes: &Symbol, n_categories: usize) -> Option<Vec<u32>> {
    let numbers: Vec<i64> = match outcomes {
        Symbol::Int(y) => vec![*y],
        Symbol::LaneInt(lanes) => lanes.to_vec(),
        Symbol::Known(value) => match &**value {
            Value::Ints(tensor) if tensor.kind == Kind::Scalar => tensor.entries.clone(),
            _ => return None,
        },
        _ => return None,
    };
    let category = |y: &i64| usize::try_from(*y - 1).ok().filter(|y| *y < n_categories).map(|y| y as u32);
    numbers.iter().map(category).collect()
}

/// The probabilities are the same in all lanes.
fn of_all(recorder: &mut Recorder<'_>, theta: &Symbol, chosen: &[u32], is_logit: bool) -> Recorded<NodeId> {
    let column = recorder.pack(theta)?;
    if is_logit {
        let total = recorder.whole_of_one(LogSumExp, column, 1)?;
        let picked = recorder.graph.gather(column, chosen);
        return Ok(recorder.graph.binary(Binary::Subtract, picked, total));
    }
    recorder.require(column, Domain::NonNegative)?;
    let total = recorder.graph.sum(column);
    recorder.require(total, Domain::Between(1.0 - TOLERANCE, 1.0 + TOLERANCE))?;
    let logarithms = recorder.graph.unary(Unary::Log, column);
    Ok(recorder.graph.gather(logarithms, chosen))
}

/// Every lane has probabilities of its own.
fn of_lanes(recorder: &mut Recorder<'_>, theta: &Symbol, chosen: &[u32], is_logit: bool) -> Recorded<NodeId> {
    let each = recorder.each(theta)?;
    let entries = each.iter().map(|entry| recorder.node(entry)).collect::<Recorded<Vec<NodeId>>>()?;
    if is_logit {
        let total = fold(recorder, &entries, Binary::LogSumExp);
        let picked = pick(recorder, &entries, chosen);
        return Ok(recorder.graph.binary(Binary::Subtract, picked, total));
    }
    if !recorder.simplexes.contains(&entries) {
        for entry in &entries {
            recorder.require(*entry, Domain::NonNegative)?;
        }
        let total = fold(recorder, &entries, Binary::Add);
        recorder.require(total, Domain::Between(1.0 - TOLERANCE, 1.0 + TOLERANCE))?;
    }
    // The logarithms of exponentials are there already.
    let is_exp = |id: &NodeId| matches!(recorder.graph.node(*id).operation, Operation::Unary(Unary::Exp, _));
    if entries.iter().all(is_exp) {
        let logarithms: Vec<NodeId> = entries.iter().map(|id| recorder.graph.unary(Unary::Log, *id)).collect();
        return Ok(pick(recorder, &logarithms, chosen));
    }
    let picked = pick(recorder, &entries, chosen);
    Ok(recorder.graph.unary(Unary::Log, picked))
}

fn fold(recorder: &mut Recorder<'_>, entries: &[NodeId], binary: Binary) -> NodeId {
    let rest = entries.iter().skip(1);
    rest.fold(entries[0], |total, entry| recorder.graph.binary(binary, total, *entry))
}

/// In each lane the entry that was chosen there.
fn pick(recorder: &mut Recorder<'_>, entries: &[NodeId], chosen: &[u32]) -> NodeId {
    let lanes = recorder.lanes();
    if let Some(first) = chosen.first().filter(|first| chosen.iter().all(|other| other == *first)) {
        return entries[*first as usize];
    }
    let columns: Vec<NodeId> = entries.iter().map(|entry| recorder.graph.broadcast(*entry, lanes)).collect();
    let all = recorder.graph.concatenate(&columns);
    let index: Vec<u32> = (0..).zip(chosen).map(|(lane, entry)| entry * lanes as u32 + lane).collect();
    recorder.graph.gather(all, &index)
}
