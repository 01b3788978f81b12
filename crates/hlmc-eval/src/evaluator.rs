//! Frames and library at one number type: what evaluates a bound model, one for each thread.

use std::any::Any;
use std::cell::RefCell;
use std::sync::Arc;

use hlmc_builtins::value::{Entries, Tensor};
use hlmc_builtins::{Library, Number, Value};
use hlmc_check::ir::Block;
use hlmc_math::Real;
use num_complex::Complex;
use rand::Rng;

use crate::evaluate::Machine;
use crate::failure::{Eval, Failure};
use crate::frame::{Frame, unset};
use crate::model::{BoundModel, Include};
use crate::parameters::{self, Coordinates};
use crate::{constraint, names};

/// What a log density counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Constant terms are dropped under `~` and in `_lupdf`.
    pub propto: bool,
    /// The log Jacobian determinants of the constraint transforms are added, and `jacobian +=` counts.
    pub jacobian: bool,
}

impl Options {
    /// The density that is sampled from.
    pub const SAMPLER: Options = Options { propto: true, jacobian: true };
}

/// Evaluates a bound model at numbers of type `A`. Equal arguments give equal results, whatever was asked before.
pub struct Evaluator<A: Real> {
    model: BoundModel,
    library: Library<A>,
    frame: Frame<'static, A>,
    printed: RefCell<Vec<String>>,
}

impl<A: Number> Evaluator<A> {
    /// An evaluator with frames of its own.
    #[must_use]
    pub fn new(model: &BoundModel) -> Self {
        let mut frame = Frame::new(true);
        frame.data = model.data().iter().map(shared_at_number).collect();
        frame.model.resize_with(model.program().model_variables.len(), unset);
        Evaluator { model: model.clone(), library: Library::new(), frame, printed: RefCell::default() }
    }
}

impl<A: Real> Evaluator<A> {
    /// The log density at a point of the unconstrained space.
    ///
    /// # Errors
    /// A [`Failure`] where the program rejects the point or goes wrong.
    pub fn log_density(&mut self, position: &[A], options: Options) -> Result<A, Failure> {
        self.evaluate(position, options, None).map_err(|failure| *failure)
    }

    /// The statement after which the log density, or one of its first `n_directions` partial derivatives, is not finite
    /// any more; or what went wrong before that. `None` if all is well.
    pub fn first_not_finite(&mut self, position: &[A], options: Options, n_directions: usize) -> Option<Failure> {
        self.evaluate(position, options, Some(n_directions)).err().map(|failure| *failure)
    }

    /// What `print` has said since this was asked last, line by line.
    pub fn take_printed(&mut self) -> Vec<String> {
        std::mem::take(self.printed.get_mut())
    }

    fn evaluate(&mut self, position: &[A], options: Options, finite_directions: Option<usize>) -> Eval<A> {
        let Evaluator { model, library, frame, printed } = self;
        let program = model.program();
        let mut machine = Machine::new(program, library, printed);
        machine.jacobian = options.jacobian;
        machine.finite_directions = finite_directions;
        frame.propto = options.propto;
        set_parameters(&machine, model, frame, position)?;
        frame.reserve(program.model.n_locals);
        machine.run(frame, &program.model.statements)?;
        Ok(machine.target.into_inner())
    }
}

impl Evaluator<f64> {
    /// Appends the constrained parameters at a point, and what else is included, in the order of
    /// [`BoundModel::constrained_names`]. Draws of the generated quantities come from `rng`.
    ///
    /// # Errors
    /// A [`Failure`] where the program rejects the point or goes wrong; `out` is then as it was.
    pub fn constrain(
        &mut self,
        position: &[f64],
        include: Include,
        rng: &mut dyn Rng,
        out: &mut Vec<f64>,
    ) -> Result<(), Failure> {
        self.run_blocks(position, include, rng).map_err(|failure| *failure)?;
        for (variable, shape) in self.model.variables().filter(|(variable, _)| include.has(variable.block)) {
            if let Some(value) = self.frame.get(variable.place) {
                names::write(value, shape, out);
            }
        }
        Ok(())
    }

    fn run_blocks(&mut self, position: &[f64], include: Include, rng: &mut dyn Rng) -> Eval<()> {
        let Evaluator { model, library, frame, printed } = self;
        let program = model.program();
        let machine = Machine::new(program, library, printed).with_rng(rng);
        frame.propto = true;
        set_parameters(&machine, model, frame, position)?;
        if include == Include::GeneratedQuantities {
            frame.reserve(program.generated_quantities.n_locals);
            machine.run(frame, &program.generated_quantities.statements)?;
            check_block(&machine, model, frame, Block::GeneratedQuantities)?;
        }
        Ok(())
    }
}

/// Constrains the parameters, adding log Jacobian determinants where they count, and runs the transformed parameters
/// block.
fn set_parameters<A: Real>(
    machine: &Machine<'_, A>,
    model: &BoundModel,
    frame: &mut Frame<'_, A>,
    position: &[A],
) -> Eval<()> {
    if position.len() != model.dimension() {
        let message = format!("the point has {} coordinates, but the model {}", position.len(), model.dimension());
        return Err(Failure::fatal(message, crate::evaluate::NOWHERE));
    }
    let mut coordinates = Coordinates::new(position);
    for (variable, shape) in model.parameters() {
        let log_jacobian = parameters::constrain(machine, frame, variable, shape, &mut coordinates)?;
        if machine.jacobian {
            machine.add_to_target(log_jacobian);
        }
    }
    let block = &model.program().transformed_parameters;
    frame.reserve(block.n_locals);
    machine.run(frame, &block.statements)?;
    check_block(machine, model, frame, Block::TransformedParameters)
}

fn check_block<A: Real>(machine: &Machine<'_, A>, model: &BoundModel, frame: &Frame<'_, A>, block: Block) -> Eval<()> {
    let of_block = model.variables().filter(|(variable, _)| variable.block == block);
    of_block.map(|(variable, _)| variable).try_for_each(|variable| constraint::require(machine, frame, variable))
}

/// Data at any number type: at plain numbers they are the model's own.
fn shared_at_number<A: Real>(value: &Arc<Value<f64>>) -> Arc<Value<A>> {
    match (value as &dyn Any).downcast_ref::<Arc<Value<A>>>() {
        Some(same) => Arc::clone(same),
        None => Arc::new(at_number(value)),
    }
}

/// Data at another number type.
fn at_number<A: Real>(value: &Value<f64>) -> Value<A> {
    match value {
        Value::Int(i) => Value::Int(*i),
        Value::Real(x) => Value::Real(A::constant(*x)),
        Value::Complex(z) => Value::Complex(complex_at_number(z)),
        Value::Ints(t) => Value::Ints(t.clone()),
        Value::Reals(t) => {
            let entries = Entries::Data(t.entries.values().into_owned());
            Value::Reals(Tensor { kind: t.kind, dims: t.dims.clone(), entries })
        }
        Value::Complexes(t) => {
            let entries = t.entries.iter().map(complex_at_number).collect();
            Value::Complexes(Tensor { kind: t.kind, dims: t.dims.clone(), entries })
        }
        Value::Tuple(slots) => Value::Tuple(slots.iter().map(at_number).collect()),
        Value::Array(elements) => Value::Array(elements.iter().map(at_number).collect()),
    }
}

fn complex_at_number<A: Real>(z: &Complex<f64>) -> Complex<A> {
    Complex::new(A::constant(z.re), A::constant(z.im))
}
