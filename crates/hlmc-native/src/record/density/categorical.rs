//! Categories: the logarithm of the probability of the one that happened, picked out lane by lane.

use std::collections::HashSet;

use hlmc_builtins::value::Kind;
use hlmc_builtins::{Terms, Value};

use super::simplex::{Form, MAX_CATEGORIES};
use crate::graph::{Binary, NodeId, Operation, Unary};
use crate::linear::reduction::LogSumExp;
use crate::record::Recorder;
use crate::record::stop::Recorded;
use crate::record::symbol::Symbol;

/// `categorical` and `categorical_logit` of known outcomes. `None` where there is no formula.
pub(super) fn expand(
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
    if is_logit && has_infinite_log_odds(recorder, theta)? {
        return Ok(None);
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
pub(super) fn known_outcomes(outcomes: &Symbol, n_categories: usize) -> Option<Vec<u32>> {
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
    let form = Form::Column { count: 1, size: recorder.graph.lanes(column) };
    form.require_simplex(recorder, &[column])?;
    let logarithms = recorder.graph.unary(Unary::Log, column);
    Ok(recorder.graph.gather(logarithms, chosen))
}

/// Every lane has probabilities of its own.
fn of_lanes(recorder: &mut Recorder<'_>, theta: &Symbol, chosen: &[u32], is_logit: bool) -> Recorded<NodeId> {
    let entries = recorder.nodes(theta)?;
    if is_logit {
        let total = recorder.log_sum_exp(&entries);
        let chosen_entry = weighted(recorder, &entries, chosen);
        return Ok(recorder.graph.binary(Binary::Subtract, chosen_entry, total));
    }
    Form::Lanes.require_simplex(recorder, &entries)?;
    // The logarithms of exponentials are there already.
    let is_exp = |id: &NodeId| matches!(recorder.graph.node(*id).operation, Operation::Unary(Unary::Exp, _));
    if entries.iter().all(is_exp) {
        let logarithms: Vec<NodeId> = entries.iter().map(|id| recorder.graph.unary(Unary::Log, *id)).collect();
        if let Some((log_odds, total)) = normalised(recorder, &logarithms)
            && !log_odds.iter().any(|entry| has_infinite_data(recorder, *entry))
        {
            let chosen_entry = weighted(recorder, &log_odds, chosen);
            return Ok(recorder.graph.binary(Binary::Subtract, chosen_entry, total));
        }
        return Ok(pick(recorder, &logarithms, chosen));
    }
    let picked = pick(recorder, &entries, chosen);
    Ok(recorder.graph.unary(Unary::Log, picked))
}

/// What the same total was subtracted from to give these logarithms, and the total.
fn normalised(recorder: &mut Recorder<'_>, logarithms: &[NodeId]) -> Option<(Vec<NodeId>, NodeId)> {
    let zero = recorder.graph.constant(0.0);
    let difference = |id: &NodeId| match recorder.graph.node(*id).operation {
        Operation::Binary(Binary::Subtract, x, total) => Some((x, total)),
        Operation::Unary(Unary::Negate, total) => Some((zero, total)),
        _ => None,
    };
    let parts = logarithms.iter().map(difference).collect::<Option<Vec<_>>>()?;
    let total = parts.first()?.1;
    let is_shared = parts.iter().all(|(_, other)| *other == total);
    is_shared.then(|| (parts.into_iter().map(|(x, _)| x).collect(), total))
}

/// In each lane the entry that was chosen there, where all entries are finite.
///
/// It is the sum of all entries with weights 0 and 1: so it is part of the loop over lanes, and its own sum over lanes,
/// where entries are linear, needs no more than sums of the data.
fn weighted(recorder: &mut Recorder<'_>, entries: &[NodeId], chosen: &[u32]) -> NodeId {
    if let Some(first) = shared(chosen) {
        return entries[first];
    }
    let none = recorder.graph.constant(0.0);
    (0..).zip(entries).fold(none, |sum, (category, entry)| {
        let weights: Vec<f64> = chosen.iter().map(|chosen| f64::from(*chosen == category)).collect();
        let weights = recorder.graph.known(&weights);
        let term = recorder.graph.binary(Binary::Multiply, weights, *entry);
        recorder.graph.binary(Binary::Add, sum, term)
    })
}

/// The entry that all lanes chose.
fn shared(chosen: &[u32]) -> Option<usize> {
    let first = chosen.first()?;
    chosen.iter().all(|other| other == first).then_some(*first as usize)
}

/// True when the data make some log odds infinite, which the density of the table refuses.
fn has_infinite_log_odds(recorder: &mut Recorder<'_>, theta: &Symbol) -> Recorded<bool> {
    let nodes = if recorder.is_uniform(theta) { vec![recorder.pack(theta)?] } else { recorder.nodes(theta)? };
    Ok(nodes.iter().any(|node| has_infinite_data(recorder, *node)))
}

/// True when a number that the node is computed from is known and not finite.
fn has_infinite_data(recorder: &Recorder<'_>, node: NodeId) -> bool {
    let mut seen = HashSet::new();
    let mut open = vec![node];
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        if let Some(column) = recorder.graph.known_column(id)
            && !column.iter().all(|x| x.is_finite())
        {
            return true;
        }
        recorder.graph.node(id).operation.for_each_operand(|operand| open.push(operand));
    }
    false
}

/// In each lane the entry that was chosen there.
pub(super) fn pick(recorder: &mut Recorder<'_>, entries: &[NodeId], chosen: &[u32]) -> NodeId {
    let lanes = recorder.lanes();
    if let Some(first) = shared(chosen) {
        return entries[first];
    }
    let columns: Vec<NodeId> = entries.iter().map(|entry| recorder.graph.broadcast(*entry, lanes)).collect();
    let all = recorder.graph.concatenate(&columns);
    let index: Vec<u32> = (0..).zip(chosen).map(|(lane, entry)| entry * lanes as u32 + lane).collect();
    recorder.graph.gather(all, &index)
}
