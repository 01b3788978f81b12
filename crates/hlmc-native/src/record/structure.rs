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
    "diag_matrix",
    "diagonal",
    "operator'",
    "rep_array",
    "rep_matrix",
    "rep_row_vector",
    "rep_vector",
    "reverse",
    "symmetrize_from_lower_tri",
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
        // Entry 0 is the zero that a function may put beside those of its arguments.
        let mut n_entries = 1;
        let mut moved = vec![Symbol::Real(0.0)];
        let mut tagged: Vec<Value<f64>> = Vec::with_capacity(arguments.len());
        for argument in arguments {
            tagged.push(match argument {
                Symbol::Int(i) => Value::Int(*i),
                Symbol::LaneInt(_) => Value::Int(self.uniform_int(argument)?),
                Symbol::Known(value) if matches!(**value, Value::Ints(_)) => (**value).clone(),
                _ => {
                    moved.push(argument.clone());
                    tags(argument, &mut n_entries)
                }
            });
        }
        let tables = Arc::clone(&self.tables);
        let Some(row) = tables.plain.row(function) else { return unsupported("an unknown function") };
        let references: Vec<&Value<f64>> = tagged.iter().collect();
        let mut call =
            Call { arguments: &references, terms: Terms::ALL, rng: None, callback: None, log_jacobian: None };
        match row.call(Part::Function, &mut call) {
            Ok(Value::Reals(tensor)) => self.moved(&moved, &tensor),
            Ok(_) => unsupported(row.name()),
            Err(fault) => unsupported(format!("{}: {}", row.name(), fault.message)),
        }
    }

    /// The container that has these tags in the place of entries.
    fn moved(&mut self, from: &[Symbol], tags: &Tensor<ValueEntries<f64>>) -> Recorded<Symbol> {
        let (kind, dims, tags) = (tags.kind, tags.dims.clone(), tags.entries.values());
        if !from.iter().all(|symbol| self.is_uniform(symbol)) {
            let each = self.entries_at(from, &tags)?;
            return Ok(self.container(kind, dims, each));
        }
        let columns = from.iter().map(|symbol| self.pack(symbol)).collect::<Recorded<Vec<_>>>()?;
        let lanes = columns.iter().flat_map(|column| (0..self.graph.lanes(*column) as u32).map(|lane| (*column, lane)));
        let lanes: Vec<_> = lanes.collect();
        let picked: Vec<_> = tags.iter().map(|tag| lanes[*tag as usize]).collect();
        // Stretches, not one gather: what is known among them, such as zeros around a diagonal, has no adjoint to add to.
        let mut parts = Vec::new();
        for stretch in picked.chunk_by(|a, b| a.0 == b.0) {
            let index: Vec<u32> = stretch.iter().map(|(_, lane)| *lane).collect();
            parts.push(self.graph.gather(stretch[0].0, &index));
        }
        let column = self.graph.concatenate(&parts);
        Ok(self.packed(kind, dims, column))
    }

    /// The entries that have these tags.
    fn entries_at(&mut self, from: &[Symbol], tags: &[f64]) -> Recorded<Vec<Symbol>> {
        let mut entries = Vec::new();
        for symbol in from {
            entries.extend(self.each(symbol)?.iter().cloned());
        }
        Ok(tags.iter().map(|tag| entries[*tag as usize].clone()).collect())
    }
}

/// A real argument with its entries replaced by their numbers, of which there are so many before.
fn tags(argument: &Symbol, n_entries: &mut usize) -> Value<f64> {
    let (kind, dims) = argument.shape();
    let first = *n_entries;
    *n_entries += dims.iter().product::<usize>();
    let tags: Vec<f64> = (first..*n_entries).map(|tag| tag as f64).collect();
    if argument.is_scalar() {
        return Value::Real(tags[0]);
    }
    Value::Reals(Tensor { kind, dims, entries: ValueEntries::Data(tags) })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_names_are_sorted_for_the_search() {
        assert!(super::MOVERS.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
