//! Building nodes, simplified as they are built. Each rule is a law that holds for all finite numbers and keeps accuracy;
//! what needs a view of the whole graph is not here.

use std::hash::{Hash, Hasher};

use hlmc_builtins::table::Domain;
use rustc_hash::FxHasher;

use super::{Binary, Graph, NodeId, Operation, Unary};

/// A hash of an operation, equal for equal ones.
pub(super) fn hash(operation: &Operation, lanes: usize) -> u64 {
    let mut hasher = FxHasher::default();
    lanes.hash(&mut hasher);
    std::mem::discriminant(operation).hash(&mut hasher);
    match operation {
        Operation::Position(offset) => offset.hash(&mut hasher),
        Operation::Constant(value) => value.to_bits().hash(&mut hasher),
        Operation::Known(column) => column.hash(&mut hasher),
        Operation::Unary(unary, x) => (unary, x).hash(&mut hasher),
        Operation::Binary(binary, x, y) => (binary, x, y).hash(&mut hasher),
        Operation::Select(mask, x, y) => (mask, x, y).hash(&mut hasher),
        Operation::Elementwise(function, operands) => (function, operands).hash(&mut hasher),
        Operation::Gather(x, index) | Operation::ScatterSum(x, index) => (x, index).hash(&mut hasher),
        Operation::Concatenate(parts) => parts.hash(&mut hasher),
        Operation::Sum(x) => x.hash(&mut hasher),
        Operation::KnownMatrixVector(matrix, x) => (matrix, x).hash(&mut hasher),
        Operation::Whole(function, x) => (function, x).hash(&mut hasher),
        Operation::Scan(scan, inputs) => (scan, inputs).hash(&mut hasher),
        Operation::Pending(number) => number.hash(&mut hasher),
    }
    hasher.finish()
}

impl Graph {
    /// Coordinates `offset`, `offset + 1`, ... of the position.
    pub fn position(&mut self, offset: usize, lanes: usize) -> NodeId {
        self.intern(Operation::Position(offset as u32), lanes)
    }

    /// A known number.
    pub fn constant(&mut self, value: f64) -> NodeId {
        self.intern(Operation::Constant(value), 1)
    }

    /// A known column.
    pub fn known(&mut self, numbers: &[f64]) -> NodeId {
        if let [value] = numbers {
            return self.constant(*value);
        }
        let column = self.columns.add_numbers(numbers);
        self.intern(Operation::Known(column), numbers.len())
    }

    /// An operation of one number.
    pub fn unary(&mut self, unary: Unary, x: NodeId) -> NodeId {
        if let Some(column) = self.known_column(x) {
            let values: Vec<f64> = column.iter().map(|x| unary.value(*x)).collect();
            return self.known(&values);
        }
        match (unary, &self.node(x).operation) {
            (Unary::Negate, Operation::Unary(Unary::Negate, inner))
            | (Unary::Log, Operation::Unary(Unary::Exp, inner)) => return *inner,
            // log(inv_logit(u)), which loses all digits where inv_logit rounds to 0 or 1.
            (Unary::Log, Operation::Unary(Unary::InvLogit, inner)) => {
                let inner = *inner;
                let negated = self.unary(Unary::Negate, inner);
                return self.negated_softplus(negated);
            }
            (Unary::Log1p, Operation::Unary(Unary::Negate, negated)) => {
                if let Operation::Unary(Unary::InvLogit, inner) = self.node(*negated).operation {
                    return self.negated_softplus(inner);
                }
            }
            // Does not overflow, and has its derivative with it.
            (Unary::Log1p, Operation::Unary(Unary::Exp, inner)) => {
                let inner = *inner;
                return self.unary(Unary::Log1pExp, inner);
            }
            (Unary::Square, Operation::Unary(Unary::Negate | Unary::Abs, inner)) => {
                let inner = *inner;
                return self.unary(Unary::Square, inner);
            }
            // What is known comes second: the adjoint of the other then needs no change of sign.
            (Unary::Square, Operation::Binary(Binary::Subtract, a, b)) if self.is_known(*a) => {
                let (a, b) = (*a, *b);
                let turned = self.binary(Binary::Subtract, b, a);
                return self.unary(Unary::Square, turned);
            }
            (Unary::Reciprocal, Operation::Unary(Unary::Exp, inner)) => {
                let inner = *inner;
                let negated = self.unary(Unary::Negate, inner);
                return self.unary(Unary::Exp, negated);
            }
            (Unary::Square, Operation::Unary(Unary::Exp, inner)) => {
                let inner = *inner;
                let two = self.constant(2.0);
                let doubled = self.binary(Binary::Multiply, two, inner);
                return self.unary(Unary::Exp, doubled);
            }
            _ => {}
        }
        let x = unary.interior().map_or(x, |(domain, inside)| self.shielded(x, domain, inside));
        let lanes = self.lanes(x);
        self.intern(Operation::Unary(unary, x), lanes)
    }

