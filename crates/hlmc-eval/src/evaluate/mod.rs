//! The evaluator of typed programs, generic over the number.
//!
//! | module | what is there |
//! | --- | --- |
//! | [`scalar`] | expressions that are one number: no value is built, nothing is allocated |
//! | [`expression`] | expressions of any type; variables are borrowed |
//! | [`select`], [`index`] | which entries indices mean, and reading them |
//! | [`assign`] | writing them |
//! | [`call`] | functions of the table, user functions, functions handed on to functions |
//! | [`statement`], [`truncation`], [`print`] | statements |
//!
//! The tree that the type checker made is walked as it is: names are slots already, functions are numbers of rows.

mod assign;
mod call;
mod expression;
mod index;
mod print;
mod promote;
mod scalar;
mod select;
mod statement;
mod truncation;

use std::borrow::Cow;
use std::cell::RefCell;

use hlmc_builtins::{Library, Value};
use hlmc_check::ir::{Expression, Place, Program, SizedBase, SizedType};
use hlmc_math::Real;
use hlmc_syntax::Span;
use rand::Rng;

use crate::failure::{Eval, Failure};
use crate::frame::Frame;
use crate::layout::Shape;

pub(crate) use print::{format_real, places_read};

/// A value that is borrowed where it stands in a variable.
pub(crate) type Operand<'v, A> = Cow<'v, Value<A>>;

/// Bytes of stack that user functions may take by calling each other; threads have 2 MiB by default.
const STACK_BUDGET: usize = 1 << 20;

/// Entries that one declared variable may have: what is larger than this is a mistake in a size.
const MAX_ENTRIES: usize = 1 << 31;

/// What one run of a program shares between its blocks and functions.
pub(crate) struct Machine<'r, A: Real> {
    pub(crate) program: &'r Program,
    pub(crate) library: &'r Library<A>,
    /// The log density so far.
    pub(crate) target: RefCell<A>,
    /// Whether `jacobian +=` counts.
    pub(crate) jacobian: bool,
    /// How many partial derivatives of the log density have to be finite, with the density itself, after every
    /// statement; `None` if nothing is checked.
    pub(crate) finite_directions: Option<usize>,
    rng: RefCell<Option<&'r mut dyn Rng>>,
    printed: &'r RefCell<Vec<String>>,
    stack_top: usize,
}

impl<'r, A: Real> Machine<'r, A> {
    pub(crate) fn new(program: &'r Program, library: &'r Library<A>, printed: &'r RefCell<Vec<String>>) -> Self {
        Machine {
            program,
            library,
            target: RefCell::new(A::zero()),
            jacobian: false,
            finite_directions: None,
            rng: RefCell::new(None),
            printed,
            stack_top: stack_address(),
        }
    }

    /// With a source of randomness, for transformed data and generated quantities.
    pub(crate) fn with_rng(mut self, rng: &'r mut dyn Rng) -> Self {
        self.rng = RefCell::new(Some(rng));
        self
    }

    #[inline]
    pub(crate) fn add_to_target(&self, term: A) {
        *self.target.borrow_mut() += term;
    }

    /// Refuses to go on where the log density stops being finite.
    #[cold]
    fn check_finite(&self, n_directions: usize, span: Span) -> Eval<()> {
        let target = *self.target.borrow();
        if !target.value().is_finite() {
            return Err(Failure::rejection(format!("the log density becomes {} here", target.value()), span));
        }
        match (0..n_directions).map(|i| target.partial(i)).find(|partial| !partial.is_finite()) {
            Some(partial) => {
                let message = format!("a partial derivative of the log density becomes {partial} here");
                Err(Failure::rejection(message, span))
            }
            None => Ok(()),
        }
    }

    /// Refuses to go on when user functions have called each other too deeply.
    fn check_stack(&self, span: Span) -> Eval<()> {
        if self.stack_top.abs_diff(stack_address()) > STACK_BUDGET {
            return Err(Failure::fatal("functions call each other too deeply: recursion without an end?", span));
        }
        Ok(())
    }

    /// The sizes of a declaration.
    pub(crate) fn shape(&self, frame: &Frame<'_, A>, ty: &SizedType, name: &str) -> Eval<Shape> {
        let mut dims = ty
            .array_sizes
            .iter()
            .map(|size| self.size(frame, size, name))
            .collect::<Eval<hlmc_builtins::value::Dims>>()?;
        if let SizedBase::Tuple(slots) = &ty.base {
            let slots = slots.iter().map(|slot| self.shape(frame, slot, name)).collect::<Eval<_>>()?;
            return Ok(Shape::Tuples { array: dims, slots });
        }
        let inner: &[&Expression] = match &ty.base {
            SizedBase::Vector(n)
            | SizedBase::RowVector(n)
            | SizedBase::ComplexVector(n)
            | SizedBase::ComplexRowVector(n) => &[n],
            SizedBase::Matrix(rows, cols) | SizedBase::ComplexMatrix(rows, cols) => &[rows, cols],
            _ => &[],
        };
        for size in inner {
            dims.push(self.size(frame, size, name)?);
        }
        let n_entries = dims.iter().try_fold(1usize, |product, n| product.checked_mul(*n));
        if n_entries.is_none_or(|n| n > MAX_ENTRIES) {
            let span = ty.array_sizes.first().or(inner.first().copied()).map_or(NOWHERE, |size| size.span);
            return Err(Failure::fatal(format!("`{name}` is too large: {}", crate::layout::sizes(&dims)), span));
        }
        let (scalar, kind) = crate::layout::entry(&ty.base);
        Ok(Shape::Numbers { scalar, kind, dims })
    }

    fn size(&self, frame: &Frame<'_, A>, size: &Expression, name: &str) -> Eval<usize> {
        let n = self.int(frame, size)?;
        usize::try_from(n)
            .map_err(|_| Failure::fatal(format!("a size of `{name}` is {n}, but must not be negative"), size.span))
    }

    /// The name of a variable of a block; locals are named by their text alone.
    pub(crate) fn variable_name(&self, place: Place) -> Option<&'r str> {
        let variable = match place {
            Place::Data(i) => self.program.data.get(i as usize),
            Place::Model(i) => self.program.model_variables.get(i as usize),
            Place::Local(_) => None,
        };
        variable.map(|variable| variable.name.as_str())
    }
}

/// The span of what stands nowhere in the text.
pub(crate) const NOWHERE: Span = Span { file: hlmc_syntax::FileId::MAIN, start: 0, end: 0 };

/// Where the stack is now.
#[inline(never)]
fn stack_address() -> usize {
    let marker = 0u8;
    std::ptr::from_ref(std::hint::black_box(&marker)) as usize
}
