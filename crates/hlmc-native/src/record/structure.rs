//! Functions that only move entries: what goes where is found by calling them on the entries' numbers.

use std::sync::Arc;

use hlmc_builtins::value::{Entries as ValueEntries, Tensor};
use hlmc_builtins::{Call, FunctionId, Part, Terms, Value};

use super::Recorder;
use super::stop::{Recorded, unsupported};
use super::symbol::Symbol;

/// Functions whose results hold entries of their real arguments, zeros, and nothing else.
const MOVERS: &[&str] = &[
    "append_array",
    "append_col",
    "append_row",
    "block",
    "col",
    "diag_matrix",
    "diagonal",
    "head",
    "operator'",
    "rep_array",
    "rep_matrix",
    "rep_row_vector",
    "rep_vector",
    "reverse",
    "row",
    "segment",
    "sub_col",
    "sub_row",
    "symmetrize_from_lower_tri",
    "tail",
    "to_array_1d",
    "to_array_2d",
    "to_matrix",
    "to_row_vector",
    "to_vector",
    "transpose",
];

/// True for functions that only move entries.
pub(super) fn is_mover(name: &str) -> bool {
    MOVERS.binary_search(&name).is_ok()
}

impl Recorder<'_> {
    /// Calls a function that only moves entries.
    pub(super) fn move_entries(&mut self, function: FunctionId, arguments: &[Symbol]) -> Recorded<Symbol> {
        let mut entries: Vec<Symbol> = vec![Symbol::Real(0.0)];
        let mut tagged: Vec<Value<f64>> = Vec::with_capacity(arguments.len());
        for argument in arguments {
            tagged.push(self.tagged(argument, &mut entries)?);
        }
        let tables = Arc::clone(&self.tables);
        let Some(row) = tables.plain.row(function) else { return unsupported("an unknown function") };
        let references: Vec<&Value<f64>> = tagged.iter().collect();
        let mut call =
            Call { arguments: &references, terms: Terms::ALL, rng: None, callback: None, log_jacobian: None };
        let moved = match row.call(Part::Function, &mut call) {
            Ok(moved) => moved,
            Err(fault) => return unsupported(format!("{}: {}", row.name(), fault.message)),
        };
        match moved {
            Value::Real(tag) => Ok(entries[tag as usize].clone()),
            Value::Reals(tensor) => {
                let each: Vec<Symbol> =
                    tensor.entries.values().iter().map(|tag| entries[*tag as usize].clone()).collect();
                let is_uniform = each.iter().all(|entry| self.is_uniform(entry));
                if is_uniform && !each.is_empty() {
                    let cells = self.container(tensor.kind, tensor.dims.clone(), each);
                    let column = self.pack(&cells)?;
                    return Ok(self.packed(tensor.kind, tensor.dims, column));
                }
                Ok(self.container(tensor.kind, tensor.dims, each))
            }
            _ => unsupported(row.name()),
        }
    }

    /// A real argument with its entries replaced by their numbers; ints stay what they are.
    fn tagged(&mut self, argument: &Symbol, entries: &mut Vec<Symbol>) -> Recorded<Value<f64>> {
        match argument {
            Symbol::Int(i) => return Ok(Value::Int(*i)),
            Symbol::LaneInt(_) => return self.uniform_int(argument).map(Value::Int),
            Symbol::Known(value) if matches!(**value, Value::Ints(_)) => return Ok((**value).clone()),
            _ => {}
        }
        let each = self.each(argument)?;
        let first = entries.len();
        entries.extend(each.iter().cloned());
        let tags: Vec<f64> = (first..entries.len()).map(|tag| tag as f64).collect();
        if argument.is_scalar() {
            return Ok(Value::Real(tags[0]));
        }
        let (kind, dims) = argument.shape();
        Ok(Value::Reals(Tensor { kind, dims, entries: ValueEntries::Data(tags) }))
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_names_are_sorted_for_the_search() {
        assert!(super::MOVERS.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