    /// `x` where the branch being recorded is taken, and a number inside of the domain elsewhere.
    fn shielded(&mut self, x: NodeId, domain: Domain, inside: f64) -> NodeId {
        match self.mask {
            Some(mask) if !self.range(x).is_within(domain) => {
                let inside = self.constant(inside);
                self.select(mask, x, inside)
            }
            _ => x,
        }
    }

    /// `-log(1 + exp(x))`
    fn negated_softplus(&mut self, x: NodeId) -> NodeId {
        let softplus = self.unary(Unary::Log1pExp, x);
        self.unary(Unary::Negate, softplus)
    }

    /// An operation of two numbers; an operand of one lane meets every lane of the other.
    pub fn binary(&mut self, binary: Binary, x: NodeId, y: NodeId) -> NodeId {
        debug_assert!(self.lanes(x) == self.lanes(y) || self.lanes(x) == 1 || self.lanes(y) == 1);
        if let (Some(a), Some(b)) = (self.known_column(x), self.known_column(y)) {
            return self.fold(binary, &a, &b);
        }
        if let Some(simpler) = self.without_negations(binary, x, y) {
            return simpler;
        }
        let is = |id: NodeId, value: f64| self.is_everywhere(id, value);
        let leaves = |id: NodeId, other: NodeId| self.lanes(other) >= self.lanes(id);
        match binary {
            Binary::Add if leaves(x, y) && is(x, 0.0) => return y,
            Binary::Add | Binary::Subtract if leaves(y, x) && is(y, 0.0) => return x,
            Binary::Subtract if leaves(x, y) && is(x, 0.0) => return self.unary(Unary::Negate, y),
            Binary::Multiply if leaves(x, y) && is(x, 1.0) => return y,
            Binary::Multiply | Binary::Divide if leaves(y, x) && is(y, 1.0) => return x,
            Binary::Multiply if x == y => return self.unary(Unary::Square, x),
            Binary::Multiply if leaves(x, y) && is(x, -1.0) => return self.unary(Unary::Negate, y),
            Binary::Multiply if leaves(y, x) && is(y, -1.0) => return self.unary(Unary::Negate, x),
            Binary::Divide if self.lanes(y) == 1 || self.is_known(y) => {
                let reciprocal = self.unary(Unary::Reciprocal, y);
                return self.binary(Binary::Multiply, reciprocal, x);
            }
            _ => {}
        }
        let (x, y) = match binary.interior() {
            Some((domains, inside)) => (self.shielded(x, domains.0, inside), self.shielded(y, domains.1, inside)),
            None => (x, y),
        };
        // One order for operands that commute: what is known first, then by age.
        let commutes = matches!(binary, Binary::Add | Binary::Multiply | Binary::LogSumExp);
        let rank = |id: NodeId| (!self.is_known(id), id);
        let (x, y) = if commutes && rank(y) < rank(x) { (y, x) } else { (x, y) };
        let lanes = common_lanes(self.lanes(x), self.lanes(y));
        self.intern(Operation::Binary(binary, x, y), lanes)
    }

    /// True when all lanes of a node are known to be a number.
    fn is_everywhere(&self, id: NodeId, value: f64) -> bool {
        match &self.node(id).operation {
            Operation::Constant(constant) => *constant == value,
            Operation::Known(column) => self.columns.numbers(*column).iter().all(|x| *x == value),
            _ => false,
        }
    }

