//! Names and order of what is written out: column-major, `x.1.2`, `z.real`, `t:1`, as in CmdStan's files.

use hlmc_builtins::Value;
use hlmc_builtins::value::Kind;
use hlmc_check::ir::{SizedBase, SizedType};

use crate::layout::{Scalar, Shape, column_major, index_at, offset};

/// Appends the names of a variable's entries in the order of [`write`].
pub(crate) fn constrained(name: &str, shape: &Shape, names: &mut Vec<String>) {
    match shape {
        Shape::Numbers { scalar, dims, .. } => {
            for index in column_major(dims) {
                let entry = dotted(name, &index);
                if *scalar == Scalar::Complex {
                    names.extend([format!("{entry}.real"), format!("{entry}.imag")]);
                } else {
                    names.push(entry);
                }
            }
        }
        Shape::Tuples { array, slots } => {
            for index in column_major(array) {
                let element = dotted(name, &index);
                for (i, slot) in slots.iter().enumerate() {
                    constrained(&format!("{element}:{}", i + 1), slot, names);
                }
            }
        }
    }
}

/// Appends the entries of a variable, column-major over all its dimensions.
pub(crate) fn write(value: &Value<f64>, shape: &Shape, out: &mut Vec<f64>) {
    match (shape, value) {
        (_, Value::Int(i)) => out.push(*i as f64),
        (_, Value::Real(x)) => out.push(*x),
        (_, Value::Complex(z)) => out.extend([z.re, z.im]),
        (Shape::Numbers { kind, dims, .. }, Value::Complexes(t)) => {
            for index in column_major(dims) {
                if let Some(z) = t.entries.get(offset(*kind, dims, &index)) {
                    out.extend([z.re, z.im]);
                }
            }
        }
        (Shape::Numbers { kind, dims, .. }, _) if dims.len() == kind.n_dims() || dims.len() == 1 => {
            out.extend((0..value.n_entries()).filter_map(|i| value.real_at(i)));
        }
        (Shape::Numbers { kind, dims, .. }, _) => {
            out.extend(column_major(dims).filter_map(|index| value.real_at(offset(*kind, dims, &index))));
        }
        (Shape::Tuples { array, slots }, _) => {
            for index in column_major(array) {
                let element = index.iter().try_fold(value, |at, i| match at {
                    Value::Array(elements) => elements.get(i - 1),
                    _ => None,
                });
                if let Some(Value::Tuple(parts)) = element {
                    parts.iter().zip(slots).for_each(|(part, slot)| write(part, slot, out));
                }
            }
        }
    }
}

/// Appends names of the unconstrained coordinates in the order of the vector. Coordinates of a constrained vector or
/// matrix are numbered, since they stand for no single entry.
pub(crate) fn unconstrained(name: &str, ty: &SizedType, shape: &Shape, names: &mut Vec<String>) {
    match (shape, &ty.base) {
        (Shape::Tuples { array, slots }, SizedBase::Tuple(types)) => {
            for at in 0..array.iter().product() {
                let element = dotted(name, &index_at(Kind::Scalar, array, at));
                for (i, (ty, slot)) in types.iter().zip(slots).enumerate() {
                    unconstrained(&format!("{element}:{}", i + 1), ty, slot, names);
                }
            }
        }
        (Shape::Numbers { scalar, kind, dims }, _) => {
            let (array, inner) = dims.split_at(shape.array_dims().len());
            if let Some(structure) = ty.transform.structure::<f64>(inner) {
                for at in 0..array.iter().product() {
                    let element = dotted(name, &index_at(Kind::Scalar, array, at));
                    names.extend((1..=structure.n_unconstrained()).map(|i| format!("{element}.{i}")));
                }
                return;
            }
            for at in 0..dims.iter().product() {
                let entry = dotted(name, &index_at(*kind, dims, at));
                if *scalar == Scalar::Complex {
                    names.extend([format!("{entry}.real"), format!("{entry}.imag")]);
                } else {
                    names.push(entry);
                }
            }
        }
        _ => {}
    }
}

fn dotted(name: &str, index: &[usize]) -> String {
    index.iter().fold(name.to_owned(), |name, i| format!("{name}.{i}"))
}
