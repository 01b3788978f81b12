//! Expressions.

use std::rc::Rc;
use std::sync::Arc;

use hlmc_builtins::value::{Dims, Entries as ValueEntries, Kind, Tensor};
use hlmc_builtins::{Type, Value};
use hlmc_check::ir::{Expression, ExpressionKind, LogicalOperator, Place};

use super::Recorder;
use super::branch::Truth;
use super::stop::{Recorded, unsupported};
use super::symbol::Symbol;
use crate::graph::NodeId;

impl Recorder<'_> {
    /// The value of an expression.
    pub(super) fn expression(&mut self, expression: &Expression) -> Recorded<Symbol> {
        match &expression.kind {
            ExpressionKind::Int(i) => Ok(Symbol::Int(*i)),
            ExpressionKind::Real(x) => Ok(Symbol::Real(*x)),
            ExpressionKind::Imaginary(_) => unsupported("complex numbers"),
            ExpressionKind::Variable(place) => self.read_whole(*place),
            ExpressionKind::Promote(inner) => {
                let value = self.expression(inner)?;
                promote(value, &expression.ty)
            }
            ExpressionKind::Scalar(operator, left, right) => {
                let (x, y) = (self.expression(left)?, self.expression(right)?);
                self.operator(*operator, &x, &y, &expression.ty)
            }
            ExpressionKind::Negate(inner) => {
                let x = self.expression(inner)?;
                self.negate(&x)
            }
            ExpressionKind::Not(inner) => {
                let x = self.expression(inner)?;
                Ok(match self.truth(&x)? {
                    Truth::Known(truth) => truth_value(Truth::Known(truth.into_iter().map(|x| !x).collect())),
                    Truth::Mask(mask) => Symbol::Node(self.complement(mask)),
                })
            }
            ExpressionKind::Logical(operator, left, right) => self.logical(*operator, left, right),
            ExpressionKind::Conditional(condition, then, otherwise) => self.conditional(condition, then, otherwise),
            ExpressionKind::Index(base, indices) => self.index(base, indices),
            ExpressionKind::Project(tuple, slot) => self.project(tuple, *slot),
            ExpressionKind::Call(call) => self.call(call, &expression.ty),
            ExpressionKind::Array(elements) => self.array(elements, &expression.ty),
            ExpressionKind::RowVector(elements) => {
                let each = elements.iter().map(|e| self.expression(e)).collect::<Recorded<Vec<_>>>()?;
                Ok(self.container(Kind::RowVector, Dims::from_elem(each.len(), 1), each))
            }
            ExpressionKind::Rows(rows) => self.rows(rows),
            ExpressionKind::Tuple(slots) => {
                let slots = slots.iter().map(|e| self.expression(e)).collect::<Recorded<Vec<_>>>()?;
                Ok(Symbol::Tuple(Rc::new(slots)))
            }
            ExpressionKind::Target => unsupported("target()"),
        }
    }

    /// A slot of a tuple.
    fn project(&mut self, tuple: &Expression, slot: usize) -> Recorded<Symbol> {
        if let ExpressionKind::Variable(place) = tuple.kind
            && let Some(slot) = self.slot_apart(place, slot)?
        {
            return self.read_whole(slot);
        }
        match self.expression(tuple)? {
            Symbol::Tuple(slots) if slot < slots.len() => Ok(slots[slot].clone()),
            _ => unsupported("a slot of what is no tuple"),
        }
    }

    /// A variable as a whole.
    pub(super) fn read_whole(&mut self, place: Place) -> Recorded<Symbol> {
        if let Some(slots) = self.frame.apart.get(&place).cloned() {
            let slots = slots.iter().map(|slot| self.read_whole(*slot)).collect::<Recorded<_>>()?;
            return Ok(Symbol::Tuple(Rc::new(slots)));
        }
        if let Some(carrying) = self.carrying(place) {
            let container = self.variable(place)?.clone();
            return self.read_carried(carrying, place, &container, &Self::all_of(&container));
        }
        let depth = self.depth(place);
        if let Some(touched) = self.touched(place, depth) {
            if !touched.is_unwritten() {
                return self.dependent(place, "a variable is written and read as a whole in one loop");
            }
            touched.is_read_whole = true;
        }
        Ok(self.variable(place)?.clone())
    }

    fn logical(&mut self, operator: LogicalOperator, left: &Expression, right: &Expression) -> Recorded<Symbol> {
        let x = self.expression(left)?;
        let truth = self.truth(&x)?;
        if let Truth::Mask(mask) = truth {
            return self.masked_logical(operator, mask, right);
        }
        let x = self.decided(truth)?;
        let decides = matches!(operator, LogicalOperator::Or);
        if x.iter().all(|x| *x == decides) {
            return Ok(truth_value(Truth::Known(x)));
        }
        if x.len() > 1 && x.contains(&decides) {
            // The right side may not even have a value where the left side decides.
            let open: Vec<u32> = (0..).zip(&x).filter(|(_, x)| **x != decides).map(|(i, _)| i).collect();
            let closed: Vec<u32> = (0..).zip(&x).filter(|(_, x)| **x == decides).map(|(i, _)| i).collect();
            let y = self.on_lanes(&open, |recorder| {
                let y = recorder.expression(right)?;
                Ok(truth_value(recorder.truth(&y)?))
            })?;
            return self.merge(&y, &open, &Symbol::Int(i64::from(decides)), &closed);
        }
        let y = self.expression(right)?;
        Ok(truth_value(self.truth(&y)?))
    }

    /// The right side counts where the left side, which depends on parameters, does not decide.
    fn masked_logical(&mut self, operator: LogicalOperator, left: NodeId, right: &Expression) -> Recorded<Symbol> {
        let is_or = matches!(operator, LogicalOperator::Or);
        let is_open = if is_or { self.complement(left) } else { left };
        let y = self.under(is_open, |recorder| recorder.expression(right))?;
        let y = truth_value(self.truth(&y)?);
        let y = self.node(&y)?;
        let decided = self.graph.constant(f64::from(u8::from(is_or)));
        Ok(Symbol::Node(self.graph.select(is_open, y, decided)))
    }

    fn array(&mut self, elements: &[Expression], ty: &Type) -> Recorded<Symbol> {
        let values = elements.iter().map(|e| self.expression(e)).collect::<Recorded<Vec<_>>>()?;
        let mut dims = Dims::from_elem(values.len(), 1);
        if matches!(ty.scalar(), Type::Tuple(_) | Type::Complex) {
            return unsupported("arrays of tuples and of complex numbers");
        }
        if let Some(first) = values.first() {
            dims.extend(first.shape().1);
        }
        if values.iter().any(|value| value.shape().1[..] != dims[1..]) {
            return unsupported("an array whose elements differ in size");
        }
        let mut each = Vec::new();
        for value in &values {
            each.extend(self.each(value)?.iter().cloned());
        }
        Ok(self.container(Kind::of(ty), dims, each))
    }

    /// A matrix from its rows.
    fn rows(&mut self, rows: &[Expression]) -> Recorded<Symbol> {
        let rows = rows.iter().map(|e| self.expression(e)).collect::<Recorded<Vec<_>>>()?;
        let rows = rows.iter().map(|row| self.each(row)).collect::<Recorded<Vec<_>>>()?;
        let n_cols = rows.first().map_or(0, |row| row.len());
        if rows.iter().any(|row| row.len() != n_cols) {
            return unsupported("a matrix whose rows differ in size");
        }
        let each = (0..n_cols).flat_map(|col| rows.iter().map(move |row| row[col].clone())).collect();
        Ok(self.container(Kind::Matrix, Dims::from_slice(&[rows.len(), n_cols]), each))
    }
}