    /// A sum or difference with fewer changes of sign: they cost an instruction in each sweep.
    fn without_negations(&mut self, binary: Binary, x: NodeId, y: NodeId) -> Option<NodeId> {
        let negated = |id: NodeId| match self.node(id).operation {
            Operation::Unary(Unary::Negate, inner) => Some(inner),
            _ => None,
        };
        match (binary, negated(x), negated(y)) {
            (Binary::Add, Some(x), Some(y)) => {
                let sum = self.binary(Binary::Add, x, y);
                Some(self.unary(Unary::Negate, sum))
            }
            (Binary::Add, Some(x), None) => Some(self.binary(Binary::Subtract, y, x)),
            (Binary::Add, None, Some(y)) => Some(self.binary(Binary::Subtract, x, y)),
            (Binary::Subtract, Some(x), Some(y)) => Some(self.binary(Binary::Subtract, y, x)),
            (Binary::Subtract, None, Some(y)) => Some(self.binary(Binary::Add, x, y)),
            (Binary::Subtract, Some(x), None) => {
                let sum = self.binary(Binary::Add, x, y);
                Some(self.unary(Unary::Negate, sum))
            }
            _ => None,
        }
    }

    fn fold(&mut self, binary: Binary, a: &[f64], b: &[f64]) -> NodeId {
        let lanes = common_lanes(a.len(), b.len());
        let at = |column: &[f64], i: usize| column[if column.len() == 1 { 0 } else { i }];
        let values: Vec<f64> = (0..lanes).map(|i| binary.value(at(a, i), at(b, i))).collect();
        self.known(&values)
    }

    /// `x` in the lanes where the mask is not 0, `y` in all others; an operand of one lane meets every lane.
    pub fn select(&mut self, mask: NodeId, x: NodeId, y: NodeId) -> NodeId {
        if x == y {
            return x;
        }
        // What an inner selection keeps for the other lanes is not looked at.
        if let Operation::Select(inner, a, _) = self.node(y).operation
            && self.is_complement(mask, inner)
        {
            return self.select(inner, a, x);
        }
        if let Operation::Select(inner, _, b) = self.node(y).operation
            && inner == mask
        {
            return self.select(mask, x, b);
        }
        if let Operation::Select(inner, a, _) = self.node(x).operation
            && inner == mask
        {
            return self.select(mask, a, y);
        }
        let lanes = [mask, x, y].iter().map(|id| self.lanes(*id)).fold(1, common_lanes);
        if let Some(column) = self.known_column(mask) {
            if column.iter().all(|x| *x != 0.0) {
                return self.broadcast(x, lanes);
            }
            if column.iter().all(|x| *x == 0.0) {
                return self.broadcast(y, lanes);
            }
            let (x, y) = (self.broadcast(x, lanes), self.broadcast(y, lanes));
            let both = self.concatenate(&[x, y]);
            let at = |(i, mask): (usize, &f64)| if *mask != 0.0 { i as u32 } else { (lanes + i) as u32 };
            let index: Vec<u32> = column.iter().enumerate().map(at).collect();
            return self.gather(both, &index);
        }
        self.intern(Operation::Select(mask, x, y), lanes)
    }

    /// True when the node is a comparison, or made of comparisons so that it is 0 or 1.
    #[must_use]
    pub fn is_mask(&self, x: NodeId) -> bool {
        match self.node(x).operation {
            Operation::Constant(value) => value == 0.0 || value == 1.0,
            Operation::Binary(Binary::Less | Binary::LessEqual | Binary::Equal, ..) => true,
            Operation::Binary(Binary::Subtract, one, rest) => {
                self.constant_value(one) == Some(1.0) && self.is_mask(rest)
            }
            Operation::Binary(Binary::Multiply, a, b) | Operation::Select(_, a, b) => {
                self.is_mask(a) && self.is_mask(b)
            }
            Operation::Gather(inner, _) => self.is_mask(inner),
            _ => false,
        }
    }

    /// True when one mask is 1 less the other.
    fn is_complement(&self, a: NodeId, b: NodeId) -> bool {
        let is_rest = |a: NodeId, b: NodeId| match self.node(a).operation {
            Operation::Binary(Binary::Subtract, one, rest) => self.constant_value(one) == Some(1.0) && rest == b,
            _ => false,
        };
        is_rest(a, b) || is_rest(b, a)
    }

