//! One JSON value to one variable: types, sizes, integers.

use hlmc_builtins::Value;
use hlmc_builtins::value::{Entries, Kind, Tensor};
use hlmc_check::ir::Variable;
use hlmc_syntax::Diagnostic;
use num_complex::Complex;

use super::json::{self, Located, Node, Number};
use super::{DataDiagnostic, Document, JsonPlace};
use crate::layout::{Scalar, Shape};

/// Reads one variable; mistakes go to the list.
pub(crate) struct Reader<'r> {
    pub(crate) text: &'r str,
    pub(crate) variable: &'r Variable,
    pub(crate) mistakes: &'r mut Vec<DataDiagnostic>,
    /// Where in tuples the reader is, such as `[2].1`.
    pub(crate) tuple_slot: String,
}

/// The numbers of one variable in the order of the text, row by row.
struct Flat {
    values: Vec<f64>,
    /// The first entry that is not written as an integer.
    first_real: Option<usize>,
}

impl Reader<'_> {
    /// The value, if it has the type and the sizes of the shape.
    pub(crate) fn read(&mut self, located: Located<'_>, shape: &Shape) -> Option<Value<f64>> {
        match shape {
            Shape::Numbers { scalar, kind, dims } => self.numbers(located, *scalar, *kind, dims),
            Shape::Tuples { array, slots } => self.tuples(located, array, slots),
        }
    }

    fn numbers(&mut self, located: Located<'_>, scalar: Scalar, kind: Kind, dims: &[usize]) -> Option<Value<f64>> {
        let offset = located.offset;
        let mut extents: Vec<usize> = dims.to_vec();
        if scalar == Scalar::Complex {
            extents.push(2);
        }
        let mut flat = Flat { values: Vec::new(), first_real: None };
        if !self.flatten(located, &extents, dims.len(), 0, &mut flat) {
            return None;
        }
        if scalar == Scalar::Int && !self.are_integers(&flat, dims, offset) {
            return None;
        }
        let tensor_dims = dims.iter().copied().collect();
        Some(match scalar {
            Scalar::Int if dims.is_empty() => Value::Int(*flat.values.first()? as i64),
            Scalar::Real if dims.is_empty() => Value::Real(*flat.values.first()?),
            Scalar::Complex if dims.is_empty() => Value::Complex(Complex::new(flat.values[0], flat.values[1])),
            Scalar::Int => {
                let entries = flat.values.iter().map(|x| *x as i64).collect();
                Value::Ints(Tensor { kind, dims: tensor_dims, entries })
            }
            Scalar::Real => {
                let entries = Entries::Data(column_major_inside(flat.values, kind, dims));
                Value::Reals(Tensor { kind, dims: tensor_dims, entries })
            }
            Scalar::Complex => {
                let entries = flat.values.chunks_exact(2).map(|z| Complex::new(z[0], z[1])).collect();
                Value::Complexes(Tensor { kind, dims: tensor_dims, entries: column_major_inside(entries, kind, dims) })
            }
        })
    }

    /// Appends the numbers of `located`, which must have these extents, row by row. Extents past `n_dims` are the two
    /// parts of complex numbers.
    fn flatten(
        &mut self,
        located: Located<'_>,
        extents: &[usize],
        n_dims: usize,
        depth: usize,
        flat: &mut Flat,
    ) -> bool {
        let Some((&n, rest)) = extents.split_first() else {
            let Node::Number(Number { value, is_integer }) = located.node else {
                return self.wrong_type(&located, "a number");
            };
            if !is_integer && flat.first_real.is_none() {
                flat.first_real = Some(flat.values.len());
            }
            flat.values.push(value);
            return true;
        };
        let expected = if depth >= n_dims { "a complex number, [re, im]" } else { "a list" };
        let found = match &located.node {
            Node::Numbers(numbers) => numbers.values.len(),
            Node::List(nodes) => nodes.len(),
            _ => return self.wrong_type(&located, expected),
        };
        let is_empty_anyway = extents.contains(&0) && found == 0;
        if is_empty_anyway {
            return true;
        }
        if found != n {
            return self.wrong_size(located.offset, depth, n_dims, found, n);
        }
        match located.node {
            Node::Numbers(numbers) if rest.is_empty() => {
                if let (Some(first), None) = (numbers.first_real, flat.first_real) {
                    flat.first_real = Some(flat.values.len() + first);
                }
                if flat.values.is_empty() {
                    flat.values = numbers.values;
                } else {
                    flat.values.extend_from_slice(&numbers.values);
                }
                true
            }
            Node::List(nodes) => nodes.into_iter().all(|node| self.flatten(node, rest, n_dims, depth + 1, flat)),
            _ => {
                let expected = if depth + 1 >= n_dims { "a complex number, [re, im]" } else { "a list" };
                let offset = json::locate(self.text, located.offset, &[0]);
                self.wrong_type(
                    &Located { node: Node::Number(Number { value: 0.0, is_integer: true }), offset },
                    expected,
                )
            }
        }
    }

    fn tuples(&mut self, located: Located<'_>, array: &[usize], slots: &[Shape]) -> Option<Value<f64>> {
        if let Some((&n, rest)) = array.split_first() {
            let elements = match located.node {
                Node::List(elements) => elements,
                _ => {
                    self.wrong_type(&located, "a list");
                    return None;
                }
            };
            if elements.len() != n && !(elements.is_empty() && array.contains(&0)) {
                self.wrong_size(located.offset, 0, array.len(), elements.len(), n);
                return None;
            }
            let mut values = Vec::with_capacity(n);
            for (i, element) in elements.into_iter().enumerate() {
                let outer = self.tuple_slot.clone();
                self.tuple_slot.push_str(&format!("[{}]", i + 1));
                let value = self.tuples(element, rest, slots);
                self.tuple_slot = outer;
                values.push(value?);
            }
            return Some(Value::Array(values));
        }
        let Node::Object(mut entries) = located.node else {
            self.wrong_type(&located, "a tuple, {\"1\": ..., \"2\": ...}");
            return None;
        };
        let mut values = Vec::with_capacity(slots.len());
        for (i, slot) in slots.iter().enumerate() {
            let name = (i + 1).to_string();
            let Some(at) = entries.iter().position(|(known, _)| *known == name) else {
                let message = format!("`{}{}` has no slot \"{name}\"", self.variable.name, self.tuple_slot);
                self.mistake("hlmc::data::wrong_shape", message, located.offset);
                return None;
            };
            let outer = self.tuple_slot.clone();
            self.tuple_slot.push_str(&format!(".{name}"));
            let value = self.read(entries.swap_remove(at).1, slot);
            self.tuple_slot = outer;
            values.push(value?);
        }
        Some(Value::Tuple(values))
    }

    /// False, with a mistake on the list, when a number is not written as an integer or does not fit one.
    fn are_integers(&mut self, flat: &Flat, dims: &[usize], offset: usize) -> bool {
        let is_out_of_range = |x: &f64| *x > f64::from(i32::MAX) || *x < f64::from(i32::MIN);
        let out_of_range = || flat.values.iter().position(is_out_of_range);
        let Some(at) = flat.first_real.or_else(out_of_range) else { return true };
        let index = row_major_index(at, dims);
        let place = json::locate(self.text, offset, &index);
        let value = flat.values.get(at).copied().unwrap_or(f64::NAN);
        let entry = format!("{}{}", self.what(), bracketed(&index));
        let written = written(self.text, place);
        let fits = value.fract() == 0.0 && !is_out_of_range(&value);
        let why = match (flat.first_real, fits) {
            (Some(_), true) => "is not written as an integer",
            (Some(_), false) => "is no integer",
            (None, _) => "does not fit an integer of 32 bits",
        };
        let message = format!("`{entry}` is declared as an integer, but {written} {why}");
        let mut diagnostic =
            Diagnostic::error("hlmc::data::not_an_integer", message, self.variable.span).label("declared here");
        if fits {
            diagnostic = diagnostic.with_help(format!("write {}", value as i64));
        }
        self.mistakes.push(DataDiagnostic { diagnostic, place: Some(JsonPlace::at(self.text, place)) });
        false
    }

    fn what(&self) -> String {
        format!("{}{}", self.variable.name, self.tuple_slot)
    }

    fn wrong_type(&mut self, located: &Located<'_>, expected: &str) -> bool {
        let found = match &located.node {
            Node::Null => "null".into(),
            Node::Bool(value) => value.to_string(),
            Node::Number(_) => format!("the number {}", written(self.text, located.offset)),
            Node::Text(text) => format!("the text \"{}\"", text.chars().take(30).collect::<String>()),
            Node::Numbers(_) | Node::List(_) => "a list".into(),
            Node::Object(_) => "an object".into(),
        };
        let message = format!("`{}`: expected {expected}, found {found}", self.what());
        self.mistake("hlmc::data::wrong_type", message, located.offset)
    }

    fn wrong_size(&mut self, offset: usize, depth: usize, n_dims: usize, found: usize, expected: usize) -> bool {
        let dimension = if n_dims > 1 { format!(" in dimension {}", depth + 1) } else { String::new() };
        let message = if depth >= n_dims {
            format!("`{}`: a complex number is [re, im], found a list of size {found}", self.what())
        } else {
            format!("`{}` has size {found}{dimension}, but is declared with size {expected}", self.what())
        };
        self.mistake("hlmc::data::wrong_shape", message, offset)
    }

    fn mistake(&mut self, code: &'static str, message: String, offset: usize) -> bool {
        let diagnostic = Diagnostic::error(code, message, self.variable.span).label("declared here");
        self.mistakes.push(DataDiagnostic { diagnostic, place: Some(JsonPlace::at(self.text, offset)) });
        false
    }
}

