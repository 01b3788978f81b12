//! Data as JSON text, read and checked against declarations: every mistake is reported, not the first one.

mod json;
mod read;

use hlmc_builtins::Value;
use hlmc_check::ir::{Block, Place, Variable};
use hlmc_syntax::Diagnostic;

use crate::constraint;
use crate::evaluate::{Machine, NOWHERE, places_read};
use crate::frame::Frame;
use crate::layout::Shape;
use json::{Located, Node};

pub(crate) use read::Reader;

/// A mistake in the data.
#[derive(Clone, Debug, PartialEq)]
pub struct DataDiagnostic {
    /// What is wrong. Its span is that of the variable's declaration; it is empty where the text is no JSON.
    pub diagnostic: Diagnostic,
    /// Where in the JSON text, if it is about a place there.
    pub place: Option<JsonPlace>,
}

/// A place in JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonPlace {
    /// In bytes, from 0.
    pub offset: usize,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

impl JsonPlace {
    pub(crate) fn at(text: &str, offset: usize) -> JsonPlace {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        JsonPlace {
            offset,
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

/// The variables of a JSON object, by name.
pub(crate) struct Document<'t> {
    pub(crate) text: &'t str,
    variables: Vec<(std::borrow::Cow<'t, str>, Option<Located<'t>>)>,
}

impl<'t> Document<'t> {
    /// Parses the text; a text of nothing but white space is an empty object.
    pub(crate) fn parse(text: &'t str) -> Result<Self, Box<DataDiagnostic>> {
        if text.trim().is_empty() {
            return Ok(Document { text, variables: Vec::new() });
        }
        let malformed = |message: String, offset: usize| {
            let diagnostic = Diagnostic::error("hlmc::data::malformed_json", message, NOWHERE);
            Box::new(DataDiagnostic { diagnostic, place: Some(JsonPlace::at(text, offset)) })
        };
        let root = json::parse(text).map_err(|error| malformed(error.message, error.offset))?;
        let Node::Object(entries) = root.node else {
            return Err(malformed("expected an object, { \"name\": value, ... }".into(), root.offset));
        };
        let mut seen = std::collections::HashSet::new();
        for (name, value) in &entries {
            if !seen.insert(name) {
                return Err(malformed(format!("\"{name}\" stands here twice"), value.offset));
            }
        }
        let variables = entries.into_iter().map(|(name, value)| (name, Some(value))).collect();
        Ok(Document { text, variables })
    }

    /// Takes a variable out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Located<'t>> {
        self.variables.iter_mut().find(|(known, _)| known == name).and_then(|(_, value)| value.take())
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|(name, _)| name.as_ref())
    }
}

/// Reads the data block's variables in their order into the frame's data; sizes and bounds may use those before.
pub(crate) fn read_data(
    machine: &Machine<'_, f64>,
    frame: &mut Frame<'_, f64>,
    text: &str,
) -> Result<(), Vec<DataDiagnostic>> {
    let mut document = Document::parse(text).map_err(|mistake| vec![*mistake])?;
    let mut mistakes = Vec::new();
    let mut unknown: Vec<Place> = Vec::new();
    for variable in machine.program.data.iter().filter(|variable| variable.block == Block::Data) {
        let mut depends_on_unknown = false;
        each_place(variable, &mut |place| depends_on_unknown |= unknown.contains(&place));
        let read = if depends_on_unknown {
            // What is missing has been said already; sizes and bounds that need it cannot be checked.
            document.take(&variable.name);
            None
        } else {
            read_variable(machine, frame, &mut document, variable, &mut mistakes)
        };
        match read {
            Some(value) => {
                frame.set(variable.place, value);
                check_bounds(machine, frame, document.text, variable, &mut mistakes);
            }
            None => unknown.push(variable.place),
        }
    }
    if mistakes.is_empty() { Ok(()) } else { Err(mistakes) }
}

