//! Calls: functions of the table, user functions, and functions that are handed on to functions.

use std::borrow::Cow;

use hlmc_builtins::table::Call as TableCall;
use hlmc_builtins::{Callback, Fault, FunctionId, Terms, Value};
use hlmc_check::ir::{Call, Callee, FunctionArgument, FunctionIndex};
use hlmc_math::Real;
use hlmc_syntax::Span;
use smallvec::SmallVec;

use super::promote::promote;
use super::scalar::terms;
use super::{Machine, Operand};
use crate::failure::{Eval, Failure};
use crate::frame::{Frame, unset};

/// Arguments of one call; longer lists go to the heap.
const INLINE_ARGUMENTS: usize = 4;

impl<A: Real> Machine<'_, A> {
    /// What a call returns.
    pub(crate) fn call(&self, frame: &Frame<'_, A>, call: &Call, span: Span) -> Eval<Value<A>> {
        let returned = self.call_any(frame, call, span)?;
        returned.ok_or_else(|| Failure::fatal(format!("{} ended without a `return`", call.name), span))
    }

    /// What a call returns, if anything.
    pub(super) fn call_any(&self, frame: &Frame<'_, A>, call: &Call, span: Span) -> Eval<Option<Value<A>>> {
        match call.callee {
            Callee::User(function) => {
                let arguments = call.arguments.iter().map(|argument| self.value(frame, argument));
                let arguments: Vec<Operand<'_, A>> = arguments.collect::<Eval<_>>()?;
                let propto = frame.propto && call.hands_on_propto();
                self.call_user(function, arguments, propto, span)
            }
            Callee::Builtin(id) => {
                let arguments = call.arguments.iter().map(|argument| self.value(frame, argument));
                let arguments: SmallVec<[Operand<'_, A>; INLINE_ARGUMENTS]> = arguments.collect::<Eval<_>>()?;
                let arguments: SmallVec<[&Value<A>; INLINE_ARGUMENTS]> =
                    arguments.iter().map(|argument| &**argument).collect();
                let propto = frame.propto && call.propto;
                let mut callback = call.function.as_ref().map(|function| Handed {
                    machine: self,
                    function,
                    propto,
                    span,
                    failure: None,
                });
                let result = self.call_table(id, &arguments, terms(call, frame.propto), callback.as_mut());
                let inner = callback.and_then(|callback| callback.failure);
                result.map(Some).map_err(|fault| inner.unwrap_or_else(|| Failure::of_call(&call.name, fault, span)))
            }
        }
    }

    pub(super) fn call_table(
        &self,
        id: FunctionId,
        arguments: &[&Value<A>],
        terms: Terms,
        callback: Option<&mut Handed<'_, '_, A>>,
    ) -> Result<Value<A>, Fault> {
        let row = self.library.row(id).ok_or_else(|| Fault::fatal("is not in the table"))?;
        let callback = callback.map(|callback| callback as &mut dyn Callback<A>);
        // Functions handed on to functions may call generators of their own, so the generator is lent to those only
        // that draw from it.
        if id.part == hlmc_builtins::Part::Rng || callback.is_none() {
            let mut rng = self.rng.borrow_mut();
            let rng = rng.as_mut().map(|rng| &mut **rng as &mut dyn rand::Rng);
            let mut increment = A::zero();
            let log_jacobian = self.jacobian.then_some(&mut increment);
            let result = row.call(id.part, &mut TableCall { arguments, terms, rng, callback, log_jacobian });
            if !(increment.is_constant() && increment.value() == 0.0) {
                self.add_to_target(increment);
            }
            return result;
        }
        row.call(id.part, &mut TableCall { arguments, terms, rng: None, callback, log_jacobian: None })
    }

    /// Runs a user function on its arguments, promoted to its parameters' types.
    pub(super) fn call_user(
        &self,
        index: FunctionIndex,
        arguments: Vec<Operand<'_, A>>,
        propto: bool,
        span: Span,
    ) -> Eval<Option<Value<A>>> {
        self.check_stack(span)?;
        let function = self.program.functions.get(index.0 as usize);
        let function = function.ok_or_else(|| Failure::defect("a user function is missing", span))?;
        let mut frame = Frame::new(propto);
        frame.locals = arguments;
        let n_locals = (function.body.n_locals as usize).max(frame.locals.len());
        frame.locals.resize_with(n_locals, || Cow::Owned(unset()));
        self.run(&mut frame, &function.body.statements)?;
        Ok(frame.result.take())
    }
}

/// A function that is handed on to a function of the table.
pub(super) struct Handed<'m, 'r, A: Real> {
    machine: &'m Machine<'r, A>,
    function: &'m FunctionArgument,
    propto: bool,
    span: Span,
    /// What went wrong inside, with its place, which a fault cannot carry.
    failure: Option<Box<Failure>>,
}

impl<A: Real> Callback<A> for Handed<'_, '_, A> {
    fn call(&mut self, arguments: &[&Value<A>]) -> Result<Value<A>, Fault> {
        let promoted = arguments.iter().zip(&self.function.parameters).map(|(argument, ty)| {
            if needs_promotion(argument, ty) {
                Cow::Owned(promote(Cow::Borrowed(*argument), ty))
            } else {
                Cow::Borrowed(*argument)
            }
        });
        let promoted: Vec<Operand<'_, A>> = promoted.collect();
        match self.function.callee {
            Callee::User(function) => match self.machine.call_user(function, promoted, self.propto, self.span) {
                Ok(value) => value.ok_or_else(|| Fault::fatal("the function ended without a `return`")),
                Err(failure) => {
                    let fault = Fault { message: failure.message.clone(), severity: failure.severity };
                    self.failure = Some(failure);
                    Err(fault)
                }
            },
            Callee::Builtin(id) => {
                let arguments: Vec<&Value<A>> = promoted.iter().map(|argument| &**argument).collect();
                let terms = if self.propto { Terms { propto: true, ..Terms::ALL } } else { Terms::ALL };
                self.machine.call_table(id, &arguments, terms, None)
            }
        }
    }
}

/// True when the value's entries are of a lesser kind than the type's, or when that would take a walk to find out.
fn needs_promotion<A: Real>(value: &Value<A>, ty: &hlmc_builtins::Type) -> bool {
    use hlmc_builtins::Type;
    match value {
        Value::Int(_) | Value::Ints(_) => ty.scalar() != Type::Int,
        Value::Real(_) | Value::Reals(_) => ty.scalar() != Type::Real,
        Value::Complex(_) | Value::Complexes(_) => false,
        Value::Tuple(_) | Value::Array(_) => true,
    }
}
