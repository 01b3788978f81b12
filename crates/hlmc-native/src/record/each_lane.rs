//! Functions of whole values whose arguments differ between lanes: known ones are computed now, integers choose a function of
//! their own, and all others are recorded for one lane and spread over all, see `record/spread`.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use hlmc_builtins::value::{Dims, Kind};
use hlmc_builtins::{FunctionId, Part, Terms, Value};

use super::Recorder;
use super::call::call_row;
use super::stop::{Recorded, Stop};
use super::symbol::{Cells, Entries, Symbol};
use super::whole::TableFunction;
use crate::apply::{ByForwardMode, Whole};
use crate::each_lane::EachLane;

/// What the function of a lane is, for each combination of integers that occurs.
struct Choices {
    /// Which combination each lane has.
    choice: Vec<u32>,
    /// A lane of each combination.
    examples: Vec<usize>,
}

impl Recorder<'_> {
    /// A function of the table of arguments of which some differ between lanes; `for_one` is the same for one lane.
    pub(super) fn function_of_lanes(
        &mut self,
        name: &str,
        (function, terms): (FunctionId, Terms),
        arguments: &[Symbol],
        for_one: impl FnOnce(&mut Self, &[Symbol]) -> Recorded<Symbol>,
    ) -> Recorded<Symbol> {
        let result = if self.known_in_lane(arguments, 0).is_some() {
            self.of_known_lanes(function, arguments, terms)
        } else if arguments.iter().any(has_lane_ints) {
            self.by_ints_of_lanes(name, function, arguments, terms)
        } else {
            self.in_each_lane(arguments, for_one)
        };
        // What is not supported for all lanes together may be known turn by turn.
        result.map_err(|stop| match stop {
            Stop::Unsupported(_) => Stop::Dependent("a function of whole values differs between iterations"),
            dependent => dependent,
        })
    }

    /// The arguments as one lane has them, if all are known.
    fn known_in_lane(&self, arguments: &[Symbol], lane: usize) -> Option<Vec<Arc<Value<f64>>>> {
        arguments.iter().map(|argument| self.known_value(&self.in_lane(argument, lane))).collect()
    }

    /// What one lane has of an argument, as far as it is known.
    fn in_lane(&self, argument: &Symbol, lane: usize) -> Symbol {
        match argument {
            Symbol::LaneInt(lanes) => lanes.get(lane).map_or_else(|| argument.clone(), |i| Symbol::Int(*i)),
            Symbol::Node(node) => {
                let column = self.graph.known_column(*node);
                column.and_then(|column| column.get(lane).copied()).map_or_else(|| argument.clone(), Symbol::Real)
            }
            Symbol::Cells(Cells { kind, dims, entries: Entries::Each(each) }) => {
                let entries = Entries::Each(Rc::new(each.iter().map(|entry| self.in_lane(entry, lane)).collect()));
                Symbol::Cells(Cells { kind: *kind, dims: dims.clone(), entries })
            }
            shared => shared.clone(),
        }
    }

    /// A function whose arguments are known in every lane.
    fn of_known_lanes(&mut self, function: FunctionId, arguments: &[Symbol], terms: Terms) -> Recorded<Symbol> {
        let tables = Arc::clone(&self.tables);
        let refused = || Stop::Dependent("a function of known values has no value in some iteration");
        let row = tables.plain.row(function).ok_or_else(refused)?;
        let mut results = Vec::with_capacity(self.lanes());
        for lane in 0..self.lanes() {
            let values = self.known_in_lane(arguments, lane).ok_or_else(refused)?;
            results.push(call_row(row, function.part, &values, terms).map_err(|_| refused())?);
        }
        let shape = results.first().map(shape);
        if results.iter().any(|value| Some(self::shape(value)) != shape) {
            return self.shapes_differ(arguments);
        }
        let each = (0..n_entries(&results)).map(|entry| self.known_entry(&results, entry));
        let each = each.collect::<Option<Vec<_>>>().ok_or_else(refused)?;
        Ok(match (&results[..], &each[..]) {
            ([Value::Int(_) | Value::Real(_), ..], [scalar]) => scalar.clone(),
            _ => {
                let (kind, dims) = shape.unwrap_or((Kind::Scalar, Dims::new()));
                self.container(kind, dims, each)
            }
        })
    }

    /// An entry of known values, one value a lane.
    fn known_entry(&mut self, values: &[Value<f64>], entry: usize) -> Option<Symbol> {
        let int = |value: &Value<f64>| match value {
            Value::Int(i) => Some(*i),
            Value::Ints(tensor) => tensor.entries.get(entry).copied(),
            _ => None,
        };
        let real = |value: &Value<f64>| match value {
            Value::Real(x) => Some(*x),
            Value::Reals(tensor) => tensor.entries.values().get(entry).copied(),
            _ => None,
        };
        if let Some(ints) = values.iter().map(int).collect::<Option<Vec<i64>>>() {
            return Some(super::expression::ints(ints));
        }
        let numbers = values.iter().map(real).collect::<Option<Vec<f64>>>()?;
        let node = self.graph.known(&numbers);
        Some(self.scalar(node))
    }

    /// A function of integers that differ between lanes, and of reals: by forward mode, with a function for each combination
    /// of the integers that occurs.
    fn by_ints_of_lanes(
        &mut self,
        name: &str,
        function: FunctionId,
        arguments: &[Symbol],
        terms: Terms,
    ) -> Recorded<Symbol> {
        let Choices { choice, examples } = choices(arguments, self.lanes());
        let mut shapes: Vec<(Kind, Dims)> = Vec::with_capacity(examples.len());
        let mut functions: Vec<Arc<dyn Whole>> = Vec::with_capacity(examples.len());
        for lane in examples {
            let of_lane = |x: &Symbol| if has_lane_ints(x) { self.in_lane(x, lane) } else { x.clone() };
            let seen: Vec<Symbol> = arguments.iter().map(of_lane).collect();
            shapes.push(self.shape_for(name, function, &seen)?);
            let parts = seen.iter().map(|argument| self.argument(argument)).collect();
            let tables = Arc::clone(&self.tables);
            functions.push(Arc::new(ByForwardMode(TableFunction { function, terms, parts, tables })));
        }
        let Some((kind, dims)) = shapes.first().cloned() else { return Err(Stop::Dependent("a loop without turns")) };
        if shapes.iter().any(|(_, other)| *other != dims) {
            return self.shapes_differ(arguments);
        }
        let inputs = arguments.iter().filter(|x| !has_lane_ints(x) && self.known_value(x).is_none());
        let inputs = inputs.collect::<Vec<_>>();
        let columns = inputs.into_iter().map(|x| self.column_of_lanes(x)).collect::<Recorded<Vec<_>>>()?;
        let (column, mask) = (self.graph.concatenate(&columns), self.mask_since(0));
        let n: usize = dims.iter().product();
        let output = self.whole_of_lanes(EachLane::of_choice(choice.into(), functions.into(), n), column, mask)?;
        if dims.is_empty() {
            return Ok(self.scalar(output));
        }
        let entries = self.entries_of_lanes(output, n as u32, self.lanes() as u32);
        Ok(self.container(kind, dims, entries))
    }

    /// The shape of the result of a function of arguments like these; a density is a number.
    fn shape_for(&self, name: &str, function: FunctionId, arguments: &[Symbol]) -> Recorded<(Kind, Dims)> {
        if function.part == Part::Density {
            return Ok((Kind::Scalar, Dims::new()));
        }
        let trial = arguments.iter().map(|argument| self.trial(argument)).collect::<Recorded<Vec<_>>>()?;
        self.shape_of_result(name, function, &trial)
    }

    /// Stops since an integer decides about the shape of a result.
    fn shapes_differ<T>(&mut self, arguments: &[Symbol]) -> Recorded<T> {
        for argument in arguments {
            if let Symbol::LaneInt(lanes) = argument
                && lanes.windows(2).any(|pair| pair[0] != pair[1])
            {
                return self.sizes_differ(lanes);
            }
        }
        Err(Stop::Dependent("a function of whole values differs in shape between iterations"))
    }
}

