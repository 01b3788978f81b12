//! Whether a value keeps the constraint of its declaration (reference manual, "Constrained data types"): data when they
//! are read, transformed parameters and generated quantities at the end of their block.

use hlmc_builtins::Value;
use hlmc_builtins::value::{Kind, Reals};
use hlmc_check::ir::{Expression, SizedBase, SizedType, Transform, Variable};
use hlmc_math::Real;

use crate::evaluate::{Machine, format_real};
use crate::failure::{Eval, Failure};
use crate::frame::Frame;
use crate::layout::index_at;

/// A violated constraint.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Violation {
    /// What is where, and what was expected.
    pub(crate) message: String,
    /// The index of the entry or element, counting from 1; empty for the whole.
    pub(crate) index: Vec<usize>,
}

/// Every violation of a declaration's constraint by a value of its shape, at most one an element.
pub(crate) fn violations<A: Real>(
    machine: &Machine<'_, A>,
    frame: &Frame<'_, A>,
    ty: &SizedType,
    name: &str,
    value: &Value<A>,
) -> Eval<Vec<Violation>> {
    let mut found = Vec::new();
    check(machine, frame, ty, name, value, &mut found)?;
    Ok(found)
}

/// Rejects the point when a variable breaks the constraint of its declaration.
pub(crate) fn require<A: Real>(machine: &Machine<'_, A>, frame: &Frame<'_, A>, variable: &Variable) -> Eval<()> {
    if !has_constraint(&variable.ty) {
        return Ok(());
    }
    let Some(value) = frame.get(variable.place) else { return Ok(()) };
    match violations(machine, frame, &variable.ty, &variable.name, value)?.into_iter().next() {
        Some(violation) => Err(Failure::rejection(violation.message, variable.span)),
        None => Ok(()),
    }
}

fn has_constraint(ty: &SizedType) -> bool {
    match &ty.base {
        SizedBase::Tuple(slots) => slots.iter().any(has_constraint),
        _ => !matches!(ty.transform, Transform::Identity | Transform::OffsetMultiplier(..)),
    }
}

fn check<A: Real>(
    machine: &Machine<'_, A>,
    frame: &Frame<'_, A>,
    ty: &SizedType,
    name: &str,
    value: &Value<A>,
    found: &mut Vec<Violation>,
) -> Eval<()> {
    if let SizedBase::Tuple(slots) = &ty.base {
        return check_tuples(machine, frame, slots, name, value, found);
    }
    let mut bound = |e: &Expression, is_lower: bool| -> Eval<()> {
        let bound = machine.value(frame, e)?;
        check_bound(value, &bound, is_lower, name, found);
        Ok(())
    };
    match &ty.transform {
        Transform::Identity | Transform::OffsetMultiplier(..) => Ok(()),
        Transform::Lower(e) => bound(e, true),
        Transform::Upper(e) => bound(e, false),
        Transform::LowerUpper(lower, upper) => {
            bound(lower, true)?;
            bound(upper, false)
        }
        structured => {
            if let Value::Reals(t) = value {
                check_elements(structured, t, name, found);
            }
            Ok(())
        }
    }
}

fn check_tuples<A: Real>(
    machine: &Machine<'_, A>,
    frame: &Frame<'_, A>,
    slots: &[SizedType],
    name: &str,
    value: &Value<A>,
    found: &mut Vec<Violation>,
) -> Eval<()> {
    match value {
        Value::Array(elements) => {
            for (i, element) in elements.iter().enumerate() {
                check_tuples(machine, frame, slots, &format!("{name}[{}]", i + 1), element, found)?;
            }
        }
        Value::Tuple(parts) => {
            for (i, (slot, part)) in slots.iter().zip(parts).enumerate() {
                let mut inner = Vec::new();
                check(machine, frame, slot, &format!("{name}.{}", i + 1), part, &mut inner)?;
                // The index leads through the slot; the place of the whole is what can be told.
                found.extend(inner.into_iter().map(|violation| Violation { index: Vec::new(), ..violation }));
            }
        }
        _ => {}
    }
    Ok(())
}

/// Entries against a bound, which is one number or has as many entries as an element.
fn check_bound<A: Real>(value: &Value<A>, bound: &Value<A>, is_lower: bool, name: &str, found: &mut Vec<Violation>) {
    let n_bounds = if bound.is_scalar() { 1 } else { bound.n_entries() };
    for i in 0..value.n_entries() {
        let (Some(x), Some(limit)) = (value.real_at(i), bound.real_at(i % n_bounds.max(1))) else { return };
        let (x, limit) = (x.value(), limit.value());
        // NaN keeps no bound.
        let holds = if is_lower { x >= limit } else { x <= limit };
        if !holds {
            let relation = if is_lower { "greater than or equal to" } else { "less than or equal to" };
            let index = match value {
                Value::Ints(t) => index_at(t.kind, &t.dims, i),
                Value::Reals(t) => index_at(t.kind, &t.dims, i),
                _ => Vec::new(),
            };
            let entry = format!("{name}{}", bracketed(&index));
            let message = format!("`{entry}` is {}, but must be {relation} {}", format_real(x), format_real(limit));
            found.push(Violation { message, index });
        }
    }
}

fn bracketed(index: &[usize]) -> String {
    if index.is_empty() {
        return String::new();
    }
    format!("[{}]", index.iter().map(ToString::to_string).collect::<Vec<_>>().join(","))
}

/// Vectors and matrices, one by one.
fn check_elements<A: Real>(transform: &Transform, t: &Reals<A>, name: &str, found: &mut Vec<Violation>) {
    let (array, inner) = t.dims.split_at(t.dims.len() - t.kind.n_dims().min(t.dims.len()));
    let Some(structure) = transform.structure::<f64>(inner) else { return };
    let size: usize = inner.iter().product();
    let values = t.entries.values();
    for i in 0..array.iter().product() {
        let element = values.get(i * size..(i + 1) * size).unwrap_or(&[]);
        if let Err(violation) = structure.check(element) {
            let index = index_at(Kind::Scalar, array, i);
            let part = violation.index.map(|at| index_at(t.kind, inner, at)).unwrap_or_default();
            let entry: Vec<usize> = index.iter().chain(&part).copied().collect();
            let (found_value, expected) = (violation.found, violation.expected);
            let message = match violation.index {
                Some(_) => format!("`{name}{}` is {found_value}, but must be {expected}", bracketed(&entry)),
                None => format!("`{name}{}`: found {found_value}, but must be {expected}", bracketed(&index)),
            };
            found.push(Violation { message, index });
        }
    }
}
