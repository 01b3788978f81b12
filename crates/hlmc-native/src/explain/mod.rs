//! What became of each statement of a program, and what it costs.
//!
//! The statements come in the order of the text, those of a function under the statement that calls it. A node of the
//! graph belongs to the statement that first built it (see [`Origins`]); what several statements share is the first one's,
//! and the others say with whom they share.
//!
//! **Cost.** Code runs the nodes of several statements in one loop, so that no clock can be put between them, and the
//! interpreter, which could be stopped between any two nodes, spends its time on other things than code does. So whole
//! programs are timed: [`Explanation::runner`] gives the density as far as the first `n` statements make it, compiled as
//! the whole is, and a statement costs the difference to one statement less. These differences are of the code that runs,
//! they add up to the whole, and shared work is charged to the first who needs it, as the nodes are. What a statement
//! computes for later ones (a transformed parameter, say) is summed up in place of their use. Their weakness is noise: a
//! difference is known no better than the clock knows the larger of the two times, some per cent of it. Leaving out one
//! statement at a time would not add up, since shared work is in none of these differences.
//!
//! Not here: the clock, which is the caller's.

mod prefix;
mod statements;
mod work;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use hlmc_builtins::Value;
use hlmc_check::ir::{Block, Program};
use hlmc_syntax::Span;

use crate::apply::Tables;
pub use crate::graph::LoopForm;
use crate::graph::{NodeId, Operation, OriginId, Origins};
use crate::record::{self, Recording, Stop};
use crate::rewrite::{self, Rewrites};
use statements::{Kind, Row};
pub use work::Work;

/// A program, statement by statement.
pub struct Explanation {
    /// The statements in the order of the text.
    pub statements: Vec<Statement>,
    recording: Recording,
    tables: Arc<Tables>,
    /// The place among [`Explanation::statements`] of the statements that ran.
    ranks: HashMap<OriginId, usize>,
}

/// What became of one statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// The block that it is in, or that calls its function.
    pub block: Block,
    /// Its text: for loops and conditions, all of it.
    pub span: Span,
    /// How many statements it is inside of.
    pub depth: usize,
    /// What it comes to.
    pub outcome: Outcome,
    /// What a loop became.
    pub loop_form: Option<LoopForm>,
    /// Unconstrained coordinates, for a parameter.
    pub n_coordinates: usize,
    /// What is computed at every point.
    pub work: Vec<Work>,
    /// The rewrites that found a cheaper form.
    pub rewrites: Vec<Rewritten>,
    /// Statements that had built something before that this one needs as well.
    pub shares_with: Vec<Span>,
}

/// What a statement comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It does something at every point, itself or by the statements in it.
    Computed,
    /// All of it is known from the data and was computed once.
    Known,
    /// It was not reached with these data.
    NotReached,
    /// The density needs none of it.
    NotNeeded,
    /// It is part of what the scan around it does in a turn.
    InScan,
    /// A rewrite made it part of what the statements compute that use it.
    Absorbed,
    /// Earlier statements compute all that it needs.
    Shared,
}

/// What a rewrite did to a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// The rewrite's name.
    pub rewrite: &'static str,
    /// The most lanes that it replaced.
    pub from: usize,
    /// The most lanes that there are instead.
    pub to: usize,
}

/// Why a program has no graph to be explained.
#[derive(Clone, Debug, PartialEq)]
pub struct NotRecorded {
    /// The reason.
    pub reason: Stop,
    /// The statement that is to blame, if it is one.
    pub span: Option<Span>,
}

/// Explains a program that is bound to data, with these rewrites, as it is at a position (or near the middle of the
/// unconstrained space): conditions on parameters may turn out otherwise elsewhere.
///
/// # Errors
/// Where the graph cannot express the program.
pub fn explain(
    program: &Program,
    data: &[Arc<Value<f64>>],
    tables: &Arc<Tables>,
    rewrites: Rewrites,
    position: Option<&[f64]>,
) -> Result<Explanation, NotRecorded> {
    let recorded = record::record_or_place(program, data, tables, position);
    let recorded = recorded.map_err(|(reason, span)| NotRecorded { reason, span })?;
    let rows = statements::rows(program, &recorded.graph.origins);
    let ranks = rows.iter().enumerate().filter_map(|(i, row)| Some((row.origin?, i))).collect();
    let built = Built::new(&recorded);
    let recording = rewrite::run(recorded, rewrites);
    let work = work::by_origin(&recording, &tables.plain);
    let origins = &recording.graph.origins;
    let mut statements: Vec<Statement> = rows.iter().map(|row| statement(row, &recording, &built, &work)).collect();
    for (i, row) in rows.iter().enumerate().rev().filter(|(_, row)| row.kind == Kind::Around) {
        let inside = rows[i + 1..].iter().take_while(|inner| inner.depth > row.depth).count();
        let outcome = around(&statements[i + 1..i + 1 + inside]);
        if statements[i].work.is_empty() {
            statements[i].outcome = row.origin.and(outcome).unwrap_or(Outcome::NotReached);
        }
    }
    for statement in &mut statements {
        statement.shares_with.retain(|span| *span != statement.span);
    }
    debug_assert!(origins.current().is_none());
    Ok(Explanation { statements, recording, tables: Arc::clone(tables), ranks })
}