/// True for integers that differ between lanes, and containers of such.
fn has_lane_ints(argument: &Symbol) -> bool {
    match argument {
        Symbol::LaneInt(_) => true,
        Symbol::Cells(Cells { kind: Kind::Scalar, entries: Entries::Each(each), .. }) => {
            let is_int = |entry: &Symbol| matches!(entry, Symbol::Int(_) | Symbol::LaneInt(_));
            each.iter().all(is_int) && each.iter().any(has_lane_ints)
        }
        _ => false,
    }
}

/// The combinations of integers that occur in the lanes.
fn choices(arguments: &[Symbol], lanes: usize) -> Choices {
    let mut places: HashMap<Vec<i64>, u32> = HashMap::new();
    let mut examples: Vec<usize> = Vec::new();
    let place = |lane: usize| {
        let mut ints = Vec::new();
        arguments.iter().for_each(|argument| add_ints(argument, lane, &mut ints));
        *places.entry(ints).or_insert_with(|| {
            examples.push(lane);
            examples.len() as u32 - 1
        })
    };
    let choice = (0..lanes).map(place).collect();
    Choices { choice, examples }
}

/// The integers of a lane that differ between lanes.
fn add_ints(argument: &Symbol, lane: usize, ints: &mut Vec<i64>) {
    match argument {
        Symbol::LaneInt(lanes) => ints.extend(lanes.get(lane)),
        Symbol::Cells(Cells { entries: Entries::Each(each), .. }) if has_lane_ints(argument) => {
            each.iter().for_each(|entry| add_ints(entry, lane, ints));
        }
        _ => {}
    }
}

fn shape(value: &Value<f64>) -> (Kind, Dims) {
    (super::symbol::kind(value), value.dims())
}

/// The number of entries of the first of values that have one shape.
fn n_entries(values: &[Value<f64>]) -> usize {
    values.first().map_or(0, |value| value.dims().iter().product())
}
