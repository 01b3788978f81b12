//! Functions of whole values: products and sums as operations of the graph, all others by forward mode.

use std::sync::Arc;

use hlmc_builtins::value::{Dims, Entries as ValueEntries, Kind, Tensor};
use hlmc_builtins::{Call, Fault, FunctionId, Terms, Type, Value};
use hlmc_math::Real;

use super::stop::{Recorded, unsupported};
use super::symbol::Symbol;
use super::{Recorder, covariance, linear, matrix, multivariate, structure};
use crate::apply::{ByForwardMode, Dual, Generic, Tables};

impl Recorder<'_> {
    /// A function of the table that sees its arguments whole.
    pub(super) fn whole_function(
        &mut self,
        name: &str,
        function: FunctionId,
        arguments: &[Symbol],
        ty: &Type,
    ) -> Recorded<Symbol> {
        if structure::is_mover(name) {
            return self.move_entries(function, arguments);
        }
        let mask = self.mask_of_any();
        if let Some(result) = self.with_mask(mask, |recorder| recorder.by_formula(name, function, arguments, ty))? {
            return Ok(result);
        }
        if !arguments.iter().all(|argument| self.is_uniform(argument)) {
            let for_one = |recorder: &mut Self, x: &[Symbol]| recorder.whole_function(name, function, x, ty);
            return self.function_of_lanes(name, (function, Terms::ALL), arguments, for_one);
        }
        let trial: Vec<Value<f64>> = arguments.iter().map(|x| self.trial(x)).collect::<Recorded<_>>()?;
        let (kind, dims) = self.shape_of_result(name, function, &trial)?;
        self.by_forward_mode(function, arguments, Terms::ALL, kind, dims)
    }

    /// The value by formulas and functions of whole columns, for functions that have one there.
    fn by_formula(
        &mut self,
        name: &str,
        function: FunctionId,
        arguments: &[Symbol],
        ty: &Type,
    ) -> Recorded<Option<Symbol>> {
        if let Some(result) = covariance::by_distances(self, name, arguments)? {
            return Ok(Some(result));
        }
        if let Some(result) = linear::by_linear_algebra(self, name, arguments, ty)? {
            return Ok(Some(result));
        }
        matrix::by_formula(self, name, function, arguments, ty)
    }

    /// The shape of what a function gives for arguments like these.
    pub(super) fn shape_of_result(
        &self,
        name: &str,
        function: FunctionId,
        trial: &[Value<f64>],
    ) -> Recorded<(Kind, Dims)> {
        let references: Vec<&Value<f64>> = trial.iter().collect();
        let Some(row) = self.tables.plain.row(function) else { return unsupported("an unknown function") };
        let mut call =
            Call { arguments: &references, terms: Terms::ALL, rng: None, callback: None, log_jacobian: None };
        match row.call(function.part, &mut call) {
            Ok(Value::Real(_)) => Ok((Kind::Scalar, Dims::new())),
            Ok(Value::Reals(tensor)) => Ok((tensor.kind, tensor.dims)),
            _ => unsupported(name),
        }
    }

    /// A density of the table that sees its arguments whole.
    pub(super) fn whole_density(
        &mut self,
        name: &str,
        function: FunctionId,
        arguments: &[Symbol],
        terms: Terms,
    ) -> Recorded<Symbol> {
        let mask = self.mask_of_any();
        if let Some(result) = self.with_mask(mask, |recorder| recorder.density_by_formula(name, arguments, terms))? {
            return Ok(result);
        }
        if !arguments.iter().all(|argument| self.is_uniform(argument)) {
            let for_one = |recorder: &mut Self, x: &[Symbol]| recorder.whole_density(name, function, x, terms);
            return self.function_of_lanes(name, (function, terms), arguments, for_one);
        }
        self.by_forward_mode(function, arguments, terms, Kind::Scalar, Dims::new())
    }

    fn density_by_formula(&mut self, name: &str, arguments: &[Symbol], terms: Terms) -> Recorded<Option<Symbol>> {
        match super::density::expand_whole(self, name, arguments, terms)? {
            None => multivariate::expand(self, name, arguments, terms),
            found => Ok(found),
        }
    }

    /// A value of the same shape at which most functions have a value.
    pub(super) fn trial(&self, symbol: &Symbol) -> Recorded<Value<f64>> {
        if let Some(value) = self.known_value(symbol) {
            return Ok((*value).clone());
        }
        let (kind, dims) = symbol.shape();
        match symbol {
            Symbol::Node(_) => Ok(Value::Real(0.5)),
            Symbol::Cells(_) => {
                let n: usize = dims.iter().product();
                let mut entries = vec![0.5; n];
                if kind == Kind::Matrix {
                    let (rows, cols) = (dims[dims.len() - 2], dims[dims.len() - 1]);
                    entries.iter_mut().enumerate().for_each(|(i, entry)| {
                        let within = i % (rows * cols).max(1);
                        *entry = if within % rows.max(1) == within / rows.max(1) { 1.0 } else { 0.0 };
                    });
                }
                Ok(Value::tensor(kind, dims, entries))
            }
            _ => unsupported("a tuple of parameters"),
        }
    }

    /// An argument of a function, as its call sees it.
    pub(super) fn argument(&self, argument: &Symbol) -> Part {
        match self.known_value(argument) {
            Some(value) => Part::Known(value),
            None => {
                let (kind, dims) = argument.shape();
                Part::Input { kind, dims, is_scalar: argument.is_scalar() }
            }
        }
    }

    fn by_forward_mode(
        &mut self,
        function: FunctionId,
        arguments: &[Symbol],
        terms: Terms,
        kind: Kind,
        dims: Dims,
    ) -> Recorded<Symbol> {
        let mut inputs = Vec::new();
        let mut parts = Vec::new();
        for argument in arguments {
            let part = self.argument(argument);
            if matches!(part, Part::Input { .. }) {
                inputs.push(self.pack(argument)?);
            }
            parts.push(part);
        }
        let input = self.graph.concatenate(&inputs);
        let call = TableFunction { function, terms, parts, tables: Arc::clone(&self.tables) };
        let (call, lanes) = (Arc::new(ByForwardMode(call)), dims.iter().product());
        let output = match self.mask_of_any() {
            Some(mask) => self.whole_under(mask, call, input, lanes),
            None => self.graph.whole(call, input, lanes),
        };
        if dims.is_empty() {
            return Ok(self.scalar(output));
        }
        Ok(self.packed(kind, dims, output))
    }
}

