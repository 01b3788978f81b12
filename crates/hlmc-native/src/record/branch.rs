//! Control flow that depends on parameters.
//!
//! A condition on parameters is a *mask*: a node that is 1 where it holds and 0 elsewhere. Where both sides of a branch
//! run to their end, both are recorded under their masks: what they assign, return or add to the log density is selected
//! lane by lane, and their checks count where they are taken; what leaves a loop early is in `record/leave`. Anything else
//! (loop bounds, indices, shapes) is decided at the present point: the outcome is assumed and written down as a *guard*, and
//! at points where it is another one this recording has no value.

use std::rc::Rc;

use hlmc_builtins::table::Domain;
use hlmc_check::ir::{Expression, Place, Statement};

use super::Recorder;
use super::flow::Flow;
use super::leave::Exit;
use super::stop::{Recorded, Stop, unsupported};
use super::symbol::{Cells, Entries, Symbol};
use crate::execute::lanes_at;
use crate::graph::{Binary, Check, NodeId};

/// Guards beyond which forward mode is taken to be the better engine.
const MAX_GUARDS: usize = 256;

/// A condition, one truth value a lane.
pub(super) enum Truth {
    /// It follows from data.
    Known(Vec<bool>),
    /// It depends on parameters: 1 where it holds, else 0.
    Mask(NodeId),
}

/// A side of a branch on parameters.
struct Side {
    /// Where control goes at its end, if it comes there: on, to the next turn of the loop around, or back to the caller.
    flow: Flow,
    /// Where it is taken and leaves the turn of the loop around; `None` for nowhere.
    left: Option<NodeId>,
}

/// What became of a branch.
pub(super) enum Branched {
    /// The statements behind it come next.
    Before(Flow),
    /// They have been run too.
    Through(Flow),
}

