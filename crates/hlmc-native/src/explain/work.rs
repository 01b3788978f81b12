//! What the nodes of a statement do at every point.

use std::collections::{BTreeMap, HashMap};
use std::fmt::{self, Write};

use hlmc_builtins::Library;

use crate::codegen::form::{Form, forms};
use crate::graph::{Graph, NodeId, Operation, OriginId};
use crate::record::Recording;

/// Something that is computed at every point.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    /// A loop that carries values from turn to turn.
    Scan {
        /// The number of turns.
        turns: usize,
    },
    /// A loop over lanes.
    Map {
        /// The number of lanes.
        lanes: usize,
        /// True when value and gradient take one pass together, false when each takes its own.
        is_single_pass: bool,
        /// The operations of a lane.
        n_operations: usize,
    },
    /// A function that is called.
    Call {
        /// What it computes.
        name: String,
        /// How often it is called.
        n_calls: usize,
    },
    /// Operations of single numbers.
    Straight {
        /// The number of operations.
        n_operations: usize,
    },
}

/// The work of each statement.
pub(super) fn by_origin(recording: &Recording, library: &Library<f64>) -> HashMap<OriginId, Vec<Work>> {
    let graph = &recording.graph;
    let mut counts: HashMap<OriginId, BTreeMap<Work, usize>> = HashMap::new();
    for (i, form) in forms(graph, recording.result).into_iter().enumerate() {
        let id = NodeId(i as u32);
        let (Some(form), Some(origin)) = (form, graph.origins.of(id)) else { continue };
        if graph.node(id).operation.is_computed() {
            let work = match form {
                Form::Straight => Work::Straight { n_operations: 0 },
                Form::Map { lanes, is_single_pass } => Work::Map { lanes, is_single_pass, n_operations: 0 },
                Form::Scan { turns } => Work::Scan { turns },
                Form::Call => Work::Call { name: name_of_call(graph, id, library), n_calls: 0 },
            };
            *counts.entry(origin).or_default().entry(work).or_default() += 1;
        }
    }
    let counted = |(work, n): (Work, usize)| match work {
        Work::Scan { turns } => Work::Scan { turns },
        Work::Map { lanes, is_single_pass, .. } => Work::Map { lanes, is_single_pass, n_operations: n },
        Work::Call { name, .. } => Work::Call { name, n_calls: n },
        Work::Straight { .. } => Work::Straight { n_operations: n },
    };
    counts.into_iter().map(|(origin, counts)| (origin, counts.into_iter().map(counted).collect())).collect()
}

fn name_of_call(graph: &Graph, id: NodeId, library: &Library<f64>) -> String {
    match &graph.node(id).operation {
        Operation::Elementwise(function, _) => {
            library.row(function.function).map_or("function", |row| row.name()).to_owned()
        }
        Operation::Whole(whole, _) => in_words(&type_name(&graph.wholes[whole.0 as usize])),
        Operation::KnownMatrixVector(..) => "known matrix times vector".to_owned(),
        Operation::ScatterSum(..) => "sum by group".to_owned(),
        _ => "operation".to_owned(),
    }
}

/// The first word of a debug output, which for structures is the name of their type.
fn type_name(value: &dyn fmt::Debug) -> String {
    let mut word = Word(String::new());
    // The error is how the output is kept from going on: what follows may be a large matrix.
    let _ = write!(word, "{value:?}");
    word.0
}

/// Takes letters until something else comes; wrappers are left out.
struct Word(String);

impl Write for Word {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '(' if self.0 == "ByForwardMode" => self.0.clear(),
                c if c.is_alphanumeric() || c == '_' => self.0.push(c),
                _ if self.0.is_empty() => {}
                _ => return Err(fmt::Error),
            }
        }
        Ok(())
    }
}

/// `TriangularSolution` as `triangular solution`.
fn in_words(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_named_by_its_type() {
        #[derive(Debug)]
        #[allow(dead_code, reason = "read by Debug")]
        struct TriangularSolution {
            matrix: Vec<f64>,
        }
        #[derive(Debug)]
        #[allow(dead_code, reason = "read by Debug")]
        struct ByForwardMode<G>(G);
        let solution = TriangularSolution { matrix: vec![1.0; 10] };
        assert_eq!(in_words(&type_name(&solution)), "triangular solution");
        assert_eq!(in_words(&type_name(&ByForwardMode(solution))), "triangular solution");
    }
}
