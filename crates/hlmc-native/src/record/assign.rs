//! Assignments: to variables, to parts of them, and to several at once.

use std::rc::Rc;

use hlmc_check::ir::{Expression, ExpressionKind, Index, LValue, LValueStep, Operator, Place, Target};

use super::Recorder;
use super::selection::Selection;
use super::stop::{Recorded, Stop, unsupported};
use super::symbol::{Cells, Entries, Symbol};

/// Where in a variable a target lies: slots of tuples within one another, and within the last of them entries.
struct Path<'a> {
    place: Place,
    slots: Vec<usize>,
    /// Indices of indices: each is applied to what the one before it takes.
    indices: Vec<&'a [Index]>,
}

impl<'a> Path<'a> {
    fn of(target: &'a LValue) -> Recorded<Self> {
        let mut path = Path { place: target.place, slots: Vec::new(), indices: Vec::new() };
        for step in &target.steps {
            match step {
                LValueStep::Project(slot) if path.indices.is_empty() => path.slots.push(*slot),
                LValueStep::Project(_) => return unsupported("an assignment into an array of tuples"),
                LValueStep::Index(indices) => path.indices.push(indices),
            }
        }
        Ok(path)
    }

    fn is_whole(&self) -> bool {
        self.slots.is_empty() && self.indices.is_empty()
    }
}

