//! Functions that take a part of a container by its position. They are read as the container indexed there, so that loops
//! see which entries are read, and nobody looks at the others.

use std::rc::Rc;

use hlmc_builtins::Type;
use hlmc_check::ir::{Call, Callee, ExpressionKind};

use super::Recorder;
use super::index::path_of;
use super::selection::{Along, Selection};
use super::stop::{Recorded, unsupported};
use super::symbol::Symbol;

/// Their names.
const PARTS: &[&str] = &["block", "col", "head", "row", "segment", "sub_col", "sub_row", "tail"];

impl Recorder<'_> {
    /// The value of a call that takes a part of a container; `None` for other calls.
    pub(super) fn part(&mut self, call: &Call) -> Recorded<Option<Symbol>> {
        let (Callee::Builtin(function), Some((container, positions))) = (call.callee, call.arguments.split_first())
        else {
            return Ok(None);
        };
        let Some(name) = self.tables.plain.row(function).map(|row| row.name()) else { return Ok(None) };
        if !PARTS.contains(&name) || !matches!(container.ty.scalar(), Type::Int | Type::Real) {
            return Ok(None);
        }
        let positions = positions.iter().map(|e| self.expression(e)).collect::<Recorded<Vec<_>>>()?;
        let (base, path) = path_of(container);
        let ExpressionKind::Variable(place) = base.kind else {
            let container = self.expression(container)?;
            let (kind, dims) = container.shape();
            let along = self.along_part(name, &positions, &dims)?;
            let selection = Selection::at(kind, &dims, &along)?;
            return self.take(&container, &selection).map(Some);
        };
        let (mut kind, mut dims) = self.variable(place)?.shape();
        let around = if path.is_empty() { None } else { Some(self.select_along(kind, &dims, &path)?) };
        if let Some(around) = &around {
            (kind, dims) = (around.kind, around.dims.clone());
        }
        let along = self.along_part(name, &positions, &dims)?;
        let part = Selection::at(kind, &dims, &along)?;
        let selection = match around {
            Some(around) => around.then(&part),
            None => part,
        };
        self.read_selection(place, &selection).map(Some)
    }

    /// Where the part lies, in a container of these sizes.
    fn along_part(&mut self, name: &str, positions: &[Symbol], dims: &[usize]) -> Recorded<Vec<Along>> {
        Ok(match (name, positions) {
            ("head", [n]) => vec![self.window(&Symbol::Int(1), n)?],
            ("tail", [n]) => {
                let n = self.uniform_int(n)?;
                let first = dims.first().map_or(0, |size| *size as i64) - n + 1;
                vec![self.window(&Symbol::Int(first), &Symbol::Int(n))?]
            }
            ("segment", [first, n]) => vec![self.window(first, n)?],
            ("row", [row]) => vec![self.one(row)?],
            ("col", [col]) => vec![Along::All, self.one(col)?],
            ("sub_row", [row, first, n]) => vec![self.one(row)?, self.window(first, n)?],
            ("sub_col", [first, col, n]) => vec![self.window(first, n)?, self.one(col)?],
            ("block", [row, col, n_rows, n_cols]) => vec![self.window(row, n_rows)?, self.window(col, n_cols)?],
            _ => return unsupported(name),
        })
    }

    fn one(&mut self, position: &Symbol) -> Recorded<Along> {
        Ok(match position {
            Symbol::LaneInt(lanes) => Along::One(Rc::clone(lanes)),
            other => Along::One(Rc::from([self.uniform_int(other)?])),
        })
    }
}