    /// Lane `i` of the result is lane `index[i]` of `x`.
    pub fn gather(&mut self, x: NodeId, index: &[u32]) -> NodeId {
        if self.lanes(x) == 1 {
            return self.broadcast(x, index.len());
        }
        if is_identity(index, self.lanes(x)) {
            return x;
        }
        match &self.node(x).operation {
            Operation::Constant(value) => {
                let value = *value;
                return self.known(&vec![value; index.len()]);
            }
            Operation::Known(column) => {
                let numbers = self.columns.numbers(*column).clone();
                let picked: Vec<f64> = index.iter().map(|i| numbers[*i as usize]).collect();
                return self.known(&picked);
            }
            Operation::Gather(inner, first) => {
                let (inner, first) = (*inner, self.columns.positions(*first).clone());
                let composed: Vec<u32> = index.iter().map(|i| first[*i as usize]).collect();
                return self.gather(inner, &composed);
            }
            Operation::Position(offset) if is_contiguous(index) => {
                return self.position((*offset + index[0]) as usize, index.len());
            }
            Operation::Concatenate(parts) => {
                if let Some((part, within)) = self.single_part(&parts.clone(), index) {
                    return self.gather(part, &within);
                }
            }
            _ => {}
        }
        let id = self.columns.add_index(index);
        self.intern(Operation::Gather(x, id), index.len())
    }

    /// The part of a concatenation that all positions fall into, and the positions within it.
    fn single_part(&self, parts: &[NodeId], index: &[u32]) -> Option<(NodeId, Vec<u32>)> {
        let mut start = 0;
        for part in parts {
            let end = start + self.lanes(*part) as u32;
            if index.first().is_some_and(|i| (start..end).contains(i)) {
                let is_inside = index.iter().all(|i| (start..end).contains(i));
                return is_inside.then(|| (*part, index.iter().map(|i| i - start).collect()));
            }
            start = end;
        }
        None
    }

    /// All lanes of the parts, one part after the other.
    pub fn concatenate(&mut self, parts: &[NodeId]) -> NodeId {
        let mut flat: Vec<NodeId> = Vec::with_capacity(parts.len());
        for part in parts {
            match &self.node(*part).operation {
                Operation::Concatenate(inner) => flat.extend(inner.iter()),
                _ => flat.push(*part),
            }
        }
        let merged = self.merge_neighbours(&flat);
        if let [single] = merged[..] {
            return single;
        }
        if let Some(gathered) = self.gather_of_coordinates(&merged) {
            return gathered;
        }
        let lanes = merged.iter().map(|part| self.lanes(*part)).sum();
        self.intern(Operation::Concatenate(merged.into()), lanes)
    }

    /// Coordinates of the position in any order are one gather.
    fn gather_of_coordinates(&mut self, parts: &[NodeId]) -> Option<NodeId> {
        let coordinates = |part: &NodeId| match self.node(*part).operation {
            Operation::Position(offset) => Some(offset..offset + self.node(*part).lanes),
            _ => None,
        };
        let stretches = parts.iter().map(coordinates).collect::<Option<Vec<_>>>()?;
        let first = stretches.iter().map(|stretch| stretch.start).min()?;
        let end = stretches.iter().map(|stretch| stretch.end).max()?;
        let index: Vec<u32> = stretches.into_iter().flatten().map(|coordinate| coordinate - first).collect();
        let all = self.position(first as usize, (end - first) as usize);
        Some(self.gather(all, &index))
    }

    /// Joins neighbours that are known, that are consecutive coordinates, or that gather from one node.
    fn merge_neighbours(&mut self, parts: &[NodeId]) -> Vec<NodeId> {
        let mut merged: Vec<NodeId> = Vec::with_capacity(parts.len());
        let mut known: Vec<f64> = Vec::new();
        for part in parts {
            if let Some(column) = self.known_column(*part) {
                known.extend(column.iter());
                continue;
            }
            if !known.is_empty() {
                merged.push(self.known(&std::mem::take(&mut known)));
            }
            if let (Operation::Position(offset), Some(last)) = (&self.node(*part).operation, merged.last().copied())
                && let Operation::Position(first) = self.node(last).operation
                && first + self.node(last).lanes == *offset
            {
                let lanes = self.lanes(last) + self.lanes(*part);
                merged.pop();
                merged.push(self.position(first as usize, lanes));
                continue;
            }
            merged.push(*part);
        }
        if !known.is_empty() || merged.is_empty() {
            merged.push(self.known(&known));
        }
        self.merge_gathers(&merged)
    }

