//! Running sums, products, and sums of exponentials.

use hlmc_builtins::Fault;

use super::dense::{add_scaled, dot};
use crate::apply::Whole;

/// Output `i` is the sum of inputs `0..=i`.
#[derive(Debug)]
pub struct CumulativeSum;

impl Whole for CumulativeSum {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let mut sum = 0.0;
        for (output, input) in outputs.iter_mut().zip(inputs) {
            sum += input;
            *output = sum;
        }
        Ok(())
    }

    fn reverse(
        &self,
        _inputs: &[f64],
        _outputs: &[f64],
        adjoint_outputs: &mut [f64],
        adjoint_inputs: &mut [f64],
    ) -> Result<(), Fault> {
        let mut sum = 0.0;
        for (input, output) in adjoint_inputs.iter_mut().zip(&*adjoint_outputs).rev() {
            sum += output;
            *input += sum;
        }
        Ok(())
    }
}

/// The product of all inputs; the outputs behind it, one an input, are the products of the inputs before.
#[derive(Debug)]
pub struct ProductOfAll;

impl Whole for ProductOfAll {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let (value, before) = outputs.split_at_mut(1);
        value[0] = 1.0;
        for (before, input) in before.iter_mut().zip(inputs) {
            *before = value[0];
            value[0] *= input;
        }
        Ok(())
    }

    fn reverse(
        &self,
        inputs: &[f64],
        outputs: &[f64],
        adjoint_outputs: &mut [f64],
        adjoint_inputs: &mut [f64],
    ) -> Result<(), Fault> {
        // The products of the inputs behind, so that an input of 0 needs no division.
        let mut behind = adjoint_outputs[0];
        for ((sum, before), input) in adjoint_inputs.iter_mut().zip(&outputs[1..]).zip(inputs).rev() {
            *sum += before * behind;
            behind *= input;
        }
        Ok(())
    }
}

/// `log(sum(exp(x)))`
#[derive(Debug)]
pub struct LogSumExp;

impl Whole for LogSumExp {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        outputs[0] = log_sum_exp(inputs);
        Ok(())
    }

    fn reverse(
        &self,
        inputs: &[f64],
        outputs: &[f64],
        adjoint_outputs: &mut [f64],
        adjoint_inputs: &mut [f64],
    ) -> Result<(), Fault> {
        let (adjoint, log_total) = (adjoint_outputs[0], outputs[0]);
        adjoint_inputs.iter_mut().zip(inputs).for_each(|(sum, x)| *sum += adjoint * (x - log_total).exp());
        Ok(())
    }
}

/// `exp(x) / sum(exp(x))`
///
/// `x_bar += y (y_bar - y' y_bar)` for the values `y`.
#[derive(Debug)]
pub struct Softmax;

impl Whole for Softmax {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let largest = inputs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        outputs.iter_mut().zip(inputs).for_each(|(output, x)| *output = (x - largest).exp());
        let scale = 1.0 / outputs.iter().sum::<f64>();
        outputs.iter_mut().for_each(|output| *output *= scale);
        Ok(())
    }

    fn reverse(
        &self,
        _inputs: &[f64],
        outputs: &[f64],
        adjoint_outputs: &mut [f64],
        adjoint_inputs: &mut [f64],
    ) -> Result<(), Fault> {
        let mean = dot(outputs, adjoint_outputs);
        for ((sum, output), adjoint) in adjoint_inputs.iter_mut().zip(outputs).zip(adjoint_outputs) {
            *sum += output * (*adjoint - mean);
        }
        Ok(())
    }
}

/// `x - log(sum(exp(x)))`
///
/// `x_bar += y_bar - exp(y) sum(y_bar)` for the values `y`.
#[derive(Debug)]
pub struct LogSoftmax;

impl Whole for LogSoftmax {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let log_total = log_sum_exp(inputs);
        outputs.iter_mut().zip(inputs).for_each(|(output, x)| *output = x - log_total);
        Ok(())
    }

    fn reverse(
        &self,
        _inputs: &[f64],
        outputs: &[f64],
        adjoint_outputs: &mut [f64],
        adjoint_inputs: &mut [f64],
    ) -> Result<(), Fault> {
        let total: f64 = adjoint_outputs.iter().sum();
        add_scaled(adjoint_inputs, 1.0, adjoint_outputs);
        adjoint_inputs.iter_mut().zip(outputs).for_each(|(sum, output)| *sum -= total * output.exp());
        Ok(())
    }
}

/// The logarithm of a sum of exponentials, without overflow.
fn log_sum_exp(x: &[f64]) -> f64 {
    let largest = x.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if !largest.is_finite() {
        return largest;
    }
    largest + x.iter().map(|x| (x - largest).exp()).sum::<f64>().ln()
}