/// A function of the table with some of its arguments known.
pub(super) struct TableFunction {
    pub(super) function: FunctionId,
    pub(super) terms: Terms,
    pub(super) parts: Vec<Part>,
    pub(super) tables: Arc<Tables>,
}

/// An argument.
#[derive(Debug)]
pub(super) enum Part {
    Known(Arc<Value<f64>>),
    Input { kind: Kind, dims: Dims, is_scalar: bool },
}

impl std::fmt::Debug for TableFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableFunction").field("function", &self.function).field("parts", &self.parts).finish()
    }
}

impl TableFunction {
    fn call<A: Real>(
        &self,
        library: &hlmc_builtins::Library<A>,
        inputs: &[A],
        outputs: &mut Vec<A>,
    ) -> Result<(), Fault> {
        let mut rest = inputs;
        let mut values = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            values.push(match part {
                Part::Known(value) => lift(value),
                Part::Input { kind, dims, is_scalar } => {
                    let (mine, others) = rest.split_at(dims.iter().product());
                    rest = others;
                    if *is_scalar { Value::Real(mine[0]) } else { Value::tensor(*kind, dims.clone(), mine.to_vec()) }
                }
            });
        }
        let references: Vec<&Value<A>> = values.iter().collect();
        let mut call =
            Call { arguments: &references, terms: self.terms, rng: None, callback: None, log_jacobian: None };
        let row = library.row(self.function).ok_or_else(|| Fault::fatal("unknown function"))?;
        match row.call(self.function.part, &mut call)? {
            Value::Real(x) => outputs.push(x),
            Value::Reals(tensor) => outputs.extend(tensor.entries.iter()),
            _ => return Err(Fault::fatal("gave no real numbers")),
        }
        Ok(())
    }
}

impl Generic for TableFunction {
    fn plain(&self, inputs: &[f64], outputs: &mut Vec<f64>) -> Result<(), Fault> {
        self.call(&self.tables.plain, inputs, outputs)
    }

    fn dual(&self, inputs: &[Dual], outputs: &mut Vec<Dual>) -> Result<(), Fault> {
        self.call(&self.tables.dual, inputs, outputs)
    }
}

/// A known value at another number.
fn lift<A: Real>(value: &Value<f64>) -> Value<A> {
    match value {
        Value::Int(i) => Value::Int(*i),
        Value::Real(x) => Value::Real(A::constant(*x)),
        Value::Complex(z) => Value::Complex(num_complex::Complex::new(A::constant(z.re), A::constant(z.im))),
        Value::Ints(tensor) => Value::Ints(tensor.clone()),
        Value::Reals(Tensor { kind, dims, entries }) => Value::Reals(Tensor {
            kind: *kind,
            dims: dims.clone(),
            entries: ValueEntries::Data(entries.values().into_owned()),
        }),
        Value::Complexes(tensor) => Value::Complexes(Tensor {
            kind: tensor.kind,
            dims: tensor.dims.clone(),
            entries: tensor
                .entries
                .iter()
                .map(|z| num_complex::Complex::new(A::constant(z.re), A::constant(z.im)))
                .collect(),
        }),
        Value::Tuple(slots) => Value::Tuple(slots.iter().map(lift).collect()),
        Value::Array(elements) => Value::Array(elements.iter().map(lift).collect()),
    }
}

/// A real vector of known numbers, if the symbol is one.
pub(super) fn known_reals(symbol: &Symbol) -> Option<Arc<Value<f64>>> {
    match symbol {
        Symbol::Known(value) if matches!(**value, Value::Reals(_)) => Some(Arc::clone(value)),
        _ => None,
    }
}
