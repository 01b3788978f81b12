//! Rewrites: laws of the whole graph that use that the data are known, each in a file of its own and each with a name by
//! which it can be switched off.
//!
//! The graph is built again from its leaves up. At every node the laws of nodes are tried; a sum is first taken apart into
//! terms, each a known coefficient times a factor, and every term goes to the first law of sums that has a cheaper form for
//! it. What no law takes stays one sum as it was.
//!
//! [`REWRITES`] is the one place to add a rewrite.

mod cells;
mod collapse;
mod gram;
mod hoist;
mod householder;
mod moments;
mod rewriter;
mod selection;
mod sheets;
mod softplus;
mod squares;
mod statistics;
mod system;
mod terms;
#[cfg(test)]
mod testing;

pub use selection::{Rewrites, UnknownRewrite};

use crate::graph::{Check, NodeId, OriginId};
use crate::record::Recording;
use rewriter::Rewriter;
use terms::Term;

/// A law with a name.
pub struct Rewrite {
    /// By which it is switched off: `--opt no-NAME`.
    pub name: &'static str,
    /// What it says, in a sentence.
    pub law: &'static str,
    kind: Kind,
}

/// A law that found a cheaper form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The statement whose node was replaced.
    pub origin: Option<OriginId>,
    /// The rewrite's name.
    pub rewrite: &'static str,
    /// The lanes that were computed before.
    pub from: usize,
    /// The lanes that are computed instead; 0 where all is known.
    pub to: usize,
}

/// Where a law is tried.
#[derive(Clone, Copy)]
enum Kind {
    /// At every node: an equal one that costs less.
    Node(fn(&mut Rewriter, NodeId) -> Option<NodeId>),
    /// At every term of a sum over so many lanes: one lane that equals the sum of the term, less its scale.
    Term(fn(&mut Rewriter, &Term, usize) -> Option<NodeId>),
}

/// All rewrites, in the order in which they are tried.
pub const REWRITES: &[Rewrite] = &[
    Rewrite {
        name: "hoist",
        law: "An elementwise operation of gathered lanes is computed once a distinct lane and gathered afterwards.",
        kind: Kind::Node(hoist::hoist),
    },
    Rewrite {
        name: "moments",
        law: "A sum that is linear in known columns needs the columns' sums alone: one a group, one a predictor.",
        kind: Kind::Term(moments::moments),
    },
    Rewrite {
        name: "gram",
        law: "A sum of squared residuals of a linear predictor needs no more rows than predictors: |K s| = |R s| with K = Q R.",
        kind: Kind::Term(gram::gram),
    },
    Rewrite {
        name: "statistics",
        law: "A sum of squared residuals that share effects by group needs each group's sufficient statistics alone.",
        kind: Kind::Term(statistics::statistics),
    },
    Rewrite {
        name: "softplus",
        law: "log(1 + exp(-x)) = log(1 + exp(x)) - x, where outcomes of both kinds then share rows.",
        kind: Kind::Term(softplus::softplus),
    },
    Rewrite {
        name: "collapse",
        law: "Rows with equal data are summed as one row with a weight, and checked as one.",
        kind: Kind::Term(collapse::collapse),
    },
];

/// Applies the chosen rewrites to a recorded density.
#[must_use]
pub fn run(recording: Recording, rewrites: Rewrites) -> Recording {
    if rewrites.is_empty() {
        return recording;
    }
    let old = &recording.graph;
    let mut needed = old.needed(recording.result);
    // The sum may have taken over the sign of a term, which then has no other use.
    for (term, _) in &recording.terms {
        let mut is_there = true;
        old.node(*term).operation.for_each_operand(|operand| is_there &= needed[operand.index()]);
        needed[term.index()] |= is_there;
    }
    let mut rewriter = Rewriter::new(old.successor(), rewrites);
    // Nodes that are not needed have no counterpart; nothing refers to their entry.
    let mut new = vec![NodeId(0); needed.len()];
    for (i, node) in old.nodes().iter().enumerate().filter(|(i, _)| needed[*i]) {
        let operation = node.operation.map_operands(|operand| new[operand.index()]);
        rewriter.graph.origins.set(old.origins.of(NodeId(i as u32)));
        new[i] = rewriter.build(operation, node.lanes as usize);
    }
    for check in &old.checks {
        rewriter.graph.origins.set(old.origins.of(check.node));
        let node = rewriter.distinct_lanes(new[check.node.index()]);
        rewriter.graph.checks.push(Check { node, domain: check.domain, is_guard: check.is_guard });
    }
    rewriter.graph.origins.set(None);
    let terms = recording.terms.iter().filter(|(term, _)| needed[term.index()]);
    Recording {
        result: new[recording.result.index()],
        terms: terms.map(|(term, origin)| (new[term.index()], *origin)).collect(),
        graph: rewriter.graph,
        dimension: recording.dimension,
        n_guards: recording.n_guards,
        applied: rewriter.applied,
    }
}
