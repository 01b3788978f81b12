//! Parameters between the unconstrained vector and their declared types (reference manual, "Constraint transforms").
//!
//! The vector holds the parameters in the order of their declarations; arrays with the outermost index slowest, each
//! element contiguous, matrices column by column, complex numbers as real and imaginary part.

use hlmc_builtins::Value;
use hlmc_builtins::value::{Entries, Reals};
use hlmc_check::ir::{Expression, SizedBase, SizedType, Transform, Variable};
use hlmc_math::Real;
use hlmc_math::constraints::{Constraint, Elementwise, Rule, Violation};
use num_complex::Complex;
use smallvec::SmallVec;

use crate::evaluate::Machine;
use crate::failure::{Eval, Failure};
use crate::frame::Frame;
use crate::layout::{Scalar, Shape};

/// Bounds of one parameter: mostly one number.
type Bounds<A> = SmallVec<[A; 1]>;

/// The number of unconstrained coordinates of a variable.
pub(crate) fn n_unconstrained(ty: &SizedType, shape: &Shape) -> usize {
    match (shape, &ty.base) {
        (Shape::Tuples { array, slots }, SizedBase::Tuple(types)) => {
            let in_one: usize = types.iter().zip(slots).map(|(ty, slot)| n_unconstrained(ty, slot)).sum();
            array.iter().product::<usize>() * in_one
        }
        (Shape::Numbers { scalar, dims, .. }, _) => {
            let n_array = shape.array_dims().len();
            match ty.transform.structure::<f64>(&dims[n_array..]) {
                Some(structure) => dims[..n_array].iter().product::<usize>() * structure.n_unconstrained(),
                None => dims.iter().product::<usize>() * if *scalar == Scalar::Complex { 2 } else { 1 },
            }
        }
        _ => 0,
    }
}

/// Coordinates that have not been used yet.
pub(crate) struct Coordinates<'p, A> {
    rest: &'p [A],
}

impl<'p, A> Coordinates<'p, A> {
    pub(crate) fn new(position: &'p [A]) -> Self {
        Coordinates { rest: position }
    }

    fn take(&mut self, n: usize) -> &'p [A] {
        let (taken, rest) = self.rest.split_at(n.min(self.rest.len()));
        self.rest = rest;
        taken
    }
}

/// Sets a parameter from the next coordinates; returns the log Jacobian determinant.
pub(crate) fn constrain<A: Real>(
    machine: &Machine<'_, A>,
    frame: &mut Frame<'_, A>,
    variable: &Variable,
    shape: &Shape,
    coordinates: &mut Coordinates<'_, A>,
) -> Eval<A> {
    let nowhere = || Failure::defect("a parameter has no place", variable.span);
    // The old value gives its storage to the new one. Bounds are of earlier variables, so nobody misses it meanwhile.
    let slot = frame.get_mut(variable.place).ok_or_else(nowhere)?;
    let mut value = std::mem::replace(slot, crate::frame::unset());
    let log_jacobian = constrain_into(machine, frame, (variable, &variable.ty), shape, coordinates, &mut value)?;
    if frame.set(variable.place, value) { Ok(log_jacobian) } else { Err(nowhere()) }
}