/// What the recording had before it was rewritten.
struct Built {
    /// Statements that compute something.
    computing: HashSet<OriginId>,
    /// Those of them of which the density needs something.
    needed: HashSet<OriginId>,
    coordinates: HashMap<OriginId, BTreeSet<u32>>,
}

impl Built {
    fn new(recorded: &Recording) -> Built {
        let graph = &recorded.graph;
        let is_needed = graph.needed(recorded.result);
        let mut built = Built { computing: HashSet::new(), needed: HashSet::new(), coordinates: HashMap::new() };
        for (i, node) in graph.nodes().iter().enumerate() {
            let Some(origin) = graph.origins.of(NodeId(i as u32)) else { continue };
            if node.operation.is_computed() {
                built.computing.insert(origin);
                if is_needed[i] {
                    built.needed.insert(origin);
                }
            } else if let Operation::Position(first) = node.operation {
                built.coordinates.entry(origin).or_default().extend(first..first + node.lanes);
            }
        }
        built
    }
}

fn statement(row: &Row, recording: &Recording, built: &Built, work: &HashMap<OriginId, Vec<Work>>) -> Statement {
    let origins = &recording.graph.origins;
    let work = row.origin.and_then(|origin| work.get(&origin)).cloned().unwrap_or_default();
    let shares_with = row.origin.map_or_else(Vec::new, |origin| shares_with(origins, origin));
    let coordinates = row.origin.filter(|_| row.block == Block::Parameters);
    let coordinates = coordinates.and_then(|origin| built.coordinates.get(&origin));
    let n_coordinates = coordinates.map_or(0, BTreeSet::len);
    let outcome = match row.origin {
        _ if row.kind == Kind::Data => Outcome::Known,
        None => Outcome::NotReached,
        Some(_) if !work.is_empty() => Outcome::Computed,
        // The density may need the coordinates, and not what they are transformed to.
        Some(_) if n_coordinates > 0 => Outcome::Computed,
        Some(origin) if built.needed.contains(&origin) => Outcome::Absorbed,
        Some(origin) if built.computing.contains(&origin) && is_in_scan(origins, origin) => Outcome::InScan,
        Some(origin) if built.computing.contains(&origin) => Outcome::NotNeeded,
        Some(_) if !shares_with.is_empty() => Outcome::Shared,
        Some(_) => Outcome::Known,
    };
    Statement {
        block: row.block,
        span: row.span,
        depth: row.depth,
        outcome,
        loop_form: row.origin.and_then(|origin| origins.loop_form(origin)),
        n_coordinates,
        rewrites: row.origin.map_or_else(Vec::new, |origin| rewritten(recording, origin)),
        shares_with: if work.is_empty() && outcome != Outcome::Shared { Vec::new() } else { shares_with },
        work,
    }
}

/// What a statement comes to whose work is done by those inside of it.
fn around(inside: &[Statement]) -> Option<Outcome> {
    let has = |outcome: Outcome| inside.iter().any(|statement| statement.outcome == outcome);
    let order = [Outcome::Computed, Outcome::Absorbed, Outcome::InScan, Outcome::Shared, Outcome::NotNeeded];
    // That nothing inside is reached is known from the data.
    order.into_iter().find(|outcome| has(*outcome)).or(Some(Outcome::Known))
}

fn is_in_scan(origins: &Origins, origin: OriginId) -> bool {
    let mut around = origins.get(origin).and_then(|origin| origin.around);
    while let Some(id) = around {
        if matches!(origins.loop_form(id), Some(LoopForm::Scan(_))) {
            return true;
        }
        around = origins.get(id).and_then(|origin| origin.around);
    }
    false
}

fn shares_with(origins: &Origins, user: OriginId) -> Vec<Span> {
    let owners = origins.shared().filter(|(other, _)| *other == user).filter_map(|(_, owner)| origins.get(owner));
    let mut spans: Vec<Span> = owners.map(|owner| owner.span).collect();
    spans.sort_unstable();
    spans.dedup();
    spans
}

fn rewritten(recording: &Recording, origin: OriginId) -> Vec<Rewritten> {
    let mut most: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
    for applied in recording.applied.iter().filter(|applied| applied.origin == Some(origin)) {
        let (from, to) = most.entry(applied.rewrite).or_default();
        if (applied.from, applied.to) > (*from, *to) {
            (*from, *to) = (applied.from, applied.to);
        }
    }
    let all = most.into_iter().map(|(rewrite, (from, to))| Rewritten { rewrite, from, to });
    all.collect()
}
