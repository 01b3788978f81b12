//! Statements.

use std::rc::Rc;

use hlmc_builtins::Value;
use hlmc_builtins::table::Domain;
use hlmc_builtins::value::{Dims, Entries as ValueEntries, Ints, Kind, Tensor};
use hlmc_check::ir::{
    Accumulator, Block, Body, Expression, ExpressionKind, LValue, LValueStep, Operator, Place, SizedBase, SizedType,
    Statement, StatementKind, Target, Transform,
};
use hlmc_syntax::Span;

use super::Recorder;
use super::branch::Branched;
use super::index::Selection;
use super::stop::{Recorded, Stop, unsupported};
use super::symbol::{Cells, Entries, Symbol};
use crate::graph::{Binary, Check};

/// What a statement does to the flow of control.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Flow {
    /// The next statement follows.
    Next,
    /// The loop ends.
    Break,
    /// The loop goes on with its next turn.
    Continue,
    /// The function ends.
    Return(Option<Symbol>),
}

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
            if flow != Flow::Next {
                return Ok(flow);
            }
        }
        Ok(Flow::Next)
    }

    /// Statements that all lanes run to their end.
    pub(super) fn statements_without_jumps(&mut self, statements: &[Statement]) -> Recorded<()> {
        match self.statements(statements)? {
            Flow::Next => Ok(()),
            _ => Err(Stop::Dependent("an iteration leaves its loop")),
        }
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
            StatementKind::While { condition, body } => return self.repeat(condition, body),
            StatementKind::ForRange { variable, lower, upper, body } => {
                return self.for_range(*variable, (lower, upper), body, statement.span);
            }
            StatementKind::ForEach { variable, container, body } => {
                return self.for_each(*variable, container, body, statement.span);
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

    fn repeat(&mut self, condition: &Expression, body: &[Statement]) -> Recorded<Flow> {
        loop {
            let condition = self.expression(condition)?;
            let truth = self.truth(&condition)?;
            let truth = self.decided(truth)?;
            if truth.windows(2).any(|pair| pair[0] != pair[1]) {
                return Err(Stop::Dependent("a loop ends at different turns"));
            }
            if !truth[0] {
                return Ok(Flow::Next);
            }
            match self.statements(body)? {
                Flow::Next | Flow::Continue => {}
                Flow::Break => return Ok(Flow::Next),
                flow @ Flow::Return(_) => return Ok(flow),
            }
        }
    }

    /// What a declared variable holds before it is given a value.
    fn unset(&mut self, ty: &SizedType) -> Recorded<Symbol> {
        let mut dims = Dims::new();
        for size in &ty.array_sizes {
            dims.push(self.size(size)?);
        }
        let kind = match &ty.base {
            SizedBase::Int if dims.is_empty() => return Ok(Symbol::Int(i64::from(i32::MIN))),
            SizedBase::Real if dims.is_empty() => return Ok(Symbol::Real(f64::NAN)),
            SizedBase::Int => {
                let entries = vec![i64::from(i32::MIN); dims.iter().product()];
                return Ok(Symbol::Known(Rc::new(Value::Ints(Ints { kind: Kind::Scalar, dims, entries }))));
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
        Ok(Symbol::Known(Rc::new(Value::Reals(Tensor { kind, dims, entries }))))
    }

    /// A size: an int that is not negative.
    pub(super) fn size(&mut self, expression: &Expression) -> Recorded<usize> {
        match usize::try_from(self.int(expression)?) {
            Ok(size) => Ok(size),
            Err(_) => unsupported("a negative size"),
        }
    }

    fn assign(&mut self, target: &LValue, value: &Expression) -> Recorded<()> {
        if let Some(added) = self.running_sum(target, value)? {
            return self.add_to(target.place, &added);
        }
        let value = self.expression(value)?;
        self.store(target, &value)
    }

    /// What `s = s + e` adds to a scalar from outside of the loop, if the statement is of that form.
    fn running_sum(&mut self, target: &LValue, value: &Expression) -> Recorded<Option<Symbol>> {
        let depth = self.depth(target.place);
        if !target.steps.is_empty() || self.watching_loop(depth).is_none() {
            return Ok(None);
        }
        let ExpressionKind::Scalar(operator @ (Operator::Add | Operator::Subtract), left, right) = &value.kind else {
            return Ok(None);
        };
        let is_target = |e: &Expression| matches!(e.kind, ExpressionKind::Variable(place) if place == target.place);
        if self.carrying(target.place).is_some() || value.ty != hlmc_builtins::Type::Real {
            return Ok(None);
        }
        let added = match (is_target(left), is_target(right), operator) {
            (true, false, Operator::Add) => self.expression(right)?,
            (true, false, _) => {
                let value = self.expression(right)?;
                self.negate(&value)?
            }
            (false, true, Operator::Add) => self.expression(left)?,
            _ => return Ok(None),
        };
        Ok(Some(added))
    }

    /// Adds to a scalar from outside of the loop, once for every lane.
    fn add_to(&mut self, place: Place, added: &Symbol) -> Recorded<()> {
        let depth = self.depth(place);
        let lanes = self.lanes();
        let watching = self.watching_loop(depth).unwrap_or(0);
        let outer_lanes = if watching == 0 { 1 } else { self.contexts[watching - 1].lanes };
        let mut added = self.node(added)?;
        if let Some(mask) = self.mask_around(place) {
            let zero = self.graph.constant(0.0);
            added = self.graph.select(mask, added, zero);
        }
        let term = if outer_lanes == 1 {
            self.graph.sum_over(added, lanes)
        } else {
            let parent = std::rc::Rc::clone(&self.contexts[watching].parent);
            let index: Vec<u32> = self.origin(depth).iter().map(|lane| parent[*lane as usize]).collect();
            self.graph.scatter_sum(added, &index, outer_lanes)
        };
        let Some(touched) = self.touched(place, depth) else { return unsupported("a sum outside of loops") };
        if touched.is_read_whole || !touched.written.is_empty() {
            return self.dependent(place, "a running sum is read inside its loop");
        }
        touched.added.push(term);
        Ok(())
    }

    /// Stores a value in a variable or a part of one.
    fn store(&mut self, target: &LValue, value: &Symbol) -> Recorded<()> {
        let depth = self.depth(target.place);
        let watching = self.watching_loop(depth);
        let chosen;
        let value = match self.mask_around(target.place) {
            Some(mask) => {
                let before = self.read_target(target)?;
                chosen = self.choose(mask, value, &before)?;
                &chosen
            }
            None => value,
        };
        if let Some(carrying) = self.carrying(target.place) {
            return self.store_carried(carrying, target, value);
        }
        if target.steps.is_empty() {
            return self.store_whole(target.place, value);
        }
        let [LValueStep::Index(indices)] = &target.steps[..] else {
            return self.store_in_tuple(target, value, watching.is_some());
        };
        let container = self.variable(target.place)?.clone();
        let (kind, dims) = container.shape();
        let selection = self.select(kind, &dims, indices)?;
        match watching {
            Some(watching) => {
                if depth != 0 || watching != 0 {
                    return self.dependent(target.place, "a container of an outer iteration is written");
                }
                self.write_watched(target.place, &container, &selection, value)
            }
            None => {
                drop(container);
                let container = std::mem::replace(self.variable_mut(target.place)?, Symbol::Real(f64::NAN));
                let updated = self.replace(container, &selection, value)?;
                *self.variable_mut(target.place)? = updated;
                Ok(())
            }
        }
    }

    /// What a target holds.
    fn read_target(&mut self, target: &LValue) -> Recorded<Symbol> {
        match &target.steps[..] {
            [] => self.read_whole(target.place),
            [LValueStep::Index(indices)] => self.index_variable(target.place, indices),
            _ => Err(Stop::Dependent("a tuple is written inside a branch")),
        }
    }

    fn store_carried(&mut self, carrying: usize, target: &LValue, value: &Symbol) -> Recorded<()> {
        let container = self.variable(target.place)?.clone();
        let selection = match &target.steps[..] {
            [] => {
                self.with_shape_of(target.place, value)?;
                Self::all_of(&container)
            }
            [LValueStep::Index(indices)] => {
                let (kind, dims) = container.shape();
                self.select(kind, &dims, indices)?
            }
            _ => return Err(Stop::Dependent("a tuple is written inside a loop")),
        };
        self.write_carried(carrying, target.place, &container, &selection, value)
    }

    fn store_whole(&mut self, place: Place, value: &Symbol) -> Recorded<()> {
        let depth = self.depth(place);
        if let Some(watching) = self.watching_loop(depth) {
            let is_at_top = watching + 1 == self.contexts.len();
            let Some(touched) = self.touched(place, depth) else {
                return unsupported("a loop that is not there");
            };
            let is_clean = !touched.is_read_whole && touched.is_unwritten();
            if !(is_at_top && is_clean && depth == watching) {
                return self.dependent(place, "a variable is carried from turn to turn");
            }
            touched.is_temporary = true;
        }
        let value = self.with_shape_of(place, value)?;
        *self.variable_mut(place)? = value;
        Ok(())
    }

    /// A whole container that is assigned keeps its size.
    fn with_shape_of(&mut self, place: Place, value: &Symbol) -> Recorded<Symbol> {
        let before = self.variable(place)?;
        let (_, before_dims) = before.shape();
        let (_, dims) = value.shape();
        if !before.is_scalar()
            && !matches!(before, Symbol::Tuple(_))
            && before_dims != dims
            && before_dims.iter().product::<usize>() > 0
        {
            return unsupported("an assignment of another size");
        }
        Ok(value.clone())
    }

    fn store_in_tuple(&mut self, target: &LValue, value: &Symbol, is_watched: bool) -> Recorded<()> {
        let [LValueStep::Project(slot)] = &target.steps[..] else {
            return unsupported("an assignment deep inside of tuples");
        };
        if is_watched {
            return Err(Stop::Dependent("a tuple is written inside a loop"));
        }
        match self.variable_mut(target.place)? {
            Symbol::Tuple(slots) if *slot < slots.len() => {
                Rc::make_mut(slots)[*slot] = value.clone();
                Ok(())
            }
            _ => unsupported("a slot of what is no tuple"),
        }
    }

    /// Writes entries of a variable from outside of the loop.
    fn write_watched(
        &mut self,
        place: Place,
        container: &Symbol,
        selection: &Selection,
        value: &Symbol,
    ) -> Recorded<()> {
        let depth = self.depth(place);
        let origin = self.origin(depth);
        let length = container.shape().1.iter().product();
        let each = self.each(value)?;
        if each.len() != selection.offsets.len() {
            return unsupported("an assignment of another size");
        }
        let lanes = self.lanes();
        for (i, entry) in each.iter().enumerate() {
            let mut positions = selection.positions(i);
            positions.resize(lanes.max(positions.len()), positions[0]);
            let node = self.node(entry)?;
            let node = self.graph.broadcast(node, lanes);
            if let Some(touched) = self.touched(place, depth) {
                let written = touched.write(length, &positions, &origin, node);
                self.blame(place, written)?;
                self.write_crossing(place, depth, length, &positions)?;
            }
        }
        Ok(())
    }

    /// A container with some of its entries replaced.
    fn replace(&mut self, container: Symbol, selection: &Selection, value: &Symbol) -> Recorded<Symbol> {
        if selection.differs() {
            return Err(Stop::Dependent("iterations write different entries of a container of their own"));
        }
        let (kind, dims) = container.shape();
        let new = self.each(value)?;
        if new.len() != selection.offsets.len() {
            return unsupported("an assignment of another size");
        }
        // The entries are taken out of the container, so that they are not copied for every entry that changes.
        let mut each = match container {
            Symbol::Cells(Cells { entries: Entries::Each(each), .. }) => each,
            other => self.each(&other)?,
        };
        let entries = Rc::make_mut(&mut each);
        for (offset, entry) in selection.offsets.iter().zip(new.iter()) {
            entries[(selection.base[0] + offset) as usize] = entry.clone();
        }
        Ok(Symbol::Cells(Cells { kind, dims, entries: Entries::Each(each) }))
    }

    fn unpack(&mut self, targets: &[Target], value: &Symbol) -> Recorded<()> {
        let Symbol::Tuple(slots) = value else { return unsupported("an unpacking of what is no tuple") };
        for (target, slot) in targets.iter().zip(slots.iter()) {
            match target {
                Target::LValue(target) => self.store(target, slot)?,
                Target::Tuple(targets) => self.unpack(targets, slot)?,
            }
        }
        Ok(())
    }

    /// Bounds of transformed parameters hold, or the point is rejected.
    pub(super) fn check_transformed_parameters(&mut self) -> Recorded<()> {
        let program = self.program;
        for variable in program.variables(Block::TransformedParameters) {
            let value = self.variable(variable.place)?.clone();
            let around = self.graph.origins.enter(variable.span);
            let checked = self.check_bounds(&value, &variable.ty.transform);
            self.graph.origins.set(around);
            self.at(variable.span, checked)?;
        }
        Ok(())
    }

    fn check_bounds(&mut self, value: &Symbol, transform: &Transform) -> Recorded<()> {
        match transform {
            Transform::Identity | Transform::OffsetMultiplier(..) => Ok(()),
            Transform::Lower(lower) => self.check_above(value, lower),
            Transform::Upper(upper) => self.check_below(value, upper),
            Transform::LowerUpper(lower, upper) => {
                self.check_above(value, lower)?;
                self.check_below(value, upper)
            }
            _ => unsupported("constraints of transformed parameters that are no bounds"),
        }
    }

    fn check_above(&mut self, value: &Symbol, bound: &Expression) -> Recorded<()> {
        let bound = self.expression(bound)?;
        let difference =
            self.map(&[value.clone(), bound], |recorder, x| Ok(recorder.graph.binary(Binary::Subtract, x[0], x[1])))?;
        self.check_not_negative(&difference)
    }

    fn check_below(&mut self, value: &Symbol, bound: &Expression) -> Recorded<()> {
        let bound = self.expression(bound)?;
        let difference =
            self.map(&[bound, value.clone()], |recorder, x| Ok(recorder.graph.binary(Binary::Subtract, x[0], x[1])))?;
        self.check_not_negative(&difference)
    }

    fn check_not_negative(&mut self, value: &Symbol) -> Recorded<()> {
        let node = self.pack(value)?;
        self.require(node, Domain::NonNegative)
    }

    /// Every lane lies in the domain, or the point is rejected.
    pub(super) fn require(&mut self, node: crate::graph::NodeId, domain: Domain) -> Recorded<()> {
        if let Some(column) = self.graph.known_column(node) {
            return if column.iter().all(|x| domain.contains(*x)) {
                Ok(())
            } else {
                unsupported("known numbers outside of their domain")
            };
        }
        if self.graph.range(node).is_within(domain) {
            return Ok(());
        }
        // Inside of a branch only the lanes count that take it.
        let node = match (self.graph.mask, inside(domain)) {
            (Some(mask), Some(inside)) => {
                let inside = self.graph.constant(inside);
                self.graph.select(mask, node, inside)
            }
            _ => node,
        };
        self.graph.checks.push(Check { node, domain, is_guard: false });
        Ok(())
    }
}

/// A number inside of a domain, if it is simple to name.
fn inside(domain: Domain) -> Option<f64> {
    match domain {
        Domain::Between(low, high) => (low.is_finite() && high.is_finite()).then_some(0.5 * (low + high)),
        Domain::Unchecked | Domain::NotNan | Domain::Finite => Some(0.0),
        Domain::Positive | Domain::PositiveFinite => Some(1.0),
        Domain::NonNegative | Domain::NonNegativeFinite | Domain::Probability => Some(0.5),
    }
}
