//! A program bound to its data.

use std::cell::RefCell;
use std::sync::Arc;

use hlmc_builtins::{Library, Value};
use hlmc_check::ir::{Block, Program, Variable};
use hlmc_syntax::Diagnostic;
use rand::Rng;

use crate::data::{self, DataDiagnostic, Document, Reader};
use crate::evaluate::Machine;
use crate::failure::Failure;
use crate::frame::{Frame, unset};
use crate::layout::Shape;
use crate::parameters::{self, Coordinates};
use crate::{constraint, names};

/// Which variables are written out: the parameters, and what else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Include {
    /// Parameters only.
    Parameters,
    /// And transformed parameters.
    TransformedParameters,
    /// And generated quantities.
    GeneratedQuantities,
}

impl Include {
    pub(crate) fn has(self, block: Block) -> bool {
        match block {
            Block::Parameters => true,
            Block::TransformedParameters => self >= Include::TransformedParameters,
            Block::GeneratedQuantities => self >= Include::GeneratedQuantities,
            _ => false,
        }
    }
}

/// A program with its data and transformed data, and with all sizes known. Cheap to clone; shared by all chains.
#[derive(Clone)]
pub struct BoundModel {
    inner: Arc<Inner>,
}

struct Inner {
    program: Arc<Program>,
    library: Library<f64>,
    data: Vec<Arc<Value<f64>>>,
    /// Of parameters, transformed parameters and generated quantities, as in the program.
    shapes: Vec<Shape>,
    dimension: usize,
    /// What `print` said in the transformed data block.
    printed: Vec<String>,
}

impl std::fmt::Debug for BoundModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BoundModel").field("dimension", &self.inner.dimension).finish_non_exhaustive()
    }
}

impl BoundModel {
    /// Reads the data (a JSON object; a blank text stands for an empty one), checks them against the program's
    /// declarations, and runs the transformed data block.
    ///
    /// # Errors
    /// Every mistake in the data, or what went wrong in the transformed data block.
    pub fn bind(program: Arc<Program>, data_json: &str, rng: &mut dyn Rng) -> Result<BoundModel, Vec<DataDiagnostic>> {
        let library = Library::new();
        let printed = RefCell::default();
        let mut frame = Frame::new(true);
        frame.data.resize_with(program.data.len(), || Arc::new(unset()));
        let machine = Machine::new(&program, &library, &printed).with_rng(rng);
        data::read_data(&machine, &mut frame, data_json)?;
        let shapes = transform_data(&machine, &program, &mut frame).map_err(|failure| vec![of_failure(*failure)])?;
        let dimension = parameters_of(&program, &shapes)
            .map(|(variable, shape)| parameters::n_unconstrained(&variable.ty, shape))
            .sum();
        Ok(BoundModel {
            inner: Arc::new(Inner {
                program,
                library,
                data: frame.data,
                shapes,
                dimension,
                printed: printed.into_inner(),
            }),
        })
    }

