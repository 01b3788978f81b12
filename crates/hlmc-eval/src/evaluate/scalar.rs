//! Expressions that are one real or one integer: nothing is allocated on the way.

use hlmc_builtins::table::{Density, Function, Implementation};
use hlmc_builtins::value::Entries;
use hlmc_builtins::{Part, Row, Terms, Type, Value};
use hlmc_check::ir::{Call, Callee, Expression, ExpressionKind, Index, LogicalOperator, Operator};
use hlmc_math::{Real, special};
use hlmc_syntax::Span;
use smallvec::SmallVec;

use super::Machine;
use super::index::chain;
use crate::failure::{Eval, Failure};
use crate::frame::Frame;

/// Scalar arguments of one call; longer lists go to the heap.
type Scalars<S> = SmallVec<[S; 6]>;

impl<A: Real> Machine<'_, A> {
    /// The value of an expression of type real (or int, which is promoted).
    pub(crate) fn real(&self, frame: &Frame<'_, A>, e: &Expression) -> Eval<A> {
        match &e.kind {
            ExpressionKind::Index(base, indices) => self.real_entry(frame, e, base, indices),
            ExpressionKind::Variable(place) => match frame.get(*place) {
                Some(Value::Real(x)) => Ok(*x),
                Some(Value::Int(i)) => Ok(A::constant(*i as f64)),
                _ => Err(Failure::defect("a variable is no number", e.span)),
            },
            ExpressionKind::Real(x) => Ok(A::constant(*x)),
            ExpressionKind::Call(call) => self.real_call(frame, e, call),
            ExpressionKind::Promote(operand) => self.real(frame, operand),
            ExpressionKind::Target => Ok(*self.target.borrow()),
            _ if matches!(e.ty, Type::Int) => Ok(A::constant(self.int(frame, e)? as f64)),
            ExpressionKind::Scalar(operator, left, right) => self.arithmetic(frame, e, *operator, left, right),
            ExpressionKind::Negate(operand) => Ok(-self.real(frame, operand)?),
            ExpressionKind::Conditional(condition, then, otherwise) => {
                let arm = if self.int(frame, condition)? != 0 { then } else { otherwise };
                self.real(frame, arm)
            }
            _ => self.real_of_value(frame, e),
        }
    }

    #[cold]
    fn real_of_value(&self, frame: &Frame<'_, A>, e: &Expression) -> Eval<A> {
        let value = self.value(frame, e)?;
        value.to_real().ok_or_else(|| Failure::defect("an expression is no number", e.span))
    }

    fn arithmetic(
        &self,
        frame: &Frame<'_, A>,
        e: &Expression,
        operator: Operator,
        left: &Expression,
        right: &Expression,
    ) -> Eval<A> {
        let x = self.real(frame, left)?;
        let y = self.real(frame, right)?;
        Ok(match operator {
            Operator::Add => x + y,
            Operator::Subtract => x - y,
            Operator::Multiply => x * y,
            Operator::Divide => x / y,
            Operator::Power => power(x, y),
            _ => return Err(Failure::defect("an operator has no real result", e.span)),
        })
    }

    #[inline]
    fn real_entry(&self, frame: &Frame<'_, A>, e: &Expression, base: &Expression, indices: &[Index]) -> Eval<A> {
        // The common case without the detour over a chain: a variable with one index.
        if let (ExpressionKind::Variable(place), [Index::Single(at)]) = (&base.kind, indices)
            && let Some(Value::Reals(t)) = frame.get(*place)
            && let [n] = t.dims[..]
        {
            let i = self.position(frame, super::select::Dimension { of: Some(*place), d: 0, n }, at)?;
            return real_at(&t.entries, i, e.span);
        }
        let (innermost, indices) = chain(base, indices);
        if let ExpressionKind::Variable(place) = &innermost.kind
            && let Some(Value::Reals(t)) = frame.get(*place)
            && let Some(i) = self.entry_offset(frame, Some(*place), (t.kind, &t.dims), &indices)?
        {
            return real_at(&t.entries, i, e.span);
        }
        self.real_of_value(frame, e)
    }

    fn real_call(&self, frame: &Frame<'_, A>, e: &Expression, call: &Call) -> Eval<A> {
        let Callee::Builtin(id) = call.callee else { return self.real_of_value(frame, e) };
        let failed = |fault| Failure::of_call(&call.name, fault, e.span);
        match (self.library.row(id), call.arguments.as_slice()) {
            (Some(Row::Distribution(row)), _)
                if id.part == Part::Density && matches!(row.density, Density::Scalar(_)) && are_scalars(call) =>
            {
                let terms = terms(call, frame.propto);
                self.with_reals(frame, &call.arguments, |x| row.scalar_density(x, terms))?.map_err(failed)
            }
            (Some(Row::Function(Function { implementation: Implementation::Unary(f), .. })), [x])
                if x.ty.is_scalar() =>
            {
                Ok(f(self.real(frame, x)?))
            }
            (Some(Row::Function(Function { implementation: Implementation::Binary(f), .. })), [x, y])
                if are_scalars(call) =>
            {
                Ok(f(self.real(frame, x)?, self.real(frame, y)?))
            }
            (Some(Row::Function(Function { implementation: Implementation::Scalar(f), .. })), _)
                if are_scalars(call) =>
            {
                self.with_reals(frame, &call.arguments, f)?.map_err(failed)
            }
            _ => self.real_of_value(frame, e),
        }
    }

    /// Applies `f` to the values of scalar arguments. They are evaluated where they are handed over from: moving them
    /// would cost as much as many an `f`.
    #[inline]
    fn with_reals<R>(&self, frame: &Frame<'_, A>, arguments: &[Expression], f: impl FnOnce(&[A]) -> R) -> Eval<R> {
        Ok(match arguments {
            [x] => f(&[self.real(frame, x)?]),
            [x, y] => f(&[self.real(frame, x)?, self.real(frame, y)?]),
            [x, y, z] => f(&[self.real(frame, x)?, self.real(frame, y)?, self.real(frame, z)?]),
            _ => {
                let mut scalars = Scalars::new();
                for argument in arguments {
                    scalars.push(self.real(frame, argument)?);
                }
                f(&scalars)
            }
        })
    }

    /// The density of a `~` statement.
    #[inline]
    pub(crate) fn density(&self, frame: &Frame<'_, A>, call: &Call, span: Span) -> Eval<A> {
        if let Callee::Builtin(id) = call.callee
            && id.part == Part::Density
            && let Some(Row::Distribution(row)) = self.library.row(id)
            && matches!(row.density, Density::Scalar(_))
            && are_scalars(call)
        {
            let terms = terms(call, frame.propto);
            let density = self.with_reals(frame, &call.arguments, |x| row.scalar_density(x, terms))?;
            return density.map_err(|fault| Failure::of_call(&call.name, fault, span));
        }
        let value = self.call(frame, call, span)?;
        value.to_real().ok_or_else(|| Failure::defect("a density is no number", span))
    }

    /// The value of an expression of type int.
    pub(crate) fn int(&self, frame: &Frame<'_, A>, e: &Expression) -> Eval<i64> {
        match &e.kind {
            ExpressionKind::Int(i) => Ok(*i),
            ExpressionKind::Variable(place) => match frame.get(*place) {
                Some(Value::Int(i)) => Ok(*i),
                _ => Err(Failure::defect("a variable is no integer", e.span)),
            },
            ExpressionKind::Index(base, indices) => self.int_entry(frame, e, base, indices),
            ExpressionKind::Scalar(operator, left, right)
                if matches!((&left.ty, &right.ty), (Type::Int, Type::Int)) =>
            {
                int_operation(*operator, self.int(frame, left)?, self.int(frame, right)?, e.span)
            }
            ExpressionKind::Scalar(operator, left, right) => {
                let (x, y) = (self.real(frame, left)?.value(), self.real(frame, right)?.value());
                let holds = compare(*operator, &x, &y);
                holds.map(i64::from).ok_or_else(|| Failure::defect("an operator has no int result", e.span))
            }
            ExpressionKind::Negate(operand) => in_range(self.int(frame, operand)?.checked_neg(), e.span),
            ExpressionKind::Not(operand) => Ok(i64::from(!self.is_true(frame, operand)?)),
            ExpressionKind::Logical(operator, left, right) => {
                let left = self.is_true(frame, left)?;
                Ok(i64::from(match operator {
                    LogicalOperator::And => left && self.is_true(frame, right)?,
                    LogicalOperator::Or => left || self.is_true(frame, right)?,
                }))
            }
            ExpressionKind::Conditional(condition, then, otherwise) => {
                let arm = if self.int(frame, condition)? != 0 { then } else { otherwise };
                self.int(frame, arm)
            }
            _ => match &*self.value(frame, e)? {
                Value::Int(i) => Ok(*i),
                _ => Err(Failure::defect("an expression is no integer", e.span)),
            },
        }
    }

    /// Whether an int or real is anything but 0.
    pub(crate) fn is_true(&self, frame: &Frame<'_, A>, e: &Expression) -> Eval<bool> {
        if matches!(e.ty, Type::Int) { Ok(self.int(frame, e)? != 0) } else { Ok(self.real(frame, e)?.value() != 0.0) }
    }

    fn int_entry(&self, frame: &Frame<'_, A>, e: &Expression, base: &Expression, indices: &[Index]) -> Eval<i64> {
        if let (ExpressionKind::Variable(place), [Index::Single(at)]) = (&base.kind, indices)
            && let Some(Value::Ints(t)) = frame.get(*place)
            && let [n] = t.dims[..]
        {
            let i = self.position(frame, super::select::Dimension { of: Some(*place), d: 0, n }, at)?;
            return t.entries.get(i).copied().ok_or_else(|| Failure::defect("a tensor has too few entries", e.span));
        }
        let (innermost, all) = chain(base, indices);
        if let ExpressionKind::Variable(place) = &innermost.kind
            && let Some(Value::Ints(t)) = frame.get(*place)
            && let Some(i) = self.entry_offset(frame, Some(*place), (t.kind, &t.dims), &all)?
        {
            let entry = t.entries.get(i).copied();
            return entry.ok_or_else(|| Failure::defect("a tensor has too few entries", e.span));
        }
        match &*self.value(frame, e)? {
            Value::Int(i) => Ok(*i),
            _ => Err(Failure::defect("an expression is no integer", e.span)),
        }
    }
}

