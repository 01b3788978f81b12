//! In which form each node runs, for those who ask.

use super::plan::{Plan, Stage};
use crate::graph::{Graph, NodeId, Operation};

/// How a node runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// In straight code.
    Straight,
    /// In a loop over lanes, both sweeps in one pass or not.
    Map {
        /// The number of lanes.
        lanes: usize,
        /// True when one pass does both sweeps.
        is_single_pass: bool,
    },
    /// In a loop over turns.
    Scan {
        /// The number of turns.
        turns: usize,
    },
    /// As a call.
    Call,
}

/// The form of each node that `result` and the graph's checks need.
pub(crate) fn forms(graph: &Graph, result: NodeId) -> Vec<Option<Form>> {
    let plan = Plan::new(graph, result);
    let mut forms = vec![None; plan.needed.len()];
    for stage in &plan.stages {
        match stage {
            Stage::Scalars(nodes) => nodes.iter().for_each(|id| forms[id.index()] = Some(Form::Straight)),
            Stage::Map(map) => {
                let form = Form::Map { lanes: map.lanes, is_single_pass: map.is_single_pass };
                map.nodes.iter().for_each(|id| forms[id.index()] = Some(form));
            }
            Stage::Scan(id) => forms[id.index()] = Some(scan(&plan.graph, *id)),
            Stage::Callout(id) => {
                let is_scan = matches!(plan.graph.node(*id).operation, Operation::Scan(..));
                forms[id.index()] = Some(if is_scan { scan(&plan.graph, *id) } else { Form::Call });
            }
        }
    }
    // What the plan adds for its own ends is younger than all that was there.
    forms.truncate(graph.nodes().len());
    forms
}

fn scan(graph: &Graph, id: NodeId) -> Form {
    match graph.node(id).operation {
        Operation::Scan(scan, _) => Form::Scan { turns: graph.scans[scan.0 as usize].turns },
        _ => Form::Call,
    }
}