    /// The number of unconstrained coordinates.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.inner.dimension
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.inner.program
    }

    /// What `print` said in the transformed data block, line by line.
    #[must_use]
    pub fn printed(&self) -> &[String] {
        &self.inner.printed
    }

    /// Names of the unconstrained coordinates in their order, such as `x` or `x.1.2`.
    #[must_use]
    pub fn unconstrained_names(&self) -> Vec<String> {
        let mut list = Vec::with_capacity(self.inner.dimension);
        for (variable, shape) in self.parameters() {
            names::unconstrained(&variable.name, &variable.ty, shape, &mut list);
        }
        list
    }

    /// Names of what [`Evaluator::constrain`](crate::Evaluator::constrain) writes, in its order.
    #[must_use]
    pub fn constrained_names(&self, include: Include) -> Vec<String> {
        let mut list = Vec::new();
        for (variable, shape) in self.variables().filter(|(variable, _)| include.has(variable.block)) {
            names::constrained(&variable.name, shape, &mut list);
        }
        list
    }

    /// The unconstrained coordinates of the parameters that a JSON object gives; those that it does not name keep what
    /// `base` has for them. Names of no parameter are ignored.
    ///
    /// # Errors
    /// Every parameter whose value has the wrong type or sizes, or breaks its constraint.
    pub fn unconstrain(&self, inits_json: &str, base: &[f64]) -> Result<Vec<f64>, Vec<DataDiagnostic>> {
        let mut document = Document::parse(inits_json).map_err(|mistake| vec![*mistake])?;
        let printed = RefCell::default();
        let machine = Machine::new(&self.inner.program, &self.inner.library, &printed);
        let mut frame = self.frame();
        let mut mistakes = Vec::new();
        let mut out = Vec::with_capacity(self.inner.dimension);
        for (variable, shape) in self.parameters() {
            let n = parameters::n_unconstrained(&variable.ty, shape);
            let start = out.len();
            // Without a coordinate of its own a parameter starts at 0.
            let own: Vec<f64> = (start..start + n).map(|i| base.get(i).copied().unwrap_or(0.0)).collect();
            if let Some(located) = document.take(&variable.name) {
                let text = document.text;
                let mut reader = Reader { text, variable, mistakes: &mut mistakes, tuple_slot: String::new() };
                if let Some(value) = reader.read(located, shape) {
                    match parameters::unconstrain(&machine, &frame, variable, &variable.ty, &value, &mut out) {
                        Ok(()) => {
                            frame.set(variable.place, value);
                            continue;
                        }
                        Err(failure) => mistakes.push(of_failure(*failure)),
                    }
                }
            }
            out.truncate(start);
            let coordinates = &mut Coordinates::new(&own);
            if let Err(failure) = parameters::constrain(&machine, &mut frame, variable, shape, coordinates) {
                mistakes.push(of_failure(*failure));
            }
            out.extend(own);
        }
        if mistakes.is_empty() { Ok(out) } else { Err(mistakes) }
    }

    /// All variables that are written out, with their sizes.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&Variable, &Shape)> {
        self.inner.program.model_variables.iter().zip(&self.inner.shapes)
    }

    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&Variable, &Shape)> {
        parameters_of(&self.inner.program, &self.inner.shapes)
    }

    /// The values of the data and transformed data, as the program numbers them.
    #[must_use]
    pub fn data(&self) -> &[Arc<Value<f64>>] {
        &self.inner.data
    }

    /// A frame with the data in it.
    fn frame(&self) -> Frame<'static, f64> {
        let mut frame = Frame::new(true);
        frame.data = self.inner.data.clone();
        frame.model.resize_with(self.inner.shapes.len(), unset);
        frame
    }
}

fn parameters_of<'p>(program: &'p Program, shapes: &'p [Shape]) -> impl Iterator<Item = (&'p Variable, &'p Shape)> {
    program.model_variables.iter().zip(shapes).filter(|(variable, _)| variable.block == Block::Parameters)
}

/// Runs the transformed data block, checks what it declared, and finds the sizes of everything after it.
fn transform_data(
    machine: &Machine<'_, f64>,
    program: &Program,
    frame: &mut Frame<'_, f64>,
) -> Result<Vec<Shape>, Box<Failure>> {
    frame.reserve(program.transformed_data.n_locals);
    machine.run(frame, &program.transformed_data.statements)?;
    for variable in program.data.iter().filter(|variable| variable.block == Block::TransformedData) {
        constraint::require(machine, frame, variable)?;
    }
    program.model_variables.iter().map(|variable| machine.shape(frame, &variable.ty, &variable.name)).collect()
}

fn of_failure(failure: Failure) -> DataDiagnostic {
    let code = match failure.severity {
        hlmc_builtins::Severity::Rejection => "hlmc::data::rejected",
        hlmc_builtins::Severity::Fatal => "hlmc::data::failed",
    };
    let values: Vec<String> = failure.values.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    let label = if values.is_empty() { "here".to_owned() } else { format!("here, where {}", values.join(", ")) };
    DataDiagnostic { diagnostic: Diagnostic::error(code, failure.message, failure.span).label(label), place: None }
}
