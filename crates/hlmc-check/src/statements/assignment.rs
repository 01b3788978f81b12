//! Assignments: plain, compound, and unpacking of tuples.

use hlmc_builtins::Type;
use hlmc_syntax::ast::{self, AssignOp, AssignTarget, BinaryOp, Expr};

use crate::checker::Checker;
use crate::diagnostics::assignments;
use crate::ir::{Expression, StatementKind, Target};
use crate::lvalues::{CheckedLValue, target_type};
use crate::promotion::promote;

impl<'p> Checker<'p> {
    /// `target op value`
    pub(super) fn assignment(
        &mut self,
        target: &'p AssignTarget,
        op: AssignOp,
        value: &'p Expr,
    ) -> Option<StatementKind> {
        match target {
            AssignTarget::LValue(lvalue) => self.single_assignment(lvalue, op, value),
            AssignTarget::Tuple { targets, .. } => self.unpacking(target, targets, op, value),
        }
    }

    fn single_assignment(&mut self, lvalue: &'p ast::LValue, op: AssignOp, value: &'p Expr) -> Option<StatementKind> {
        let (target, reads) = self.recording_reads(|checker| checker.lvalue(lvalue));
        let is_apart = target.as_ref().and_then(|target| {
            self.check_targets(&[Target::LValue(target.lvalue.clone())], &reads, target.lvalue.span)
        });
        let value = self.expression(value);
        let (target, (), value) = (target?, is_apart?, value?);
        let value = match compound_operator(op) {
            Some(operator) => self.compound(&target, op, operator, value)?,
            None => value,
        };
        let wanted = &target.lvalue.ty;
        if value.ty.promotions_to(wanted).is_none() {
            return self.refuse(assignments::wrong_type(wanted, &value.ty, value.span, Some(target.declared)));
        }
        let value = promote(value, wanted);
        Some(StatementKind::Assign { target: target.lvalue, value })
    }

    /// `x op= e` is `x = x op e`, where the operator has to give the type of `x` itself.
    fn compound(
        &mut self,
        target: &CheckedLValue,
        op: AssignOp,
        operator: BinaryOp,
        value: Expression,
    ) -> Option<Expression> {
        let (wanted, found, span) = (target.lvalue.ty.clone(), value.ty.clone(), value.span);
        let whole = target.lvalue.span.to(span);
        let is_entrywise = matches!(op, AssignOp::ElementMultiply | AssignOp::ElementDivide);
        let is_number = matches!(wanted, Type::Int | Type::Real);
        let is_excluded = (is_entrywise && is_number) || (op == AssignOp::Divide && !found.is_scalar());
        if is_excluded {
            return self.refuse(assignments::wrong_compound(op.symbol(), &wanted, &found, span));
        }
        let n_before = self.diagnostics.len();
        let result = self.apply_binary(operator, target.current.clone(), value, whole);
        match result {
            Some(result) if result.ty == wanted => Some(result),
            None if self.diagnostics.last().is_some_and(|d| d.code == "hlmc::check::not_yet_supported") => None,
            _ => {
                self.diagnostics.truncate(n_before);
                self.refuse(assignments::wrong_compound(op.symbol(), &wanted, &found, span))
            }
        }
    }

    fn unpacking(
        &mut self,
        target: &'p AssignTarget,
        targets: &'p [AssignTarget],
        op: AssignOp,
        value: &'p Expr,
    ) -> Option<StatementKind> {
        let (checked, reads) = self.recording_reads(|checker| checker.targets(targets));
        let is_apart = checked.as_ref().and_then(|checked| self.check_targets(checked, &reads, target.span()));
        let value = self.expression(value);
        let (targets, (), value) = (checked?, is_apart?, value?);
        let wanted = target_type(&targets);
        if op != AssignOp::Assign {
            return self.refuse(assignments::wrong_compound(op.symbol(), &wanted, &value.ty, value.span));
        }
        if value.ty.promotions_to(&wanted).is_none() {
            return self.refuse(assignments::wrong_type(&wanted, &value.ty, value.span, None));
        }
        Some(StatementKind::Unpack { targets, value })
    }
}

fn compound_operator(op: AssignOp) -> Option<BinaryOp> {
    match op {
        AssignOp::Assign => None,
        AssignOp::Add => Some(BinaryOp::Add),
        AssignOp::Subtract => Some(BinaryOp::Subtract),
        AssignOp::Multiply => Some(BinaryOp::Multiply),
        AssignOp::Divide => Some(BinaryOp::Divide),
        AssignOp::ElementMultiply => Some(BinaryOp::ElementMultiply),
        AssignOp::ElementDivide => Some(BinaryOp::ElementDivide),
    }
}