impl Recorder<'_> {
    /// Whether a scalar is 0, or 1 where it is not.
    pub(super) fn truth(&mut self, x: &Symbol) -> Recorded<Truth> {
        match x {
            Symbol::Int(i) => return Ok(Truth::Known(vec![*i != 0])),
            Symbol::LaneInt(lanes) => return Ok(Truth::Known(lanes.iter().map(|i| *i != 0).collect())),
            _ => {}
        }
        let x = self.node(x)?;
        if let Some(column) = self.graph.known_column(x) {
            return Ok(Truth::Known(column.iter().map(|x| *x != 0.0).collect()));
        }
        if self.graph.is_mask(x) {
            return Ok(Truth::Mask(x));
        }
        let zero = self.graph.constant(0.0);
        let is_zero = self.graph.binary(Binary::Equal, x, zero);
        Ok(Truth::Mask(self.complement(is_zero)))
    }

    /// The same, decided at the present point where it depends on parameters.
    pub(super) fn decided(&mut self, truth: Truth) -> Recorded<Vec<bool>> {
        match truth {
            Truth::Known(lanes) => Ok(lanes),
            Truth::Mask(mask) => Ok(self.guard(mask)?.iter().map(|x| *x != 0.0).collect()),
        }
    }

    /// 1 where the mask is 0.
    pub(super) fn complement(&mut self, mask: NodeId) -> NodeId {
        let one = self.graph.constant(1.0);
        self.graph.binary(Binary::Subtract, one, mask)
    }

    /// An integer that depends on parameters as what it is at the present point.
    pub(super) fn settled(&mut self, symbol: &Symbol) -> Recorded<Symbol> {
        let node = match symbol {
            Symbol::Node(node) => *node,
            Symbol::Real(x) if x.is_finite() => return Ok(Symbol::Int(*x as i64)),
            known => return Ok(known.clone()),
        };
        let lanes = self.guard(node)?;
        if lanes.iter().any(|x| !x.is_finite()) {
            return unsupported("an integer without a value");
        }
        Ok(super::expression::ints(lanes.iter().map(|x| *x as i64).collect()))
    }

    /// The lanes of a node at the present point, which are assumed from now on.
    fn guard(&mut self, node: NodeId) -> Recorded<Vec<f64>> {
        if !self.contexts.is_empty() {
            return Err(Stop::Dependent("a condition on parameters decides about a loop"));
        }
        if self.graph.checks.iter().filter(|check| check.is_guard).count() >= MAX_GUARDS {
            return unsupported("too many conditions that depend on parameters");
        }
        let lanes = match lanes_at(&self.graph, node, &self.position, &self.tables) {
            Ok(lanes) => lanes,
            Err(fault) => return unsupported(fault.message),
        };
        let assumed = self.graph.known(&lanes);
        let mut holds = self.graph.binary(Binary::Equal, node, assumed);
        if let Some(mask) = self.mask_since(0) {
            let one = self.graph.constant(1.0);
            holds = self.graph.select(mask, holds, one);
        }
        self.graph.checks.push(Check { node: holds, domain: Domain::Between(1.0, 1.0), is_guard: true });
        Ok(lanes)
    }

    /// Where all branches around are taken, from that number on; `None` outside of branches.
    pub(super) fn mask_since(&mut self, first: usize) -> Option<NodeId> {
        let masks = self.masks.get(first..)?.to_vec();
        masks.into_iter().reduce(|all, mask| self.graph.binary(Binary::Multiply, all, mask))
    }

    /// Runs `f` where the mask holds.
    pub(super) fn under<T>(&mut self, mask: NodeId, f: impl FnOnce(&mut Self) -> Recorded<T>) -> Recorded<T> {
        let first = self.masks.len();
        self.masks.push(mask);
        let result = f(self);
        self.masks.truncate(first);
        result
    }

    /// Runs `f` with operands shielded where the branch around is not taken. Entries of a container are no lanes.
    pub(super) fn shielded<T>(&mut self, is_container: bool, f: impl FnOnce(&mut Self) -> Recorded<T>) -> Recorded<T> {
        let mask = self.mask_since(0);
        let mask = mask.filter(|mask| !is_container || self.graph.lanes(*mask) == 1);
        self.with_mask(mask, f)
    }

    /// Runs `f` with operands shielded where the mask is 0.
    pub(super) fn with_mask<T>(&mut self, mask: Option<NodeId>, f: impl FnOnce(&mut Self) -> T) -> T {
        let around = std::mem::replace(&mut self.graph.mask, mask);
        let result = f(self);
        self.graph.mask = around;
        result
    }

    /// One number for all lanes: whether any of them takes the branches around; `None` outside of branches.
    ///
    /// In a loop that carries values, lanes of later turns say nothing about those before.
    pub(super) fn mask_of_any(&mut self) -> Option<NodeId> {
        let mask = self.mask_since(0)?;
        if self.graph.lanes(mask) == 1 {
            return Some(mask);
        }
        if self.is_scanning() {
            return None;
        }
        let (zero, total) = (self.graph.constant(0.0), self.graph.sum(mask));
        Some(self.graph.binary(Binary::Less, zero, total))
    }

    /// Records statements where the mask holds.
    fn side(&mut self, mask: NodeId, statements: &[Statement]) -> Recorded<Side> {
        let first = self.masks.len();
        self.masks.push(mask);
        let flow = self.statements(statements).and_then(|flow| self.leave_turn(flow));
        let staying = self.masks.split_off(first);
        let flow = flow?;
        let left = match &flow {
            Flow::Continue => Some(mask),
            _ => {
                let staying = staying[1..].iter().copied();
                let staying = staying.reduce(|all, mask| self.graph.binary(Binary::Multiply, all, mask));
                staying.map(|staying| {
                    let leaving = self.complement(staying);
                    self.graph.binary(Binary::Multiply, mask, leaving)
                })
            }
        };
        Ok(Side { flow, left })
    }

    /// The statements behind a branch, recorded inside of it: they are not the branch's.
    fn behind(&mut self, rest: &[Statement]) -> Recorded<Flow> {
        let branch = self.graph.origins.current();
        let around = branch.and_then(|branch| self.graph.origins.get(branch)).and_then(|branch| branch.around);
        self.graph.origins.set(around);
        let flow = self.statements(rest);
        self.graph.origins.set(branch);
        flow
    }

    /// `if (condition) then else otherwise`, before `rest`.
    pub(super) fn branch(
        &mut self,
        condition: &Expression,
        sides: (&[Statement], &[Statement]),
        rest: &[Statement],
    ) -> Recorded<Branched> {
        let condition = self.expression(condition)?;
        let truth = self.truth(&condition)?;
        if let Truth::Mask(mask) = truth {
            let snapshot = self.snapshot();
            match self.select_branch(mask, sides, rest) {
                Ok(branched) => return Ok(branched),
                Err(stop) if !self.contexts.is_empty() || stop == Stop::Longer => return Err(stop),
                Err(_) => self.restore(snapshot),
            }
        }
        let truth = self.decided(truth)?;
        self.known_branch(&truth, sides).map(Branched::Before)
    }

    /// Both sides, each where it is taken; after a return on one side the rest belongs to the other. What leaves the turn of
    /// the loop around masks the rest of the turn.
    fn select_branch(
        &mut self,
        mask: NodeId,
        (then, otherwise): (&[Statement], &[Statement]),
        rest: &[Statement],
    ) -> Recorded<Branched> {
        let not_mask = self.complement(mask);
        let (first, second) = (self.side(mask, then)?, self.side(not_mask, otherwise)?);
        if let (Flow::Next | Flow::Continue, Flow::Next | Flow::Continue) = (&first.flow, &second.flow) {
            if (&first.flow, &second.flow) == (&Flow::Continue, &Flow::Continue) {
                return Ok(Branched::Before(Flow::Continue));
            }
            for left in [first.left, second.left].into_iter().flatten() {
                if self.frame.exit == Exit::Guarded {
                    return Err(Stop::Dependent("a branch leaves its loop"));
                }
                let staying = self.complement(left);
                self.masks.push(staying);
            }
            return Ok(Branched::Before(Flow::Next));
        }
        if first.left.is_some() || second.left.is_some() {
            return Err(Stop::Dependent("a branch leaves its block"));
        }
        let (first, second) = match (first.flow, second.flow) {
            (first @ Flow::Return(_), Flow::Next) => (first, self.under(not_mask, |recorder| recorder.behind(rest))?),
            (Flow::Next, second @ Flow::Return(_)) => (self.under(mask, |recorder| recorder.behind(rest))?, second),
            both => both,
        };
        let value = match (first, second) {
            (Flow::Return(Some(a)), Flow::Return(Some(b))) => Some(self.choose(mask, &a, &b)?),
            (Flow::Return(None), Flow::Return(None)) => None,
            _ => return Err(Stop::Dependent("a branch leaves its block")),
        };
        Ok(Branched::Through(Flow::Return(value)))
    }

    fn known_branch(&mut self, truth: &[bool], (then, otherwise): (&[Statement], &[Statement])) -> Recorded<Flow> {
        match (truth.contains(&true), truth.contains(&false)) {
            (_, false) => self.statements(then),
            (false, _) => self.statements(otherwise),
            (true, true) => {
                let mut ways = Vec::new();
                for (wanted, statements) in [(true, then), (false, otherwise)] {
                    let lanes: Vec<u32> =
                        (0..).zip(truth).filter(|(_, x)| **x == wanted).map(|(lane, _)| lane).collect();
                    let flow = self.on_lanes(&lanes, |recorder| recorder.statements(statements))?;
                    ways.extend(flow.ways(&lanes));
                }
                Ok(Flow::joined(ways))
            }
        }
    }

    /// `condition ? then : otherwise`
    pub(super) fn conditional(
        &mut self,
        condition: &Expression,
        then: &Expression,
        otherwise: &Expression,
    ) -> Recorded<Symbol> {
        let condition = self.expression(condition)?;
        let truth = self.truth(&condition)?;
        if let Truth::Mask(mask) = truth {
            let snapshot = self.snapshot();
            match self.select_expression(mask, then, otherwise) {
                Ok(symbol) => return Ok(symbol),
                Err(stop) if !self.contexts.is_empty() || stop == Stop::Longer => return Err(stop),
                Err(_) => self.restore(snapshot),
            }
        }
        let truth = self.decided(truth)?;
        match (truth.contains(&true), truth.contains(&false)) {
            (_, false) => self.expression(then),
            (false, _) => self.expression(otherwise),
            (true, true) => {
                let select = |wanted: bool| -> Vec<u32> {
                    (0..).zip(&truth).filter(|(_, x)| **x == wanted).map(|(i, _)| i).collect()
                };
                let (yes, no) = (select(true), select(false));
                let a = self.on_lanes(&yes, |recorder| recorder.expression(then))?;
                let b = self.on_lanes(&no, |recorder| recorder.expression(otherwise))?;
                self.merge(&a, &yes, &b, &no)
            }
        }
    }

    fn select_expression(&mut self, mask: NodeId, then: &Expression, otherwise: &Expression) -> Recorded<Symbol> {
        let not_mask = self.complement(mask);
        let a = self.under(mask, |recorder| recorder.expression(then))?;
        let b = self.under(not_mask, |recorder| recorder.expression(otherwise))?;
        self.choose(mask, &a, &b)
    }

    /// `a` where the mask holds, else `b`.
    pub(super) fn choose(&mut self, mask: NodeId, a: &Symbol, b: &Symbol) -> Recorded<Symbol> {
        if a == b {
            return Ok(a.clone());
        }
        if let (Symbol::Tuple(a), Symbol::Tuple(b)) = (a, b) {
            let slots = a.iter().zip(b.iter()).map(|(a, b)| self.choose(mask, a, b));
            return Ok(Symbol::Tuple(Rc::new(slots.collect::<Recorded<_>>()?)));
        }
        if a.is_scalar() && b.is_scalar() {
            let (a, b) = (self.node(a)?, self.node(b)?);
            let chosen = self.graph.select(mask, a, b);
            return Ok(self.scalar(chosen));
        }
        if a.shape() != b.shape() || a.is_scalar() || b.is_scalar() {
            return Err(Stop::Dependent("the branches of a condition give different shapes"));
        }
        let (kind, dims) = a.shape();
        if self.graph.lanes(mask) == 1 && self.is_uniform(a) && self.is_uniform(b) {
            let (a, b) = (self.pack(a)?, self.pack(b)?);
            let chosen = self.graph.select(mask, a, b);
            return Ok(self.packed(kind, dims, chosen));
        }
        let (a, b) = (self.each(a)?, self.each(b)?);
        let each = a.iter().zip(b.iter()).map(|(a, b)| self.choose(mask, a, b)).collect::<Recorded<Vec<_>>>()?;
        Ok(Symbol::Cells(Cells { kind, dims, entries: Entries::Each(Rc::new(each)) }))
    }

    /// Where the branches are taken that a variable was declared outside of; `None` if it was declared inside of all.
    pub(super) fn mask_around(&mut self, place: Place) -> Option<NodeId> {
        let first = match place {
            Place::Data(_) => 0,
            Place::Model(i) => self.model_masks.get(i as usize).copied().unwrap_or(0),
            Place::Local(i) => self.frame.masks.get(i as usize).copied().unwrap_or(0),
        };
        self.mask_since(first)
    }

    /// `reject` and `fatal_error`: where the branches around are taken, forward mode says what the program says.
    pub(super) fn reject(&mut self) -> Recorded<()> {
        match self.mask_since(0) {
            Some(mask) => self.require_zero(mask),
            None => unsupported("reject"),
        }
    }

    fn require_zero(&mut self, mask: NodeId) -> Recorded<()> {
        if let Some(column) = self.graph.known_column(mask) {
            return if column.iter().all(|x| *x == 0.0) { Ok(()) } else { unsupported("reject") };
        }
        self.graph.checks.push(Check { node: mask, domain: Domain::Between(0.0, 0.0), is_guard: false });
        Ok(())
    }
}
