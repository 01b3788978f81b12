//! Functions of whole columns applied lane by lane: each lane of a loop has a few numbers of its own, and a function of
//! these.
//!
//! Columns stand entry by entry: entry `j` of lane `i` is at `j * lanes + i`, for what goes in and for what comes out, so
//! that the lanes of one entry are neighbours.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;

use hlmc_builtins::Fault;

use crate::apply::Whole;

/// A function of whole columns, applied to the numbers of each lane.
///
/// In a branch that some lanes do not take, the last entry is the mask: in lanes where it is 0 no function is called, the
/// results are 0, and nothing depends on them.
#[derive(Clone)]
pub struct EachLane {
    lanes: usize,
    functions: Arc<[Arc<dyn Whole>]>,
    /// Which function each lane has; empty where there is one for all.
    choice: Arc<[u32]>,
    n_outputs: usize,
    is_masked: bool,
}

impl EachLane {
    /// One function for all lanes, with `n_outputs` results a lane.
    #[must_use]
    pub fn new(lanes: usize, function: Arc<dyn Whole>, n_outputs: usize) -> Self {
        EachLane { lanes, functions: Arc::from([function]), choice: Arc::from([]), n_outputs, is_masked: false }
    }

    /// Functions of which each lane has the one of its choice.
    #[must_use]
    pub fn of_choice(choice: Arc<[u32]>, functions: Arc<[Arc<dyn Whole>]>, n_outputs: usize) -> Self {
        EachLane { lanes: choice.len(), functions, choice, n_outputs, is_masked: false }
    }

    /// The same with a mask behind the inputs.
    #[must_use]
    pub fn masked(self) -> Self {
        EachLane { is_masked: true, ..self }
    }

    /// The number of lanes.
    #[must_use]
    pub fn lanes(&self) -> usize {
        self.lanes
    }

    /// The number of results of a lane.
    #[must_use]
    pub fn n_outputs(&self) -> usize {
        self.n_outputs
    }

    /// The function of a lane and its inputs, of those that the lane has; `None` where the lane is masked.
    fn call_of<'a>(&self, lane: usize, inputs: &'a [f64]) -> Option<(&dyn Whole, &'a [f64])> {
        let function = &**self.functions.get(self.choice.get(lane).map_or(0, |choice| *choice as usize))?;
        match inputs.split_last() {
            Some((mask, inputs)) if self.is_masked => (*mask != 0.0).then_some((function, inputs)),
            _ => Some((function, inputs)),
        }
    }

    /// The results of one lane.
    ///
    /// # Errors
    /// What the function faults with.
    pub fn forward_lane(&self, lane: usize, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        match self.call_of(lane, inputs) {
            Some((function, inputs)) => function.forward(inputs, outputs),
            None => {
                outputs.fill(0.0);
                Ok(())
            }
        }
    }

    /// Adds to the adjoints of the inputs of one lane. The adjoints of the outputs may be overwritten.
    ///
    /// # Errors
    /// What the function faults with.
    pub fn reverse_lane(
        &self,
        lane: usize,
        inputs: &[f64],
        outputs: &[f64],
        adjoint_outputs: &mut [f64],
        adjoint_inputs: &mut [f64],
    ) -> Result<(), Fault> {
        match self.call_of(lane, inputs) {
            Some((function, inputs)) => {
                let adjoint_inputs = &mut adjoint_inputs[..inputs.len()];
                function.reverse(inputs, outputs, adjoint_outputs, adjoint_inputs)
            }
            None => Ok(()),
        }
    }

    fn n_inputs(&self, column: &[f64]) -> usize {
        column.len() / self.lanes.max(1)
    }

    fn blocks(&self) -> impl Iterator<Item = Block> + use<> {
        let lanes = self.lanes;
        (0..lanes).step_by(BLOCK).map(move |start| Block { start, end: (start + BLOCK).min(lanes), lanes })
    }
}

/// Functions are told apart by where they are: a graph keeps all that it has.
impl fmt::Debug for EachLane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let functions: Vec<*const ()> = self.functions.iter().map(|function| Arc::as_ptr(function).cast()).collect();
        let choice = Arc::as_ptr(&self.choice).cast::<()>();
        let EachLane { lanes, n_outputs, is_masked, .. } = self;
        f.debug_tuple("EachLane")
            .field(lanes)
            .field(&functions)
            .field(&choice)
            .field(n_outputs)
            .field(is_masked)
            .finish()
    }
}

/// Two are equal that apply the same functions.
impl PartialEq for EachLane {
    fn eq(&self, other: &Self) -> bool {
        let is_same = |(a, b): (&Arc<dyn Whole>, &Arc<dyn Whole>)| Arc::ptr_eq(a, b);
        (self.lanes, &self.choice, self.is_masked) == (other.lanes, &other.choice, other.is_masked)
            && self.functions.len() == other.functions.len()
            && self.functions.iter().zip(other.functions.iter()).all(is_same)
    }
}