fn constrain_into<A: Real>(
    machine: &Machine<'_, A>,
    frame: &Frame<'_, A>,
    (variable, ty): (&Variable, &SizedType),
    shape: &Shape,
    coordinates: &mut Coordinates<'_, A>,
    value: &mut Value<A>,
) -> Eval<A> {
    let failed = |violation: Violation| of_violation(&variable.name, &violation, variable);
    match shape {
        Shape::Tuples { array, slots } => {
            let SizedBase::Tuple(types) = &ty.base else {
                return Err(Failure::defect("a tuple of no tuple type", variable.span));
            };
            *value = shape.unassigned();
            debug_assert_eq!(value.dims()[..], array[..]);
            let mut log_jacobian = A::zero();
            for_each_tuple(value, &mut |parts| {
                for ((part, ty), slot) in parts.iter_mut().zip(types).zip(slots) {
                    log_jacobian += constrain_into(machine, frame, (variable, ty), slot, coordinates, part)?;
                }
                Ok(())
            })?;
            Ok(log_jacobian)
        }
        Shape::Numbers { scalar: Scalar::Complex, dims, .. } => {
            let n = dims.iter().product::<usize>();
            let entries: Vec<Complex<A>> =
                coordinates.take(2 * n).chunks_exact(2).map(|z| Complex::new(z[0], z[1])).collect();
            *value = shape.unassigned();
            match value {
                Value::Complexes(t) => t.entries = entries,
                Value::Complex(slot) => *slot = entries.first().copied().unwrap_or(*slot),
                _ => {}
            }
            Ok(A::zero())
        }
        Shape::Numbers { dims, .. } if dims.is_empty() => {
            let bounds = bounds_of(machine, frame, &ty.transform)?;
            let mut x = [A::zero()];
            let log_jacobian =
                elementwise(&ty.transform, &bounds, 1).constrain(coordinates.take(1), &mut x).map_err(failed)?;
            *value = Value::Real(x[0]);
            Ok(log_jacobian)
        }
        Shape::Numbers { kind, dims, .. } => {
            let n_entries = dims.iter().product();
            let can_stay = matches!(&*value, Value::Reals(Reals { kind: k, dims: d, entries: Entries::Auto(_) })
                if k == kind && d == dims);
            if !can_stay {
                *value = Value::tensor(*kind, dims.iter().copied(), vec![A::zero(); n_entries]);
            }
            let Value::Reals(Reals { entries: Entries::Auto(entries), .. }) = value else {
                return Err(Failure::defect("a parameter is no number", variable.span));
            };
            let n_array = shape.array_dims().len();
            let n_elements: usize = dims[..n_array].iter().product();
            if let Some(structure) = ty.transform.structure::<A>(&dims[n_array..]) {
                return each_element(structure.as_ref(), n_elements, coordinates, entries).map_err(failed);
            }
            let bounds = bounds_of(machine, frame, &ty.transform)?;
            let one_for_each_entry = |bounds: &Bounds<A>| bounds.len() == 1 || bounds.len() == n_entries;
            let (n_elements, size) = if one_for_each_entry(&bounds.0) && one_for_each_entry(&bounds.1) {
                (1, n_entries)
            } else {
                // Bounds of one element hold for every element of an array.
                (n_elements, dims[n_array..].iter().product())
            };
            each_element(&elementwise(&ty.transform, &bounds, size), n_elements, coordinates, entries).map_err(failed)
        }
    }
}

fn each_element<A: Real>(
    constraint: &dyn Constraint<A>,
    n_elements: usize,
    coordinates: &mut Coordinates<'_, A>,
    entries: &mut [A],
) -> Result<A, Violation> {
    let size = constraint.n_constrained();
    let mut log_jacobian = A::zero();
    let mut rest = entries;
    for _ in 0..n_elements {
        let (element, further) = rest.split_at_mut(size.min(rest.len()));
        log_jacobian += constraint.constrain(coordinates.take(constraint.n_unconstrained()), element)?;
        rest = further;
    }
    Ok(log_jacobian)
}

/// Lower bound or offset, and upper bound or multiplier.
fn bounds_of<A: Real>(
    machine: &Machine<'_, A>,
    frame: &Frame<'_, A>,
    transform: &Transform,
) -> Eval<(Bounds<A>, Bounds<A>)> {
    let one = |x: f64| Bounds::from_slice(&[A::constant(x)]);
    let read = |e: &Expression| -> Eval<Bounds<A>> {
        if e.ty.is_scalar() {
            return Ok(Bounds::from_slice(&[machine.real(frame, e)?]));
        }
        let value = machine.value(frame, e)?;
        Ok((0..value.n_entries()).filter_map(|i| value.real_at(i)).collect())
    };
    Ok(match transform {
        Transform::Lower(lower) => (read(lower)?, one(0.0)),
        Transform::Upper(upper) => (one(0.0), read(upper)?),
        Transform::LowerUpper(lower, upper) => (read(lower)?, read(upper)?),
        Transform::OffsetMultiplier(offset, multiplier) => {
            let offset = offset.as_ref().map(read).transpose()?;
            let multiplier = multiplier.as_ref().map(read).transpose()?;
            (offset.unwrap_or_else(|| one(0.0)), multiplier.unwrap_or_else(|| one(1.0)))
        }
        _ => (one(0.0), one(0.0)),
    })
}