fn read_variable(
    machine: &Machine<'_, f64>,
    frame: &Frame<'_, f64>,
    document: &mut Document<'_>,
    variable: &Variable,
    mistakes: &mut Vec<DataDiagnostic>,
) -> Option<Value<f64>> {
    let shape = match machine.shape(frame, &variable.ty, &variable.name) {
        Ok(shape) => shape,
        Err(failure) => {
            let diagnostic = Diagnostic::error("hlmc::data::size", failure.message, failure.span);
            mistakes.push(DataDiagnostic { diagnostic, place: None });
            return None;
        }
    };
    match document.take(&variable.name) {
        Some(located) => {
            let mut reader = Reader { text: document.text, variable, mistakes, tuple_slot: String::new() };
            reader.read(located, &shape)
        }
        // As in CmdStan, what has no entries may be left out.
        None if has_no_entries(&shape) => Some(shape.unassigned()),
        None => {
            let message = format!("the data has no `{}`", variable.name);
            let mut diagnostic = Diagnostic::error("hlmc::data::missing_variable", message, variable.span);
            diagnostic = diagnostic.label(format!("expected: {}", read::describe(&shape)));
            let similar = document.names().find(|name| name.eq_ignore_ascii_case(&variable.name));
            if let Some(similar) = similar {
                diagnostic = diagnostic.with_help(format!("the data has a `{similar}`; is that it?"));
            }
            mistakes.push(DataDiagnostic { diagnostic, place: None });
            None
        }
    }
}

fn has_no_entries(shape: &Shape) -> bool {
    match shape {
        Shape::Numbers { dims, .. } => dims.contains(&0),
        Shape::Tuples { array, slots } => array.contains(&0) || slots.iter().all(has_no_entries),
    }
}

fn check_bounds(
    machine: &Machine<'_, f64>,
    frame: &Frame<'_, f64>,
    text: &str,
    variable: &Variable,
    mistakes: &mut Vec<DataDiagnostic>,
) {
    let Some(value) = frame.get(variable.place) else { return };
    match constraint::violations(machine, frame, &variable.ty, &variable.name, value) {
        Err(failure) => {
            let diagnostic = Diagnostic::error("hlmc::data::bound", failure.message, failure.span);
            mistakes.push(DataDiagnostic { diagnostic, place: None });
        }
        Ok(violations) => {
            for violation in violations {
                let diagnostic = Diagnostic::error("hlmc::data::out_of_bounds", violation.message, variable.span)
                    .label("declared here");
                let place = read::place_of(text, &variable.name, &violation.index);
                mistakes.push(DataDiagnostic { diagnostic, place });
            }
        }
    }
}

/// Hands every place that a declaration's sizes and bounds read to `f`.
fn each_place(variable: &Variable, f: &mut dyn FnMut(Place)) {
    fn of_type(ty: &hlmc_check::ir::SizedType, f: &mut dyn FnMut(Place)) {
        use hlmc_check::ir::{SizedBase, Transform};
        ty.array_sizes.iter().for_each(|e| places_read(e, f));
        match &ty.base {
            SizedBase::Vector(n)
            | SizedBase::RowVector(n)
            | SizedBase::ComplexVector(n)
            | SizedBase::ComplexRowVector(n) => places_read(n, f),
            SizedBase::Matrix(rows, cols) | SizedBase::ComplexMatrix(rows, cols) => {
                places_read(rows, f);
                places_read(cols, f);
            }
            SizedBase::Tuple(slots) => slots.iter().for_each(|slot| of_type(slot, f)),
            SizedBase::Int | SizedBase::Real | SizedBase::Complex => {}
        }
        match &ty.transform {
            Transform::Lower(e) | Transform::Upper(e) => places_read(e, f),
            Transform::LowerUpper(lower, upper) => {
                places_read(lower, f);
                places_read(upper, f);
            }
            Transform::OffsetMultiplier(offset, multiplier) => {
                offset.iter().chain(multiplier).for_each(|e| places_read(e, f));
            }
            _ => {}
        }
    }
    of_type(&variable.ty, f);
}
