//! Calls: of user functions, which are followed, and of functions of the table.

use std::sync::Arc;

use hlmc_builtins::table::{Density, Implementation, Row};
use hlmc_builtins::{Call as TableCall, Fault, FunctionId, Part, Terms, Type, Value};
use hlmc_check::ir::{Call, Callee, FunctionIndex};

use super::flow::Flow;
use super::stop::{Recorded, unsupported};
use super::symbol::{Cells, Entries, Symbol};
use super::{Frame, MAX_CALL_DEPTH, Recorder, known};
use crate::graph::{Binary, Unary};

impl Recorder<'_> {
    /// A call; a function that returns nothing gives a number that nobody looks at.
    pub(super) fn call(&mut self, call: &Call, ty: &Type) -> Recorded<Symbol> {
        if let Some(part) = self.part(call)? {
            return Ok(part);
        }
        let arguments = call.arguments.iter().map(|e| self.expression(e)).collect::<Recorded<Vec<_>>>()?;
        if let Some(function) = &call.function {
            return self.higher_order(call, function, &arguments);
        }
        match call.callee {
            Callee::User(index) => self.user(index, arguments, self.frame.propto && call.hands_on_propto()),
            Callee::Builtin(function) => {
                let propto = self.frame.propto && call.propto;
                let auto = (0..).zip(&call.arguments).filter(|(_, e)| !e.level.is_data());
                let auto_arguments = auto.fold(0u32, |bits, (i, _): (u32, _)| bits | 1u32.checked_shl(i).unwrap_or(0));
                self.builtin(function, &arguments, Terms { propto, auto_arguments }, ty)
            }
        }
    }

    pub(super) fn user(&mut self, index: FunctionIndex, arguments: Vec<Symbol>, propto: bool) -> Recorded<Symbol> {
        let program = self.program;
        let Some(function) = program.functions.get(index.0 as usize) else {
            return unsupported("a function without a body");
        };
        if self.call_depth >= MAX_CALL_DEPTH {
            return unsupported("a deep recursion");
        }
        let n = (function.body.n_locals as usize).max(arguments.len());
        let mut slots = arguments;
        slots.resize(n, Symbol::Real(f64::NAN));
        let (depths, masks) = (vec![self.contexts.len(); n], vec![self.masks.len(); n]);
        let frame = Frame { depths, masks, slots, propto, ..Frame::default() };
        let caller = std::mem::replace(&mut self.frame, frame);
        self.call_depth += 1;
        let flow = self.function_body(function)?;
        self.call_depth -= 1;
        self.frame = caller;
        match flow {
            Flow::Return(Some(value)) => Ok(value),
            Flow::Split(ways) => self.returned_by_lanes(ways),
            _ => Ok(Symbol::Real(f64::NAN)),
        }
    }

    /// A function of the table.
    pub(super) fn builtin(
        &mut self,
        function: FunctionId,
        arguments: &[Symbol],
        terms: Terms,
        ty: &Type,
    ) -> Recorded<Symbol> {
        let tables = Arc::clone(&self.tables);
        let Some(row) = tables.plain.row(function) else { return unsupported("an unknown function") };
        if row.name().ends_with("_jacobian") {
            return unsupported(row.name());
        }
        if let Some(values) = self.known_values(arguments) {
            return self.call_known(row, function.part, &values, terms);
        }
        if let ([x], Row::Function(row)) = (arguments, row)
            && x.is_scalar()
            && let Some(mask) = self.real_test(row.name, x)?
        {
            return Ok(mask);
        }
        match row {
            Row::Function(row) => match row.implementation {
                Implementation::Unary(_) | Implementation::Binary(_) | Implementation::Scalar(_) => {
                    self.map(arguments, |recorder, x| recorder.apply(function, terms, x))
                }
                Implementation::Int(f) => self.int_function(f, arguments),
                Implementation::Whole(_) => self.whole_function(row.name, function, arguments, ty),
            },
            Row::Distribution(distribution) => match (function.part, distribution.density) {
                (Part::Rng, _) => unsupported("random numbers"),
                (Part::Density, Density::Whole(_)) => self.whole_density(distribution.name, function, arguments, terms),
                (Part::Cdf, _) => {
                    let entries = self.applied(function, arguments, terms)?;
                    let product = self.fold(&entries, Binary::Multiply)?;
                    Ok(product.unwrap_or(Symbol::Real(1.0)))
                }
                _ => {
                    let entries = self.applied(function, arguments, terms)?;
                    self.total(&entries)
                }
            },
        }
    }

    /// Functions of a real number that are 0 or 1.
    fn real_test(&mut self, name: &str, x: &Symbol) -> Recorded<Option<Symbol>> {
        let x = self.node(x)?;
        let mask = match name {
            "int_step" => {
                let zero = self.graph.constant(0.0);
                self.graph.binary(Binary::Less, zero, x)
            }
            "is_inf" => {
                let (infinity, size) = (self.graph.constant(f64::INFINITY), self.graph.unary(Unary::Abs, x));
                self.graph.binary(Binary::Equal, size, infinity)
            }
            "is_nan" => {
                let is_number = self.graph.binary(Binary::Equal, x, x);
                self.complement(is_number)
            }
            _ => return Ok(None),
        };
        Ok(Some(Symbol::Node(mask)))
    }

    /// A density or cumulative function of scalars at every entry of the broadcast arguments.
    fn applied(&mut self, function: FunctionId, arguments: &[Symbol], terms: Terms) -> Recorded<Symbol> {
        // Entries are paired whatever the containers are called: a density takes arrays against vectors.
        let flat: Vec<Symbol> = arguments.iter().map(|x| self.flattened(x)).collect::<Recorded<_>>()?;
        let is_empty = |x: &Symbol| !x.is_scalar() && x.shape().1[0] == 0;
        if let Some(empty) = flat.iter().find(|x| is_empty(x)) {
            return Ok(empty.clone());
        }
        self.map(&flat, |recorder, x| recorder.apply(function, terms, x))
    }

    /// A container as one dimension. What has one is left alone: nobody asks what kind of container it is.
    fn flattened(&mut self, symbol: &Symbol) -> Recorded<Symbol> {
        use hlmc_builtins::value::{Dims, Kind};
        let dims = symbol.shape().1;
        let n: usize = dims.iter().product();
        Ok(match symbol {
            one_dimensional if dims.len() == 1 => one_dimensional.clone(),
            Symbol::Known(_) => {
                let column = self.pack(symbol)?;
                self.packed(Kind::Scalar, Dims::from_elem(n, 1), column)
            }
            Symbol::Cells(cells) => {
                Symbol::Cells(Cells { kind: Kind::Scalar, dims: Dims::from_elem(n, 1), entries: cells.entries.clone() })
            }
            scalar => scalar.clone(),
        })
    }

    /// The arguments as plain values, if all of them are known and the same in all lanes.
    pub(super) fn known_values(&self, arguments: &[Symbol]) -> Option<Vec<Arc<Value<f64>>>> {
        arguments.iter().map(|argument| self.known_value(argument)).collect()
    }

    pub(super) fn known_value(&self, symbol: &Symbol) -> Option<Arc<Value<f64>>> {
        match symbol {
            Symbol::Int(i) => Some(Arc::new(Value::Int(*i))),
            Symbol::Real(x) => Some(Arc::new(Value::Real(*x))),
            Symbol::Known(value) => Some(Arc::clone(value)),
            Symbol::Tuple(slots) => {
                let slots = slots.iter().map(|slot| Some((*self.known_value(slot)?).clone()));
                Some(Arc::new(Value::Tuple(slots.collect::<Option<_>>()?)))
            }
            Symbol::Cells(Cells { kind, dims, entries: Entries::Each(each) }) => {
                let real = |entry: &Symbol| match entry {
                    Symbol::Real(x) => Some(*x),
                    Symbol::Int(i) => Some(*i as f64),
                    _ => None,
                };
                if !each.is_empty() && each.iter().all(|entry| matches!(entry, Symbol::Int(_))) {
                    let entries = each.iter().filter_map(|e| if let Symbol::Int(i) = e { Some(*i) } else { None });
                    let ints =
                        hlmc_builtins::value::Ints { kind: *kind, dims: dims.clone(), entries: entries.collect() };
                    return Some(Arc::new(Value::Ints(ints)));
                }
                let entries = each.iter().map(real).collect::<Option<Vec<f64>>>()?;
                Some(Arc::new(Value::tensor(*kind, dims.clone(), entries)))
            }
            _ => None,
        }
    }

    fn call_known(&mut self, row: &Row<f64>, part: Part, values: &[Arc<Value<f64>>], terms: Terms) -> Recorded<Symbol> {
        match call_row(row, part, values, terms) {
            Ok(value) => Ok(known(Arc::new(value))),
            Err(fault) => unsupported(format!("{}: {}", row.name(), fault.message)),
        }
    }

    /// A function of integers, entry by entry and lane by lane.
    fn int_function(&mut self, f: fn(&[i64]) -> Result<i64, Fault>, arguments: &[Symbol]) -> Recorded<Symbol> {
        if arguments.iter().any(|argument| !argument.is_scalar()) {
            return unsupported("a function of arrays of integers that differ between iterations");
        }
        let at = |symbol: &Symbol, lane: usize| match symbol {
            Symbol::Int(i) => Some(*i),
            Symbol::LaneInt(column) => column.get(lane).copied(),
            _ => None,
        };
        let mut results = Vec::with_capacity(self.lanes());
        for lane in 0..self.lanes() {
            let x: Option<Vec<i64>> = arguments.iter().map(|argument| at(argument, lane)).collect();
            match x.map(|x| f(&x)) {
                Some(Ok(result)) => results.push(result),
                _ => return unsupported("an integer function without a result"),
            }
        }
        Ok(super::expression::ints(results))
    }
}

/// What a function of the table gives for known values.
pub(super) fn call_row(
    row: &Row<f64>,
    part: Part,
    values: &[Arc<Value<f64>>],
    terms: Terms,
) -> Result<Value<f64>, Fault> {
    let arguments: Vec<&Value<f64>> = values.iter().map(|value| &**value).collect();
    let mut call = TableCall { arguments: &arguments, terms, rng: None, callback: None, log_jacobian: None };
    row.call(part, &mut call)
}
