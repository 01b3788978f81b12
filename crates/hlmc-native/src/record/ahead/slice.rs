//! The part of a loop's body that decides about some variables (Weiser, "Program slicing", 1981).

use std::collections::HashSet;

use hlmc_builtins::Type;
use hlmc_check::ir::{LValue, LValueStep, Place, Statement, StatementKind, Target};

/// Variables from outside of a body to which it assigns.
#[derive(Debug, Default)]
pub(super) struct Assigned {
    /// Those that the body gives a value before all else.
    pub(super) given_first: Vec<Place>,
    /// Integers, and containers with integers, that may still have the value of the turn before.
    pub(super) ints_handed_on: Vec<Place>,
    /// Tuples of which that is true.
    pub(super) tuples_handed_on: Vec<Place>,
}

impl Assigned {
    pub(super) fn by(body: &[Statement]) -> Self {
        let (mut targets, mut declared) = (Vec::new(), HashSet::new());
        body.iter().for_each(|statement| list(statement, &mut targets, &mut declared));
        let mut assigned = Assigned::default();
        let mut seen = declared;
        for target in targets {
            if !seen.insert(target.place) {
                continue;
            }
            if is_given_first(body, target.place) {
                assigned.given_first.push(target.place);
            } else if matches!(target.ty, Type::Tuple(_))
                || matches!(target.steps.first(), Some(LValueStep::Project(_)))
            {
                assigned.tuples_handed_on.push(target.place);
            } else if is_of_ints(&target.ty) {
                assigned.ints_handed_on.push(target.place);
            }
        }
        assigned
    }
}

/// What statements assign to, and the variables that they declare.
fn list<'a>(statement: &'a Statement, assigned: &mut Vec<&'a LValue>, declared: &mut HashSet<Place>) {
    match &statement.kind {
        StatementKind::Declare { place, .. }
        | StatementKind::ForRange { variable: place, .. }
        | StatementKind::ForEach { variable: place, .. } => {
            declared.insert(*place);
        }
        _ => assigned.extend(targets(statement)),
    }
    statement.inner().for_each(|statement| list(statement, assigned, declared));
}

fn is_of_ints(ty: &Type) -> bool {
    match ty {
        Type::Int => true,
        Type::Array(element) => is_of_ints(element),
        _ => false,
    }
}

/// True when the first statement about a variable assigns it without a look at it, in every turn.
fn is_given_first(body: &[Statement], place: Place) -> bool {
    let first = body.iter().find(|statement| statement.mentions(place) || jumps(statement));
    first.is_some_and(|first| match &first.kind {
        StatementKind::Assign { target, value } => {
            target.place == place && target.steps.is_empty() && !value.mentions(place)
        }
        _ => false,
    })
}

/// What a statement assigns to.
fn targets(statement: &Statement) -> Vec<&LValue> {
    fn add<'a>(target: &'a Target, all: &mut Vec<&'a LValue>) {
        match target {
            Target::LValue(target) => all.push(target),
            Target::Tuple(targets) => targets.iter().for_each(|target| add(target, all)),
        }
    }
    let mut all = Vec::new();
    match &statement.kind {
        StatementKind::Assign { target, .. } => all.push(target),
        StatementKind::Unpack { targets, .. } => targets.iter().for_each(|target| add(target, &mut all)),
        _ => {}
    }
    all
}

/// The statements of a body that decide about some variables. `None` for bodies that end the function, which is not the
/// loop's to follow.
pub(in crate::record) fn slice(body: &[Statement], places: impl IntoIterator<Item = Place>) -> Option<Vec<Statement>> {
    if body.iter().any(|statement| has(statement, &|kind| matches!(kind, StatementKind::Return(_)))) {
        return None;
    }
    let mut places: HashSet<Place> = places.into_iter().collect();
    loop {
        let n_places = places.len();
        let kept = parts(body, &mut places);
        if places.len() == n_places {
            return Some(kept);
        }
    }
}

/// True when a statement, or one inside of it, leaves its block.
pub(in crate::record) fn jumps(statement: &Statement) -> bool {
    has(statement, &is_jump)
}

fn is_jump(kind: &StatementKind) -> bool {
    matches!(kind, StatementKind::Break | StatementKind::Continue | StatementKind::Return(_))
}

fn has(statement: &Statement, wanted: &dyn Fn(&StatementKind) -> bool) -> bool {
    wanted(&statement.kind) || statement.inner().any(|statement| has(statement, wanted))
}

/// What of the statements decides about these places, to which those are added that it looks at.
fn parts(statements: &[Statement], places: &mut HashSet<Place>) -> Vec<Statement> {
    let mut kept: Vec<Statement> = statements.iter().rev().filter_map(|statement| part(statement, places)).collect();
    kept.reverse();
    kept
}

fn part(statement: &Statement, places: &mut HashSet<Place>) -> Option<Statement> {
    let kind = match &statement.kind {
        StatementKind::If { condition, then, otherwise } => StatementKind::If {
            condition: condition.clone(),
            then: parts(then, places),
            otherwise: parts(otherwise, places),
        },
        StatementKind::While { condition, body } => {
            StatementKind::While { condition: condition.clone(), body: parts(body, places) }
        }
        StatementKind::ForRange { variable, lower, upper, body } => StatementKind::ForRange {
            variable: *variable,
            lower: lower.clone(),
            upper: upper.clone(),
            body: parts(body, places),
        },
        StatementKind::ForEach { variable, container, body } => {
            StatementKind::ForEach { variable: *variable, container: container.clone(), body: parts(body, places) }
        }
        StatementKind::Block(body) | StatementKind::Profile(_, body) => StatementKind::Block(parts(body, places)),
        leaf => {
            let is_declared = matches!(leaf, StatementKind::Declare { place, .. } if places.contains(place));
            // Jumps decide about all that follows.
            let is_wanted =
                is_jump(leaf) || is_declared || targets(statement).iter().any(|target| places.contains(&target.place));
            return is_wanted.then(|| noted(statement.clone(), places));
        }
    };
    let part = Statement { kind, span: statement.span };
    let is_empty = part.inner().next().is_none();
    (!is_empty).then(|| noted(part, places))
}

/// A statement of the slice: what it looks at is wanted too.
fn noted(statement: Statement, places: &mut HashSet<Place>) -> Statement {
    statement.for_each_own_variable(&mut |place| {
        places.insert(place);
    });
    statement
}