/// Matrices come row by row and are kept column by column.
fn column_major_inside<S: Copy>(entries: Vec<S>, kind: Kind, dims: &[usize]) -> Vec<S> {
    let [.., rows, cols] = *dims else { return entries };
    if kind != Kind::Matrix || rows < 2 || cols < 2 {
        return entries;
    }
    let mut columns = Vec::with_capacity(entries.len());
    for matrix in entries.chunks_exact(rows * cols) {
        (0..cols).for_each(|col| columns.extend(matrix[col..].iter().step_by(cols)));
    }
    columns
}

/// The index, from 0, of entry `at` in row-major order.
fn row_major_index(mut at: usize, dims: &[usize]) -> Vec<usize> {
    let mut index: Vec<usize> = dims
        .iter()
        .rev()
        .map(|&n| {
            let i = at % n.max(1);
            at /= n.max(1);
            i
        })
        .collect();
    index.reverse();
    index
}

/// An index from 0 as people write it.
fn bracketed(index: &[usize]) -> String {
    if index.is_empty() {
        return String::new();
    }
    format!("[{}]", index.iter().map(|i| (i + 1).to_string()).collect::<Vec<_>>().join(","))
}

/// The number that stands at a place, as it is written.
fn written(text: &str, offset: usize) -> &str {
    let rest = text.get(offset..).unwrap_or("");
    let n = rest.bytes().take_while(|byte| !matches!(byte, b',' | b']' | b'}' | b' ' | b'\n' | b'\r' | b'\t')).count();
    rest.get(..n).unwrap_or("")
}

/// The place of an entry of a variable; `index` counts from 1.
pub(super) fn place_of(text: &str, name: &str, index: &[usize]) -> Option<JsonPlace> {
    let variable = Document::parse(text).ok()?.take(name)?;
    let index: Vec<usize> = index.iter().map(|i| i.saturating_sub(1)).collect();
    Some(JsonPlace::at(text, json::locate(text, variable.offset, &index)))
}

/// What a shape looks like in JSON, in words.
pub(super) fn describe(shape: &Shape) -> String {
    let of = |what: &str, dims: &[usize]| match dims {
        [] => what.to_owned(),
        [n] => format!("a list of {n} numbers"),
        _ => format!("lists of sizes {}", dims.iter().map(ToString::to_string).collect::<Vec<_>>().join(" x ")),
    };
    match shape {
        Shape::Numbers { scalar: Scalar::Int, dims, .. } => of("an integer", dims),
        Shape::Numbers { scalar: Scalar::Real, dims, .. } => of("a number", dims),
        Shape::Numbers { scalar: Scalar::Complex, dims, .. } => of("a complex number, [re, im]", dims),
        Shape::Tuples { array, .. } => of("a tuple, {\"1\": ..., \"2\": ...}", array),
    }
}
