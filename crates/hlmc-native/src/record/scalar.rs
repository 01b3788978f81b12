//! Scalars: operators, and functions of the table applied to nodes.

use std::rc::Rc;

use hlmc_builtins::table::{Implementation, Row};
use hlmc_builtins::{FunctionId, Part, Terms, Type};
use hlmc_check::ir::Operator;

use super::stop::{Recorded, unsupported};
use super::symbol::Symbol;
use super::{Recorder, density, function};
use crate::apply::Elementwise;
use crate::graph::{Binary, NodeId, Unary};

impl Recorder<'_> {
    /// A scalar as a node.
    pub(super) fn node(&mut self, scalar: &Symbol) -> Recorded<NodeId> {
        Ok(match scalar {
            Symbol::Node(id) => *id,
            Symbol::Real(x) => self.graph.constant(*x),
            Symbol::Int(i) => self.graph.constant(*i as f64),
            Symbol::LaneInt(lanes) => {
                let numbers: Vec<f64> = lanes.iter().map(|i| *i as f64).collect();
                self.graph.known(&numbers)
            }
            _ => return unsupported("a container where a number is expected"),
        })
    }

    /// A node as a scalar.
    pub(super) fn scalar(&self, node: NodeId) -> Symbol {
        self.graph.constant_value(node).map_or(Symbol::Node(node), Symbol::Real)
    }

    /// An integer that is the same in all lanes.
    pub(super) fn uniform_int(&mut self, symbol: &Symbol) -> Recorded<i64> {
        match &self.settled(symbol)? {
            Symbol::Int(i) => Ok(*i),
            Symbol::LaneInt(lanes) if lanes.windows(2).all(|pair| pair[0] == pair[1]) && !lanes.is_empty() => {
                Ok(lanes[0])
            }
            Symbol::LaneInt(lanes) => self.sizes_differ(lanes),
            _ => unsupported("an integer that is none"),
        }
    }

    /// An operator between two scalars.
    pub(super) fn operator(&mut self, operator: Operator, x: &Symbol, y: &Symbol, ty: &Type) -> Recorded<Symbol> {
        if let (Symbol::Int(a), Symbol::Int(b)) = (x, y) {
            return self.int_operator(operator, *a, *b);
        }
        if let (Some(a), Some(b)) = (ints(x), ints(y)) {
            return self.lane_int_operator(operator, &a, &b);
        }
        if *ty == Type::Int {
            return self.masked_int_operator(operator, x, y);
        }
        let (x, y) = (self.node(x)?, self.node(y)?);
        let result = self.shielded(false, |recorder| match operator {
            Operator::Add => Ok(recorder.graph.binary(Binary::Add, x, y)),
            Operator::Subtract => Ok(recorder.graph.binary(Binary::Subtract, x, y)),
            Operator::Multiply => Ok(recorder.graph.binary(Binary::Multiply, x, y)),
            Operator::Divide => Ok(recorder.graph.binary(Binary::Divide, x, y)),
            Operator::Power => match function::expand(recorder, "pow", &[x, y])? {
                Some(power) => Ok(power),
                None => unsupported("pow"),
            },
            _ => unsupported("an integer operator between reals"),
        })?;
        Ok(self.scalar(result))
    }

    fn int_operator(&mut self, operator: Operator, a: i64, b: i64) -> Recorded<Symbol> {
        if operator == Operator::Power {
            return Ok(Symbol::Real((a as f64).powf(b as f64)));
        }
        match int_operation(operator, a, b) {
            Some(result) => Ok(Symbol::Int(result)),
            None => unsupported("an integer operation without a result"),
        }
    }

    fn lane_int_operator(&mut self, operator: Operator, a: &[i64], b: &[i64]) -> Recorded<Symbol> {
        let lanes = self.lanes();
        let at = |column: &[i64], i: usize| column[if column.len() == 1 { 0 } else { i }];
        let results: Option<Vec<i64>> = (0..lanes).map(|i| int_operation(operator, at(a, i), at(b, i))).collect();
        match results {
            Some(results) => Ok(Symbol::LaneInt(results.into())),
            None => unsupported("an integer operation without a result"),
        }
    }

    /// A comparison: integers where the numbers are known, else a mask.
    fn comparison(&mut self, operator: Operator, x: NodeId, y: NodeId) -> Recorded<Symbol> {
        let mask = match operator {
            Operator::Equal => self.graph.binary(Binary::Equal, x, y),
            Operator::NotEqual => {
                let is_equal = self.graph.binary(Binary::Equal, x, y);
                self.complement(is_equal)
            }
            Operator::Less => self.graph.binary(Binary::Less, x, y),
            Operator::LessEqual => self.graph.binary(Binary::LessEqual, x, y),
            Operator::Greater => self.graph.binary(Binary::Less, y, x),
            Operator::GreaterEqual => self.graph.binary(Binary::LessEqual, y, x),
            _ => return unsupported("an operator that does not compare"),
        };
        Ok(match self.graph.known_column(mask) {
            Some(column) => super::expression::ints(column.iter().map(|x| *x as i64).collect()),
            None => Symbol::Node(mask),
        })
    }

    /// An operator between integers of which one depends on parameters.
    fn masked_int_operator(&mut self, operator: Operator, x: &Symbol, y: &Symbol) -> Recorded<Symbol> {
        let (a, b) = (self.node(x)?, self.node(y)?);
        let binary = match operator {
            Operator::Add => Binary::Add,
            Operator::Subtract => Binary::Subtract,
            Operator::Multiply => Binary::Multiply,
            Operator::Divide | Operator::IntDivide | Operator::Modulo | Operator::Power => {
                let (x, y) = (self.settled(x)?, self.settled(y)?);
                return self.operator(operator, &x, &y, &Type::Int);
            }
            comparison => return self.comparison(comparison, a, b),
        };
        let result = self.graph.binary(binary, a, b);
        Ok(self.scalar(result))
    }

    /// The negative of a scalar.
    pub(super) fn negate(&mut self, x: &Symbol) -> Recorded<Symbol> {
        Ok(match x {
            Symbol::Int(i) => Symbol::Int(i.wrapping_neg()),
            Symbol::LaneInt(lanes) => Symbol::LaneInt(lanes.iter().map(|i| i.wrapping_neg()).collect()),
            _ => {
                let x = self.node(x)?;
                let result = self.graph.unary(Unary::Negate, x);
                self.scalar(result)
            }
        })
    }

    /// A scalar function or density of the table at nodes, lane by lane.
    pub(super) fn apply(&mut self, function: FunctionId, terms: Terms, x: &[NodeId]) -> Recorded<NodeId> {
        let tables = std::sync::Arc::clone(&self.tables);
        let Some(row) = tables.plain.row(function) else { return unsupported("an unknown function") };
        let by_formula = match row {
            Row::Function(row) => function::expand(self, row.name, x)?,
            Row::Distribution(row) if function.part == Part::Density => density::expand(self, row, terms, x)?,
            Row::Distribution(row) => density::expand_cumulative(self, row, function.part, x)?,
        };
        if let Some(node) = by_formula {
            return Ok(node);
        }
        let is_scalar = match row {
            Row::Function(row) => !matches!(row.implementation, Implementation::Whole(_) | Implementation::Int(_)),
            Row::Distribution(_) => true,
        };
        if !is_scalar || x.len() > crate::apply::DIRECTIONS {
            return unsupported(row.name());
        }
        let function = Elementwise { function, terms };
        match self.graph.elementwise(function, x) {
            Some(node) => Ok(node),
            None => unsupported(format!("{} of known numbers outside its domain", row.name())),
        }
    }
}

/// The integers of a scalar: one, or one a lane.
fn ints(symbol: &Symbol) -> Option<Rc<[i64]>> {
    match symbol {
        Symbol::Int(i) => Some(Rc::from([*i])),
        Symbol::LaneInt(lanes) => Some(Rc::clone(lanes)),
        _ => None,
    }
}

fn int_operation(operator: Operator, a: i64, b: i64) -> Option<i64> {
    Some(match operator {
        Operator::Add => a.checked_add(b)?,
        Operator::Subtract => a.checked_sub(b)?,
        Operator::Multiply => a.checked_mul(b)?,
        Operator::Divide | Operator::IntDivide => a.checked_div(b)?,
        Operator::Modulo => a.checked_rem(b)?,
        Operator::Power => return None,
        _ => i64::from(compare(operator, a as f64, b as f64)?),
    })
}

fn compare(operator: Operator, a: f64, b: f64) -> Option<bool> {
    Some(match operator {
        Operator::Equal => a == b,
        Operator::NotEqual => a != b,
        Operator::Less => a < b,
        Operator::LessEqual => a <= b,
        Operator::Greater => a > b,
        Operator::GreaterEqual => a >= b,
        _ => return None,
    })
}