/// Entry `i`, handed out without a copy in between.
#[inline]
fn real_at<A: Real>(entries: &Entries<A>, i: usize, span: Span) -> Eval<A> {
    match entries {
        Entries::Auto(entries) if i < entries.len() => Ok(entries[i]),
        Entries::Data(entries) if i < entries.len() => Ok(A::constant(entries[i])),
        _ => Err(Failure::defect("a tensor has too few entries", span)),
    }
}

/// Which terms a call of a density keeps: what its arguments may depend on is known from the program alone, so that
/// plain and dual numbers drop the same.
pub(super) fn terms(call: &Call, frame_propto: bool) -> Terms {
    if !(call.propto && frame_propto) {
        return Terms::ALL;
    }
    let bit = |(i, argument): (usize, &Expression)| if argument.level.is_data() { 0 } else { 1u32 << i.min(31) };
    Terms { propto: true, auto_arguments: call.arguments.iter().enumerate().map(bit).fold(0, |a, b| a | b) }
}

fn are_scalars(call: &Call) -> bool {
    call.arguments.iter().all(|argument| matches!(argument.ty, Type::Int | Type::Real))
}

/// `x ^ y`; squares are common and cheap.
fn power<A: Real>(x: A, y: A) -> A {
    if y.is_constant() && y.value() == 2.0 { x * x } else { special::pow(x, y) }
}

