//! Containers: as one node, as one scalar an entry, and functions applied entry by entry.

use std::rc::Rc;
use std::sync::Arc;

use hlmc_builtins::Value;
use hlmc_builtins::value::{Dims, Kind};

use super::Recorder;
use super::stop::{Recorded, Stop, unsupported};
use super::symbol::{Cells, Entries, Symbol};
use crate::graph::NodeId;

impl Recorder<'_> {
    /// All entries of a container (or a scalar) as one column that is the same in all lanes.
    pub(super) fn pack(&mut self, symbol: &Symbol) -> Recorded<NodeId> {
        match symbol {
            Symbol::Known(value) => match &**value {
                Value::Reals(tensor) => Ok(self.graph.known(&tensor.entries.values())),
                Value::Ints(tensor) => {
                    let numbers: Vec<f64> = tensor.entries.iter().map(|i| *i as f64).collect();
                    Ok(self.graph.known(&numbers))
                }
                _ => unsupported("complex numbers and arrays of tuples"),
            },
            Symbol::Cells(Cells { entries: Entries::Packed(node), .. }) => Ok(*node),
            Symbol::Cells(Cells { entries: Entries::Each(each), .. }) => self.pack_entries(each),
            Symbol::Tuple(_) => unsupported("a tuple as a column"),
            scalar => self.uniform_node(scalar),
        }
    }

    /// Scalars that are the same in all lanes as one column; neighbours that are known are one part of it.
    fn pack_entries(&mut self, each: &[Symbol]) -> Recorded<NodeId> {
        let mut parts: Vec<NodeId> = Vec::new();
        let mut known: Vec<f64> = Vec::new();
        for entry in each {
            match entry {
                Symbol::Real(x) => known.push(*x),
                Symbol::Int(i) => known.push(*i as f64),
                _ => {
                    if !known.is_empty() {
                        parts.push(self.graph.known(&std::mem::take(&mut known)));
                    }
                    parts.push(self.uniform_node(entry)?);
                }
            }
        }
        if !known.is_empty() || parts.is_empty() {
            parts.push(self.graph.known(&known));
        }
        Ok(self.graph.concatenate(&parts))
    }

    /// A scalar that is the same in all lanes, as a node.
    fn uniform_node(&mut self, scalar: &Symbol) -> Recorded<NodeId> {
        let node = self.node(scalar)?;
        if self.graph.lanes(node) == 1 {
            return Ok(node);
        }
        Err(Stop::Dependent("a container differs between iterations"))
    }

    /// True when no entry differs between lanes.
    pub(super) fn is_uniform(&self, symbol: &Symbol) -> bool {
        match symbol {
            Symbol::LaneInt(_) => false,
            Symbol::Node(node) => self.graph.lanes(*node) == 1,
            Symbol::Cells(Cells { entries: Entries::Each(each), .. }) => {
                each.iter().all(|entry| self.is_uniform(entry))
            }
            Symbol::Tuple(slots) => slots.iter().all(|slot| self.is_uniform(slot)),
            _ => true,
        }
    }

    /// The entries of a container one by one; a scalar is its own one entry.
    pub(super) fn each(&mut self, symbol: &Symbol) -> Recorded<Rc<Vec<Symbol>>> {
        Ok(match symbol {
            Symbol::Cells(Cells { entries: Entries::Each(each), .. }) => Rc::clone(each),
            Symbol::Cells(Cells { entries: Entries::Packed(node), .. }) => {
                let lanes = self.graph.lanes(*node) as u32;
                let entry = |i: u32| {
                    let node = self.graph.gather(*node, &[i]);
                    self.scalar(node)
                };
                Rc::new((0..lanes).map(entry).collect())
            }
            Symbol::Known(value) => Rc::new(match &**value {
                Value::Ints(tensor) => tensor.entries.iter().map(|i| Symbol::Int(*i)).collect(),
                Value::Reals(tensor) => tensor.entries.values().iter().map(|x| Symbol::Real(*x)).collect(),
                _ => return unsupported("complex numbers and arrays of tuples"),
            }),
            scalar => Rc::new(vec![scalar.clone()]),
        })
    }

    /// A container from one node.
    pub(super) fn packed(&self, kind: Kind, dims: Dims, node: NodeId) -> Symbol {
        match self.graph.known_column(node) {
            Some(column) if column.len() == dims.iter().product() => {
                Symbol::Known(Arc::new(Value::tensor(kind, dims, column.to_vec())))
            }
            _ => Symbol::Cells(Cells { kind, dims, entries: Entries::Packed(node) }),
        }
    }

    /// A container from its entries; known where all of them are.
    pub(super) fn container(&self, kind: Kind, dims: Dims, each: Vec<Symbol>) -> Symbol {
        let ints: Option<Vec<i64>> =
            each.iter().map(|entry| if let Symbol::Int(i) = entry { Some(*i) } else { None }).collect();
        if let Some(ints) = ints
            && !ints.is_empty()
        {
            return Symbol::Known(Arc::new(Value::Ints(hlmc_builtins::value::Ints { kind, dims, entries: ints })));
        }
        let reals: Option<Vec<f64>> =
            each.iter().map(|entry| if let Symbol::Real(x) = entry { Some(*x) } else { None }).collect();
        match reals {
            Some(reals) => Symbol::Known(Arc::new(Value::tensor(kind, dims, reals))),
            None => Symbol::Cells(Cells { kind, dims, entries: Entries::Each(Rc::new(each)) }),
        }
    }

    /// The sum of all entries, in every lane.
    pub(super) fn total(&mut self, symbol: &Symbol) -> Recorded<Symbol> {
        if symbol.is_scalar() {
            return Ok(symbol.clone());
        }
        if self.is_uniform(symbol) {
            let column = self.pack(symbol)?;
            let sum = if self.graph.lanes(column) == 0 { self.graph.constant(0.0) } else { self.graph.sum(column) };
            return Ok(self.scalar(sum));
        }
        let entries = self.nodes(symbol)?;
        if let Some(sum) = self.sum_of_neighbours(&entries) {
            return Ok(self.scalar(sum));
        }
        let mut total = self.graph.constant(0.0);
        for entry in entries {
            total = self.graph.binary(crate::graph::Binary::Add, total, entry);
        }
        Ok(self.scalar(total))
    }

    /// `f` applied entry by entry: containers have one shape, scalars meet every entry.
    pub(super) fn map(
        &mut self,
        arguments: &[Symbol],
        mut f: impl FnMut(&mut Self, &[NodeId]) -> Recorded<NodeId>,
    ) -> Recorded<Symbol> {
        let Some((kind, dims)) = self.common_shape(arguments)? else {
            let nodes = arguments.iter().map(|x| self.node(x)).collect::<Recorded<Vec<_>>>()?;
            let result = self.shielded(false, |recorder| f(recorder, &nodes))?;
            return Ok(self.scalar(result));
        };
        if arguments.iter().all(|argument| self.is_uniform(argument)) {
            let nodes = arguments.iter().map(|x| self.pack(x)).collect::<Recorded<Vec<_>>>()?;
            let n: usize = dims.iter().product();
            if n == 0 {
                let empty = self.graph.known(&[]);
                return Ok(self.packed(kind, dims, empty));
            }
            let result = self.shielded(true, |recorder| f(recorder, &nodes))?;
            let result = self.graph.broadcast(result, n);
            return Ok(self.packed(kind, dims, result));
        }
        let n = dims.iter().product();
        let columns = arguments.iter().map(|x| self.each(x)).collect::<Recorded<Vec<_>>>()?;
        let mut entries = Vec::with_capacity(n);
        for i in 0..n {
            let entry = columns.iter().map(|column| &column[if column.len() == 1 { 0 } else { i }]);
            let nodes = entry.map(|x| self.node(x)).collect::<Recorded<Vec<_>>>()?;
            let result = self.shielded(false, |recorder| f(recorder, &nodes))?;
            entries.push(self.scalar(result));
        }
        Ok(self.container(kind, dims, entries))
    }

    /// The shape that containers among the arguments share.
    fn common_shape(&self, arguments: &[Symbol]) -> Recorded<Option<(Kind, Dims)>> {
        let mut shape: Option<(Kind, Dims)> = None;
        for argument in arguments.iter().filter(|argument| !argument.is_scalar()) {
            let (kind, dims) = argument.shape();
            match &shape {
                None => shape = Some((kind, dims)),
                Some((_, first)) if *first != dims => return unsupported("sizes that do not fit"),
                Some(_) => {}
            }
        }
        Ok(shape)
    }
}