    /// Joins neighbours that gather from one node.
    fn merge_gathers(&mut self, parts: &[NodeId]) -> Vec<NodeId> {
        let source = |graph: &Self, part: NodeId| match graph.node(part).operation {
            Operation::Gather(x, index) => Some((x, index)),
            _ => None,
        };
        let mut merged = Vec::with_capacity(parts.len());
        for run in
            parts.chunk_by(|a, b| source(self, *a).map(|s| s.0) == source(self, *b).map(|s| s.0)).collect::<Vec<_>>()
        {
            match (run, source(self, run[0])) {
                ([_, _, ..], Some((x, _))) => {
                    let indices = run.iter().filter_map(|part| source(self, *part));
                    let index: Vec<u32> =
                        indices.flat_map(|(_, index)| self.columns.positions(index).iter().copied()).collect();
                    merged.push(self.gather(x, &index));
                }
                _ => merged.extend_from_slice(run),
            }
        }
        merged
    }

    /// The sum of all lanes. Sums are linear: known terms are summed now, factors of one lane move out.
    pub fn sum(&mut self, x: NodeId) -> NodeId {
        if let Some(column) = self.known_column(x) {
            // From 0, since an empty sum of floating-point numbers is -0.
            let total = column.iter().fold(0.0, |total, x| total + x);
            return self.constant(total);
        }
        if self.lanes(x) == 1 {
            return x;
        }
        let lanes = self.lanes(x);
        match self.node(x).operation.clone() {
            Operation::Unary(Unary::Negate, inner) => {
                let total = self.sum(inner);
                self.unary(Unary::Negate, total)
            }
            Operation::Binary(binary @ (Binary::Add | Binary::Subtract), a, b)
                if [a, b].iter().any(|id| self.is_cheap_sum(*id)) =>
            {
                let (a, b) = (self.sum_over(a, lanes), self.sum_over(b, lanes));
                self.binary(binary, a, b)
            }
            Operation::Binary(Binary::Multiply, a, b) if self.lanes(a) == 1 => {
                let total = self.sum(b);
                self.binary(Binary::Multiply, a, total)
            }
            Operation::Binary(Binary::Multiply, a, b) if self.lanes(b) == 1 => {
                let total = self.sum(a);
                self.binary(Binary::Multiply, b, total)
            }
            _ => self.intern(Operation::Sum(x), 1),
        }
    }

    /// True when the sum of all lanes needs no loop over them, or only one over what another factor leaves.
    fn is_cheap_sum(&self, x: NodeId) -> bool {
        match &self.node(x).operation {
            _ if self.lanes(x) == 1 || self.is_known(x) => true,
            Operation::Unary(Unary::Negate, inner) => self.is_cheap_sum(*inner),
            Operation::Binary(Binary::Multiply, a, b) => self.lanes(*a) == 1 || self.lanes(*b) == 1,
            _ => false,
        }
    }

    /// The sum of `x` over `lanes` lanes, through which one of a single lane is constant.
    pub fn sum_over(&mut self, x: NodeId, lanes: usize) -> NodeId {
        if self.lanes(x) == lanes {
            return self.sum(x);
        }
        let count = self.constant(lanes as f64);
        self.binary(Binary::Multiply, count, x)
    }

    /// Lane `i` of the result, of `groups` lanes, is the sum of the lanes `j` of `x` with `index[j] == i`.
    pub fn scatter_sum(&mut self, x: NodeId, index: &[u32], groups: usize) -> NodeId {
        let x = self.broadcast(x, index.len());
        if is_identity(index, groups) {
            return x;
        }
        if let Some(column) = self.known_column(x) {
            let mut sums = vec![0.0; groups];
            index.iter().zip(column.iter()).for_each(|(i, x)| sums[*i as usize] += x);
            return self.known(&sums);
        }
        if groups == 1 {
            return self.sum(x);
        }
        let id = self.columns.add_index(index);
        self.intern(Operation::ScatterSum(x, id), groups)
    }

    /// `x` in every one of `lanes` lanes.
    pub fn broadcast(&mut self, x: NodeId, lanes: usize) -> NodeId {
        if self.lanes(x) == lanes {
            return x;
        }
        if let Some(value) = self.constant_value(x) {
            return self.known(&vec![value; lanes]);
        }
        let index = self.columns.add_index(vec![0; lanes]);
        self.intern(Operation::Gather(x, index), lanes)
    }

