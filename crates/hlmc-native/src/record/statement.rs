//! Statements.

use std::rc::Rc;
use std::sync::Arc;

use hlmc_builtins::Value;
use hlmc_builtins::value::{Dims, Entries as ValueEntries, Ints, Kind, Tensor};
use hlmc_check::ir::{Accumulator, Body, Expression, SizedBase, SizedType, Statement, StatementKind};
use hlmc_syntax::Span;

use super::Recorder;
use super::branch::Branched;
use super::flow::{Flow, Way};
use super::stop::{Recorded, unsupported};
use super::symbol::Symbol;

impl Recorder<'_> {
    /// The statements of a block of the program.
    pub(super) fn run_body(&mut self, body: &Body) -> Recorded<()> {
        self.frame.slots = vec![Symbol::Real(f64::NAN); body.n_locals as usize];
        self.frame.depths = vec![0; body.n_locals as usize];
        self.frame.masks = vec![0; body.n_locals as usize];
        self.statements(&body.statements).map(|_| ())
    }

    /// Statements in order.
    pub(super) fn statements(&mut self, statements: &[Statement]) -> Recorded<Flow> {
        self.check_size()?;
        for (i, statement) in statements.iter().enumerate() {
            let flow = match &statement.kind {
                StatementKind::If { condition, then, otherwise } => {
                    let around = self.graph.origins.enter(statement.span);
                    let branched = self.branch(condition, (then, otherwise), &statements[i + 1..]);
                    self.graph.origins.set(around);
                    match self.at(statement.span, branched)? {
                        Branched::Before(flow) => flow,
                        Branched::Through(flow) => return Ok(flow),
                    }
                }
                _ => self.statement(statement)?,
            };
            match flow {
                Flow::Next => {}
                Flow::Split(ways) => return self.rest_of_lanes(ways, &statements[i + 1..]),
                away => return Ok(away),
            }
        }
        Ok(Flow::Next)
    }

    /// The rest of a block, for the lanes that still take part in it.
    fn rest_of_lanes(&mut self, ways: Vec<Way>, rest: &[Statement]) -> Recorded<Flow> {
        let (going, mut ways): (Vec<Way>, Vec<Way>) = ways.into_iter().partition(|way| way.flow == Flow::Next);
        let mut going: Vec<u32> = going.into_iter().flat_map(|way| way.lanes).collect();
        going.sort_unstable();
        if !going.is_empty() {
            let flow = self.on_lanes(&going, |recorder| recorder.statements(rest))?;
            ways.extend(flow.ways(&going));
        }
        Ok(Flow::joined(ways))
    }

    fn statement(&mut self, statement: &Statement) -> Recorded<Flow> {
        let around = self.graph.origins.enter(statement.span);
        let flow = self.run_statement(statement);
        self.graph.origins.set(around);
        self.at(statement.span, flow)
    }

    /// What was recorded of a statement; if that failed, the innermost statement is kept as the place.
    pub(super) fn at<T>(&mut self, span: Span, recorded: Recorded<T>) -> Recorded<T> {
        if recorded.is_err() {
            self.stopped_at.get_or_insert(span);
        }
        recorded
    }

    fn run_statement(&mut self, statement: &Statement) -> Recorded<Flow> {
        match &statement.kind {
            StatementKind::Declare { place, ty, value, .. } => {
                let symbol = match value {
                    Some(value) => self.expression(value)?,
                    None => self.unset(ty)?,
                };
                self.declare(*place, symbol)?;
            }
            StatementKind::Assign { target, value } => self.assign(target, value)?,
            StatementKind::Unpack { targets, value } => {
                let value = self.expression(value)?;
                self.unpack(targets, &value)?;
            }
            StatementKind::Increment(Accumulator::Target | Accumulator::Jacobian, value) => {
                let value = self.expression(value)?;
                self.increment(&value)?;
            }
            StatementKind::Tilde { density, truncation } => {
                let value = self.call(density, &hlmc_builtins::Type::Real)?;
                self.increment(&value)?;
                if let Some(truncation) = truncation {
                    self.truncate(density, truncation)?;
                }
            }
            StatementKind::Call(call) => {
                self.call(call, &hlmc_builtins::Type::Void)?;
            }
            StatementKind::If { .. } => return self.statements(std::slice::from_ref(statement)),
            StatementKind::While { condition, body } => {
                return self.in_loop(body, |recorder| recorder.repeat(condition, body, statement.span));
            }
            StatementKind::ForRange { variable, lower, upper, body } => {
                return self
                    .in_loop(body, |recorder| recorder.for_range(*variable, (lower, upper), body, statement.span));
            }
            StatementKind::ForEach { variable, container, body } => {
                return self.in_loop(body, |recorder| recorder.for_each(*variable, container, body, statement.span));
            }
            StatementKind::Block(statements) | StatementKind::Profile(_, statements) => {
                return self.statements(statements);
            }
            StatementKind::Break => return Ok(Flow::Break),
            StatementKind::Continue => return Ok(Flow::Continue),
            StatementKind::Return(value) => {
                let value = value.as_ref().map(|value| self.expression(value)).transpose()?;
                return Ok(Flow::Return(value));
            }
            StatementKind::Print(_) => return unsupported("print"),
            StatementKind::Reject(_) | StatementKind::FatalError(_) => self.reject()?,
        }
        Ok(Flow::Next)
    }

    /// What a declared variable holds before it is given a value.
    pub(super) fn unset(&mut self, ty: &SizedType) -> Recorded<Symbol> {
        let mut dims = Dims::new();
        for size in &ty.array_sizes {
            dims.push(self.size(size)?);
        }
        let kind = match &ty.base {
            SizedBase::Int if dims.is_empty() => return Ok(Symbol::Int(i64::from(i32::MIN))),
            SizedBase::Real if dims.is_empty() => return Ok(Symbol::Real(f64::NAN)),
            SizedBase::Int => {
                let entries = vec![i64::from(i32::MIN); dims.iter().product()];
                return Ok(Symbol::Known(Arc::new(Value::Ints(Ints { kind: Kind::Scalar, dims, entries }))));
            }
            SizedBase::Real => Kind::Scalar,
            SizedBase::Vector(n) => {
                dims.push(self.size(n)?);
                Kind::Vector
            }
            SizedBase::RowVector(n) => {
                dims.push(self.size(n)?);
                Kind::RowVector
            }
            SizedBase::Matrix(rows, cols) => {
                dims.push(self.size(rows)?);
                dims.push(self.size(cols)?);
                Kind::Matrix
            }
            SizedBase::Tuple(slots) if dims.is_empty() => {
                let slots = slots.iter().map(|slot| self.unset(slot)).collect::<Recorded<Vec<_>>>()?;
                return Ok(Symbol::Tuple(Rc::new(slots)));
            }
            _ => return unsupported("complex numbers and arrays of tuples"),
        };
        let entries = ValueEntries::Data(vec![f64::NAN; dims.iter().product()]);
        Ok(Symbol::Known(Arc::new(Value::Reals(Tensor { kind, dims, entries }))))
    }

    /// A size: an int that is not negative.
    pub(super) fn size(&mut self, expression: &Expression) -> Recorded<usize> {
        match usize::try_from(self.int(expression)?) {
            Ok(size) => Ok(size),
            Err(_) => unsupported("a negative size"),
        }
    }
}