fn elementwise<'b, A: Real>(
    transform: &Transform,
    (first, second): &'b (Bounds<A>, Bounds<A>),
    size: usize,
) -> Elementwise<'b, A> {
    let rule = match transform {
        Transform::Lower(_) => Rule::Lower(first),
        Transform::Upper(_) => Rule::Upper(second),
        Transform::LowerUpper(..) => Rule::LowerUpper(first, second),
        Transform::OffsetMultiplier(..) => Rule::OffsetMultiplier(first, second),
        _ => Rule::Free,
    };
    Elementwise { size, rule }
}

/// Appends the unconstrained coordinates of a value that the parameter has.
pub(crate) fn unconstrain(
    machine: &Machine<'_, f64>,
    frame: &Frame<'_, f64>,
    variable: &Variable,
    ty: &SizedType,
    value: &Value<f64>,
    out: &mut Vec<f64>,
) -> Eval<()> {
    let failed = |violation: Violation| of_violation(&variable.name, &violation, variable);
    match (value, &ty.base) {
        (Value::Array(elements), _) => {
            elements.iter().try_for_each(|element| unconstrain(machine, frame, variable, ty, element, out))
        }
        (Value::Tuple(parts), SizedBase::Tuple(types)) => {
            parts.iter().zip(types).try_for_each(|(part, ty)| unconstrain(machine, frame, variable, ty, part, out))
        }
        (Value::Complex(z), _) => {
            out.extend([z.re, z.im]);
            Ok(())
        }
        (Value::Complexes(t), _) => {
            out.extend(t.entries.iter().flat_map(|z| [z.re, z.im]));
            Ok(())
        }
        (Value::Real(x), _) => {
            let bounds = bounds_of(machine, frame, &ty.transform)?;
            let mut y = [0.0];
            elementwise(&ty.transform, &bounds, 1).unconstrain(&[*x], &mut y).map_err(failed)?;
            out.push(y[0]);
            Ok(())
        }
        (Value::Reals(t), _) => {
            let values = t.entries.values();
            let n_array = t.dims.len() - t.kind.n_dims().min(t.dims.len());
            if let Some(structure) = ty.transform.structure::<f64>(&t.dims[n_array..]) {
                return each_back(structure.as_ref(), &values, out).map_err(failed);
            }
            let bounds = bounds_of(machine, frame, &ty.transform)?;
            let one_for_each_entry = |bounds: &Bounds<f64>| bounds.len() == 1 || bounds.len() == values.len();
            let size = if one_for_each_entry(&bounds.0) && one_for_each_entry(&bounds.1) {
                values.len()
            } else {
                t.dims[n_array..].iter().product()
            };
            each_back(&elementwise(&ty.transform, &bounds, size), &values, out).map_err(failed)
        }
        _ => Err(Failure::defect("a parameter is no number", variable.span)),
    }
}

fn each_back(constraint: &dyn Constraint<f64>, values: &[f64], out: &mut Vec<f64>) -> Result<(), Violation> {
    let mut coordinates = vec![0.0; constraint.n_unconstrained()];
    for element in values.chunks_exact(constraint.n_constrained().max(1)) {
        constraint.unconstrain(element, &mut coordinates)?;
        out.extend_from_slice(&coordinates);
    }
    Ok(())
}

fn of_violation(name: &str, violation: &Violation, variable: &Variable) -> Box<Failure> {
    Failure::rejection(format!("`{name}`: {violation}"), variable.span)
}

fn for_each_tuple<A: Real>(value: &mut Value<A>, f: &mut dyn FnMut(&mut [Value<A>]) -> Eval<()>) -> Eval<()> {
    match value {
        Value::Tuple(parts) => f(parts),
        Value::Array(elements) => elements.iter_mut().try_for_each(|element| for_each_tuple(element, f)),
        _ => Ok(()),
    }
}