fn compare<T: PartialOrd>(operator: Operator, x: &T, y: &T) -> Option<bool> {
    Some(match operator {
        Operator::Equal => x == y,
        Operator::NotEqual => x != y,
        Operator::Less => x < y,
        Operator::LessEqual => x <= y,
        Operator::Greater => x > y,
        Operator::GreaterEqual => x >= y,
        _ => return None,
    })
}

fn int_operation(operator: Operator, x: i64, y: i64, span: Span) -> Eval<i64> {
    if let Some(holds) = compare(operator, &x, &y) {
        return Ok(i64::from(holds));
    }
    let result = match operator {
        Operator::Add => x.checked_add(y),
        Operator::Subtract => x.checked_sub(y),
        Operator::Multiply => x.checked_mul(y),
        Operator::Divide | Operator::IntDivide | Operator::Modulo if y == 0 => {
            return Err(Failure::rejection("integer division by zero", span));
        }
        Operator::Divide | Operator::IntDivide => x.checked_div(y),
        Operator::Modulo => x.checked_rem(y),
        _ => return Err(Failure::defect("an operator has no int result", span)),
    };
    in_range(result, span)
}

/// Integers have 32 bits.
fn in_range(result: Option<i64>, span: Span) -> Eval<i64> {
    match result {
        Some(i) if i32::try_from(i).is_ok() => Ok(i),
        _ => Err(Failure::fatal("the result does not fit an integer of 32 bits", span)),
    }
}