    /// A known matrix (column by column, as many rows as the result has lanes) times `x`.
    pub fn known_matrix_vector(&mut self, matrix: &[f64], rows: usize, x: NodeId) -> NodeId {
        if let Some(numbers) = self.known_column(x) {
            let mut product = vec![0.0; rows];
            for (column, x) in matrix.chunks_exact(rows.max(1)).zip(numbers.iter()) {
                product.iter_mut().zip(column).for_each(|(sum, a)| *sum += a * x);
            }
            return self.known(&product);
        }
        let column = self.columns.add_numbers(matrix);
        self.intern(Operation::KnownMatrixVector(column, x), rows)
    }

    /// A scalar function of the table, lane by lane. `None` where known numbers are outside of its domain.
    pub fn elementwise(&mut self, function: crate::apply::Elementwise, operands: &[NodeId]) -> Option<NodeId> {
        let lanes = operands.iter().map(|id| self.lanes(*id)).fold(1, common_lanes);
        let known: Option<Vec<_>> = operands.iter().map(|id| self.known_column(*id)).collect();
        let Some(columns) = known else {
            return Some(self.intern(Operation::Elementwise(function, operands.into()), lanes));
        };
        let mut values = Vec::with_capacity(lanes);
        for i in 0..lanes {
            let x: Vec<f64> = columns.iter().map(|column| column[if column.len() == 1 { 0 } else { i }]).collect();
            values.push(function.call(&self.tables.plain, &x).ok()?);
        }
        Some(self.known(&values))
    }

    /// A function of whole columns whose `Debug` text says all that distinguishes it, so that equal calls are one node.
    pub fn shared_whole(
        &mut self,
        function: std::sync::Arc<dyn crate::apply::Whole>,
        x: NodeId,
        lanes: usize,
    ) -> NodeId {
        let id = self.shared_id(function);
        self.intern(Operation::Whole(id, x), lanes)
    }

    /// The function that stands for all equal ones.
    pub fn shared(
        &mut self,
        function: std::sync::Arc<dyn crate::apply::Whole>,
    ) -> std::sync::Arc<dyn crate::apply::Whole> {
        let id = self.shared_id(function);
        std::sync::Arc::clone(&self.wholes[id.0 as usize])
    }

    fn shared_id(&mut self, function: std::sync::Arc<dyn crate::apply::Whole>) -> super::WholeId {
        *self.shared_wholes.entry(format!("{function:?}")).or_insert_with(|| {
            self.wholes.push(function);
            super::WholeId(self.wholes.len() as u32 - 1)
        })
    }

    /// A function of whole columns: `lanes` results from the lanes of `x`.
    pub fn whole(&mut self, function: std::sync::Arc<dyn crate::apply::Whole>, x: NodeId, lanes: usize) -> NodeId {
        let id = super::WholeId(self.wholes.len() as u32);
        self.wholes.push(function);
        self.intern(Operation::Whole(id, x), lanes)
    }

    /// A loop that carries values, of which at least one is not known.
    pub fn scan(&mut self, scan: super::scan::Scan, inputs: &[NodeId]) -> NodeId {
        let (id, lanes) = (super::ScanId(self.scans.len() as u32), scan.lanes());
        self.scans.push(std::sync::Arc::new(scan));
        self.intern(Operation::Scan(id, inputs.into()), lanes)
    }

    /// A column that is not known yet; no other is equal to it.
    pub fn pending(&mut self, lanes: usize) -> NodeId {
        self.intern(Operation::Pending(self.nodes().len() as u32), lanes)
    }
}

/// The lanes of an operation whose operands have so many: one lane meets every lane of the other, none included.
fn common_lanes(a: usize, b: usize) -> usize {
    if a == 1 { b } else { a }
}

fn is_identity(index: &[u32], lanes: usize) -> bool {
    index.len() == lanes && is_contiguous(index) && index.first().is_none_or(|first| *first == 0)
}

pub(super) fn is_contiguous(index: &[u32]) -> bool {
    !index.is_empty() && index.windows(2).all(|pair| pair[0] + 1 == pair[1])
}
