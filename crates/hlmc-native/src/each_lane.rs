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
        with_numbers([n_inputs, n_outputs], |[x, y]| {
            for lane in 0..self.lanes {
                take_lane(inputs, (lane, self.lanes), x);
                self.forward_lane(lane, x, y)?;
                entries_of(outputs, (lane, self.lanes)).zip(&*y).for_each(|(output, y)| *output = *y);
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
        let (n_inputs, n_outputs) = (self.n_inputs(inputs), self.n_outputs);
        with_numbers([n_inputs, n_inputs, n_outputs, n_outputs], |[x, x_bar, y, y_bar]| {
            for lane in 0..self.lanes {
                let at = (lane, self.lanes);
                take_lane(adjoint_outputs, at, y_bar);
                if y_bar.iter().all(|adjoint| *adjoint == 0.0) {
                    continue;
                }
                take_lane(inputs, at, x);
                take_lane(outputs, at, y);
                x_bar.fill(0.0);
                self.reverse_lane(lane, x, y, y_bar, x_bar)?;
                entries_of(adjoint_inputs, at).zip(&*x_bar).for_each(|(sum, adjoint)| *sum += adjoint);
            }
            Ok(())
        })
    }

    fn each_lane(&self) -> Option<&EachLane> {
        Some(self)
    }
}

fn take_lane(column: &[f64], (lane, lanes): (usize, usize), numbers: &mut [f64]) {
    let entries = column.get(lane..).unwrap_or(&[]).iter().step_by(lanes);
    numbers.iter_mut().zip(entries).for_each(|(number, entry)| *number = *entry);
}

fn entries_of(column: &mut [f64], (lane, lanes): (usize, usize)) -> impl Iterator<Item = &mut f64> {
    column.get_mut(lane..).unwrap_or(&mut []).iter_mut().step_by(lanes)
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
