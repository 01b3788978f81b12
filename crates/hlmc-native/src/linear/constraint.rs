//! Constraints of whole vectors and matrices, as in `hlmc_math::constraints`, with adjoints by hand.

use hlmc_builtins::Fault;

use crate::apply::Whole;

/// A vector that sums to zero, from one coordinate less.
///
/// Coordinate n, divided by `sqrt(n (n + 1))`, is added to the n values before value n + 1 and taken n times from that:
/// pivot coordinates (Filzmoser, Hron and Templ 2018, chapter 3).
#[derive(Debug)]
pub struct SumToZero;

impl SumToZero {
    /// `1 / sqrt(n (n + 1))` for the coordinate at `index`, and n.
    fn weight(index: usize) -> (f64, f64) {
        let n = (index + 1) as f64;
        (1.0 / (n * (n + 1.0)).sqrt(), n)
    }
}

impl Whole for SumToZero {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        outputs.fill(0.0);
        let mut sum = 0.0;
        for (index, y) in inputs.iter().enumerate().rev() {
            let (scale, n) = Self::weight(index);
            let weight = y * scale;
            sum += weight;
            outputs[index] += sum;
            outputs[index + 1] -= weight * n;
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
        for (index, adjoint) in adjoint_inputs.iter_mut().enumerate() {
            let (scale, n) = Self::weight(index);
            sum += adjoint_outputs[index];
            *adjoint += (sum - n * adjoint_outputs[index + 1]) * scale;
        }
        Ok(())
    }
}

/// The lower triangle of the Cholesky factor of a correlation matrix, row by row with the diagonal, from partial
/// correlations `z` and `s = sqrt(1 - z^2)`, which are the inputs: all of `z`, row by row, then all of `s`.
///
/// `L[i, j] = z[i, j] w[i, j]` and `L[i, i] = w[i, i]` with `w[i, j] = s[i, 0] ... s[i, j - 1]`, the length that is left of
/// the row (Lewandowski, Kurowicka and Joe 2009). The outputs behind the triangle are `w` below the diagonal, row by row.
#[derive(Debug)]
pub struct CorrelationFactor {
    /// The size of the matrix.
    pub size: usize,
}

impl CorrelationFactor {
    /// The number of entries on and below the diagonal, which come first among the outputs.
    #[must_use]
    pub fn n_entries(&self) -> usize {
        self.size * (self.size + 1) / 2
    }

    /// The number of outputs.
    #[must_use]
    pub fn n_outputs(&self) -> usize {
        self.size * self.size
    }
}

impl Whole for CorrelationFactor {
    fn forward(&self, inputs: &[f64], outputs: &mut [f64]) -> Result<(), Fault> {
        let (z, s) = inputs.split_at(inputs.len() / 2);
        let (entries, lengths) = outputs.split_at_mut(self.n_entries());
        let mut pair = 0;
        for i in 0..self.size {
            let row = &mut entries[i * (i + 1) / 2..][..i + 1];
            let mut length = 1.0;
            for entry in &mut row[..i] {
                lengths[pair] = length;
                *entry = z[pair] * length;
                length *= s[pair];
                pair += 1;
            }
            row[i] = length;
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
        let n_pairs = inputs.len() / 2;
        let (z, s) = inputs.split_at(n_pairs);
        let (z_bar, s_bar) = adjoint_inputs.split_at_mut(n_pairs);
        let lengths = &outputs[self.n_entries()..];
        for i in 1..self.size {
            let row = &adjoint_outputs[i * (i + 1) / 2..][..i + 1];
            let mut length_bar = row[i];
            for j in (0..i).rev() {
                let pair = i * (i - 1) / 2 + j;
                z_bar[pair] += row[j] * lengths[pair];
                s_bar[pair] += length_bar * lengths[pair];
                length_bar = row[j] * z[pair] + length_bar * s[pair];
            }
        }
        Ok(())
    }
}
