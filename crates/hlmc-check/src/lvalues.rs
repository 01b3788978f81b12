//! Places that can be assigned to (reference manual, "Assignment statement").

use hlmc_builtins::Type;
use hlmc_syntax::Span;
use hlmc_syntax::ast::{self, AssignTarget, Ident, LValueKind};

use crate::checker::Checker;
use crate::diagnostics::{assignments, names};
use crate::expressions::is_multiple;
use crate::ir::{Expression, ExpressionKind, LValue, LValueStep, Place, Target};
use crate::levels;
use crate::names::is_reserved;

/// A place, the value that stands there, and whether its last brackets select several entries.
pub(crate) struct CheckedLValue {
    /// The place.
    pub lvalue: LValue,
    /// What stands there now, for compound assignments.
    pub current: Expression,
    /// Where the variable is declared.
    pub declared: Span,
    is_multiple: bool,
}

impl<'p> Checker<'p> {
    /// Checks a variable or a part of one as the place that a value is stored in.
    pub(crate) fn lvalue(&mut self, lvalue: &'p ast::LValue) -> Option<CheckedLValue> {
        self.deeper(lvalue.span, |checker| checker.lvalue_kind(lvalue))
    }

    fn lvalue_kind(&mut self, lvalue: &'p ast::LValue) -> Option<CheckedLValue> {
        let span = lvalue.span;
        match &lvalue.kind {
            LValueKind::Variable(name) => self.assignable_variable(name, span),
            LValueKind::Projection { base, slot, .. } => {
                let mut base = self.lvalue(base)?;
                let (index, ty) = self.slot(&base.lvalue.ty, *slot, span)?;
                let level = levels::of_slot(&base.current.level, index);
                let kind = ExpressionKind::Project(Box::new(base.current), index);
                base.current = Expression { kind, ty: ty.clone(), level, span };
                base.lvalue.steps.push(LValueStep::Project(index));
                (base.lvalue.ty, base.lvalue.span, base.is_multiple) = (ty, span, false);
                Some(base)
            }
            LValueKind::Indexed { base, indices } => {
                let checked = self.lvalue(base);
                let indices = self.indices(indices);
                let (mut base, indices) = (checked?, indices?);
                let ty = self.indexed_type(&base.lvalue.ty, &indices, span)?;
                if base.is_multiple {
                    return self.refuse(assignments::under_multi_index(span));
                }
                base.is_multiple = indices.iter().any(is_multiple);
                let level = levels::shaped(&base.current.level, &ty);
                let kind = ExpressionKind::Index(Box::new(base.current), indices.clone());
                base.current = Expression { kind, ty: ty.clone(), level, span };
                base.lvalue.steps.push(LValueStep::Index(indices));
                (base.lvalue.ty, base.lvalue.span) = (ty, span);
                Some(base)
            }
        }
    }

    fn assignable_variable(&mut self, name: &'p Ident, span: Span) -> Option<CheckedLValue> {
        if is_reserved(&name.name) {
            return self.refuse(names::reserved(name));
        }
        let Some(variable) = self.scope.find(&name.name).cloned() else {
            if self.is_function(&name.name) {
                return self.refuse(assignments::to_function(name));
            }
            let nearest = self.nearest_variable(&name.name);
            return self.refuse(names::unknown_variable(name, nearest));
        };
        if variable.is_global && variable.block != self.context.block {
            let here = self.context.block;
            return self.refuse(assignments::of_another_block(name, here, &variable));
        }
        if let Some(why) = variable.read_only {
            return self.refuse(assignments::read_only(name, why, &variable));
        }
        let (ty, place) = (variable.ty?, variable.place);
        let current = Expression { kind: ExpressionKind::Variable(place), ty: ty.clone(), level: variable.level, span };
        let lvalue = LValue { place, name: name.name.clone(), steps: Vec::new(), ty, span };
        Some(CheckedLValue { lvalue, current, declared: variable.span, is_multiple: false })
    }

    /// Checks the targets of an unpacking.
    pub(crate) fn targets(&mut self, targets: &'p [AssignTarget]) -> Option<Vec<Target>> {
        let checked: Vec<Option<Target>> = targets
            .iter()
            .map(|target| match target {
                AssignTarget::LValue(lvalue) => self.lvalue(lvalue).map(|checked| Target::LValue(checked.lvalue)),
                AssignTarget::Tuple { targets, .. } => self.targets(targets).map(Target::Tuple),
            })
            .collect();
        checked.into_iter().collect()
    }

    /// One statement may not assign to a place twice, nor read in its indices what it assigns to.
    pub(crate) fn check_targets(&mut self, targets: &[Target], reads: &[Place], span: Span) -> Option<()> {
        let mut places = Vec::new();
        flatten(targets, &mut places);
        for (i, lvalue) in places.iter().enumerate() {
            if places[..i].iter().any(|other| overlap(other, lvalue)) {
                return self.refuse(assignments::overlapping_targets(&lvalue.name, span));
            }
            if reads.contains(&lvalue.place) {
                return self.refuse(assignments::target_in_own_index(&lvalue.name, span));
            }
        }
        Some(())
    }
}

/// The type of the value that the targets take apart.
pub(crate) fn target_type(targets: &[Target]) -> Type {
    let slot = |target: &Target| match target {
        Target::LValue(lvalue) => lvalue.ty.clone(),
        Target::Tuple(targets) => target_type(targets),
    };
    Type::Tuple(targets.iter().map(slot).collect())
}

fn flatten<'t>(targets: &'t [Target], places: &mut Vec<&'t LValue>) {
    for target in targets {
        match target {
            Target::LValue(lvalue) => places.push(lvalue),
            Target::Tuple(targets) => flatten(targets, places),
        }
    }
}

/// Indices are not compared: whether they differ is known at run time only.
fn overlap(a: &LValue, b: &LValue) -> bool {
    let slots = |lvalue: &LValue| -> Vec<usize> {
        let slot = |step: &LValueStep| match step {
            LValueStep::Project(slot) => Some(*slot),
            LValueStep::Index(_) => None,
        };
        lvalue.steps.iter().filter_map(slot).collect()
    };
    a.place == b.place && slots(a).iter().zip(&slots(b)).all(|(a, b)| a == b)
}