impl Recorder<'_> {
    pub(super) fn assign(&mut self, target: &LValue, value: &Expression) -> Recorded<()> {
        if let Some(added) = self.running_sum(target, value)? {
            return self.add_to(target.place, &added);
        }
        let value = self.expression(value)?;
        self.store(target, &value)
    }

    pub(super) fn unpack(&mut self, targets: &[Target], value: &Symbol) -> Recorded<()> {
        let Symbol::Tuple(slots) = value else { return unsupported("an unpacking of what is no tuple") };
        for (target, slot) in targets.iter().zip(slots.iter()) {
            match target {
                Target::LValue(target) => self.store(target, slot)?,
                Target::Tuple(targets) => self.unpack(targets, slot)?,
            }
        }
        Ok(())
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
            let parent = Rc::clone(&self.contexts[watching].parent);
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
        self.store_at(&Path::of(target)?, value)
    }

    /// Stores a value in a variable.
    pub(super) fn store_variable(&mut self, place: Place, value: &Symbol) -> Recorded<()> {
        self.store_at(&Path { place, slots: Vec::new(), indices: Vec::new() }, value)
    }

    fn store_at(&mut self, path: &Path<'_>, value: &Symbol) -> Recorded<()> {
        if let Some(slots) = self.frame.apart.get(&path.place).cloned() {
            return self.store_apart(&slots, path, value);
        }
        let chosen;
        let value = match self.mask_around(path.place) {
            Some(mask) => {
                let before = self.read_at(path)?;
                chosen = self.choose(mask, value, &before)?;
                &chosen
            }
            None => value,
        };
        if let Some(carrying) = self.carrying(path.place) {
            return self.store_carried(carrying, path, value);
        }
        if path.is_whole() {
            return self.store_whole(path.place, value);
        }
        let depth = self.depth(path.place);
        match self.watching_loop(depth) {
            Some(_) if !path.slots.is_empty() => Err(Stop::Dependent("a tuple is written inside a loop")),
            Some(watching) => {
                let container = self.variable(path.place)?.clone();
                let (kind, dims) = container.shape();
                let selection = self.select_along(kind, &dims, &path.indices)?;
                if depth != 0 || watching != 0 {
                    return self.dependent(path.place, "a container of an outer iteration is written");
                }
                self.write_watched(path.place, &container, &selection, value)
            }
            None => self.store_part(path, value),
        }
    }

    /// Stores a value in a tuple of which every slot is a variable of its own, or in a part of it.
    fn store_apart(&mut self, slots: &[Place], path: &Path<'_>, value: &Symbol) -> Recorded<()> {
        if let Some((slot, rest)) = path.slots.split_first() {
            let Some(place) = slots.get(*slot).copied() else {
                return unsupported("a slot that a tuple does not have");
            };
            return self.store_at(&Path { place, slots: rest.to_vec(), indices: path.indices.clone() }, value);
        }
        let Symbol::Tuple(values) = value else { return unsupported("a tuple that is assigned what is none") };
        slots.iter().zip(values.iter()).try_for_each(|(slot, value)| self.store_variable(*slot, value))
    }

    /// Stores a value in a part of a variable that no loop watches.
    fn store_part(&mut self, path: &Path<'_>, value: &Symbol) -> Recorded<()> {
        if path.indices.is_empty() {
            let value = Self::with_shape_of(self.slot_mut(path)?, value)?;
            *self.slot_mut(path)? = value;
            return Ok(());
        }
        let (kind, dims) = self.slot_mut(path)?.shape();
        let selection = self.select_along(kind, &dims, &path.indices)?;
        // The container is taken out of its variable, so that it is not copied for every entry that changes.
        let container = std::mem::replace(self.slot_mut(path)?, Symbol::Real(f64::NAN));
        let updated = self.replace(container, &selection, value)?;
        *self.slot_mut(path)? = updated;
        Ok(())
    }

    /// The slot of a tuple that a path leads to; the variable itself for a path without slots.
    fn slot_mut(&mut self, path: &Path<'_>) -> Recorded<&mut Symbol> {
        let mut part = self.variable_mut(path.place)?;
        for slot in &path.slots {
            part = match part {
                Symbol::Tuple(slots) if *slot < slots.len() => &mut Rc::make_mut(slots)[*slot],
                _ => return unsupported("a slot of what is no tuple"),
            };
        }
        Ok(part)
    }

    /// What the place that a path leads to holds.
    fn read_at(&mut self, path: &Path<'_>) -> Recorded<Symbol> {
        if path.is_whole() {
            return self.read_whole(path.place);
        }
        if path.slots.is_empty() {
            return self.index_variable(path.place, &path.indices);
        }
        // A tuple is read as a whole, which ties the turns of a loop together if one of them writes it.
        self.read_whole(path.place)?;
        let part = self.slot_mut(path)?.clone();
        if path.indices.is_empty() {
            return Ok(part);
        }
        let (kind, dims) = part.shape();
        let selection = self.select_along(kind, &dims, &path.indices)?;
        self.take(&part, &selection)
    }

    fn store_carried(&mut self, carrying: usize, path: &Path<'_>, value: &Symbol) -> Recorded<()> {
        if !path.slots.is_empty() {
            return Err(Stop::Dependent("a tuple is written inside a loop"));
        }
        let container = self.variable(path.place)?.clone();
        let selection = if path.is_whole() {
            Self::with_shape_of(&container, value)?;
            Self::all_of(&container)
        } else {
            let (kind, dims) = container.shape();
            self.select_along(kind, &dims, &path.indices)?
        };
        self.write_carried(carrying, path.place, &container, &selection, value)
    }

    fn store_whole(&mut self, place: Place, value: &Symbol) -> Recorded<()> {
        let depth = self.depth(place);
        if let Some(watching) = self.watching_loop(depth) {
            let is_at_top = watching + 1 == self.contexts.len();
            let Some(touched) = self.touched(place, depth) else {
                return unsupported("a loop that is not there");
            };
            if !(is_at_top && touched.is_untouched() && depth == watching) {
                return self.dependent(place, "a variable is carried from turn to turn");
            }
            touched.is_temporary = true;
        }
        let value = Self::with_shape_of(self.variable(place)?, value)?;
        *self.variable_mut(place)? = value;
        Ok(())
    }

    /// A whole container that is assigned keeps its size.
    fn with_shape_of(before: &Symbol, value: &Symbol) -> Recorded<Symbol> {
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
        if each.len() != selection.len() {
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
            return self.replace_by_lane(&container, selection, value);
        }
        let (kind, dims) = container.shape();
        let new = self.each(value)?;
        if new.len() != selection.len() {
            return unsupported("an assignment of another size");
        }
        // The entries are taken out of the container, so that they are not copied for every entry that changes.
        let mut each = match container {
            Symbol::Cells(Cells { entries: Entries::Each(each), .. }) => each,
            other => self.each(&other)?,
        };
        let entries = Rc::make_mut(&mut each);
        for (at, entry) in selection.positions_in_all().zip(new.iter()) {
            entries[at] = entry.clone();
        }
        Ok(Symbol::Cells(Cells { kind, dims, entries: Entries::Each(each) }))
    }
}