impl Whole for EachLane {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let (n_inputs, n_outputs) = (self.n_inputs(inputs), self.n_outputs);
        with_numbers([BLOCK * n_inputs, BLOCK * n_outputs], |[x, y]| {
            for block in self.blocks() {
                block.take(inputs, x);
                for i in 0..block.len() {
                    self.forward_lane(block.start + i, row(x, i, n_inputs), row_mut(y, i, n_outputs))?;
                }
                block.put(y, outputs, |output, y| *output = y);
            }
            Ok(())
        })
    }

    fn reverse(
        &self,
        inputs: &[f64],
        outputs: &[f64],
        adjoint_outputs: &mut [f64],
        adjoint_inputs: &mut [f64],
    ) -> Result<(), Fault> {
        let (n, m) = (self.n_inputs(inputs), self.n_outputs);
        with_numbers([BLOCK * n, BLOCK * n, BLOCK * m, BLOCK * m], |[x, x_bar, y, y_bar]| {
            for block in self.blocks() {
                block.take(inputs, x);
                block.take(outputs, y);
                block.take(adjoint_outputs, y_bar);
                x_bar.fill(0.0);
                for i in 0..block.len() {
                    let y_bar = row_mut(y_bar, i, m);
                    if y_bar.iter().any(|adjoint| *adjoint != 0.0) {
                        self.reverse_lane(block.start + i, row(x, i, n), row(y, i, m), y_bar, row_mut(x_bar, i, n))?;
                    }
                }
                block.put(x_bar, adjoint_inputs, |sum, x_bar| *sum += x_bar);
            }
            Ok(())
        })
    }

    fn each_lane(&self) -> Option<&EachLane> {
        Some(self)
    }
}

/// Neighbouring lanes, whose numbers are copied together: an entry of these is one line of the cache.
struct Block {
    start: usize,
    end: usize,
    lanes: usize,
}

/// Lanes of a block.
const BLOCK: usize = 8;

impl Block {
    fn len(&self) -> usize {
        self.end - self.start
    }

    /// Copies the lanes of a column to rows, one a lane.
    fn take(&self, column: &[f64], rows: &mut [f64]) {
        let size = rows.len() / BLOCK;
        for (entry, lanes) in column.chunks_exact(self.lanes).enumerate() {
            match <&[f64; BLOCK]>::try_from(&lanes[self.start..self.end]) {
                Ok(lanes) => (0..BLOCK).for_each(|i| rows[i * size + entry] = lanes[i]),
                Err(_) => {
                    (self.start..self.end).for_each(|lane| rows[(lane - self.start) * size + entry] = lanes[lane])
                }
            }
        }
    }

    /// Hands the rows back to the lanes of a column.
    fn put(&self, rows: &[f64], column: &mut [f64], f: impl Fn(&mut f64, f64)) {
        let size = rows.len() / BLOCK;
        for (entry, lanes) in column.chunks_exact_mut(self.lanes).enumerate() {
            let lanes = &mut lanes[self.start..self.end];
            match <&mut [f64; BLOCK]>::try_from(&mut *lanes) {
                Ok(lanes) => (0..BLOCK).for_each(|i| f(&mut lanes[i], rows[i * size + entry])),
                Err(_) => lanes.iter_mut().enumerate().for_each(|(i, lane)| f(lane, rows[i * size + entry])),
            }
        }
    }
}

/// A row of so many numbers.
fn row(rows: &[f64], i: usize, size: usize) -> &[f64] {
    &rows[i * size..][..size]
}

fn row_mut(rows: &mut [f64], i: usize, size: usize) -> &mut [f64] {
    &mut rows[i * size..][..size]
}

thread_local! {
    /// Numbers of one lane, kept from call to call: a gradient takes no memory.
    static NUMBERS: Cell<Vec<f64>> = const { Cell::new(Vec::new()) };
}

/// Runs `f` with columns of these lengths, which are zeros at first.
pub(crate) fn with_numbers<const N: usize, T>(lengths: [usize; N], f: impl FnOnce([&mut [f64]; N]) -> T) -> T {
    // Taken, not borrowed: a function that is called meanwhile makes numbers of its own.
    let mut numbers = NUMBERS.take();
    numbers.clear();
    numbers.resize(lengths.iter().sum(), 0.0);
    let mut rest = &mut numbers[..];
    let columns = lengths.map(|length| {
        let (column, others) = std::mem::take(&mut rest).split_at_mut(length);
        rest = others;
        column
    });
    let result = f(columns);
    NUMBERS.set(numbers);
    result
}