/// 1 where a condition holds, else 0.
fn truth_value(truth: Truth) -> Symbol {
    match truth {
        Truth::Known(lanes) => ints(lanes.into_iter().map(i64::from).collect()),
        Truth::Mask(mask) => Symbol::Node(mask),
    }
}

/// Integers as a symbol: one, or one a lane.
pub(super) fn ints(lanes: Vec<i64>) -> Symbol {
    if let [one] = lanes[..] { Symbol::Int(one) } else { Symbol::LaneInt(lanes.into()) }
}

/// A value of another type: int to real, also inside containers and tuples.
pub(super) fn promote(value: Symbol, ty: &Type) -> Recorded<Symbol> {
    if matches!(ty.scalar(), Type::Complex) {
        return unsupported("complex numbers");
    }
    Ok(match (value, ty) {
        (Symbol::Int(i), Type::Real) => Symbol::Real(i as f64),
        (Symbol::Known(value), _) => match &*value {
            Value::Ints(tensor) if ty.scalar() == Type::Real => {
                let numbers = tensor.entries.iter().map(|i| *i as f64).collect();
                let entries = ValueEntries::Data(numbers);
                Symbol::Known(Arc::new(Value::Reals(Tensor { kind: tensor.kind, dims: tensor.dims.clone(), entries })))
            }
            _ => Symbol::Known(value),
        },
        (Symbol::Tuple(slots), Type::Tuple(types)) => {
            let slots = slots.iter().zip(types).map(|(slot, ty)| promote(slot.clone(), ty));
            Symbol::Tuple(Rc::new(slots.collect::<Recorded<_>>()?))
        }
        (value, _) => value,
    })
}
