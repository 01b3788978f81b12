//! The matrix exponential, by scaling and squaring with a Padé approximant (Higham 2005).

use super::{Matrix, MatrixError, MatrixRef, multiply, solve};
use crate::Real;

/// The Padé coefficients of degree 13.
const PADE: [f64; 14] = [
    64_764_752_532_480_000.0,
    32_382_376_266_240_000.0,
    7_771_770_303_897_600.0,
    1_187_353_796_428_800.0,
    129_060_195_264_000.0,
    10_559_470_521_600.0,
    670_442_572_800.0,
    33_522_128_640.0,
    1_323_241_920.0,
    40_840_800.0,
    960_960.0,
    16_380.0,
    182.0,
    1.0,
];
/// The largest 1-norm for which the approximant is exact to rounding.
const LARGEST_NORM: f64 = 5.371920351148152;

/// e^A.
///
/// # Errors
/// [`MatrixError::Size`] if A is not square; [`MatrixError::NoConvergence`] if an entry is not finite.
pub fn matrix_exp<T: Real>(a: MatrixRef<'_, T>) -> Result<Matrix<T>, MatrixError> {
    let n = a.square_size()?;
    let norm = (0..n).map(|j| a.col(j).iter().map(|entry| entry.value().abs()).sum()).fold(0.0, f64::max);
    if !a.as_slice().iter().all(|entry| entry.value().is_finite()) || norm == f64::INFINITY {
        return Err(MatrixError::NoConvergence);
    }
    let halvings = (norm / LARGEST_NORM).log2().ceil().max(0.0) as i32;
    let scale = 0.5_f64.powi(halvings);
    let scaled = Matrix::from_fn(n, n, |i, j| a[(i, j)] * scale);
    let mut power = pade(&scaled)?;
    for _ in 0..halvings {
        power = multiply(power.view(), power.view())?;
    }
    Ok(power)
}

/// Solves Q X = P for the even and odd parts P = V + U, Q = V - U.
fn pade<T: Real>(a: &Matrix<T>) -> Result<Matrix<T>, MatrixError> {
    let n = a.rows();
    let square = multiply(a.view(), a.view())?;
    let fourth = multiply(square.view(), square.view())?;
    let sixth = multiply(fourth.view(), square.view())?;
    let combine = |c6: f64, c4: f64, c2: f64, c0: f64| {
        Matrix::from_fn(n, n, |i, j| {
            let sum = sixth[(i, j)] * c6 + fourth[(i, j)] * c4 + square[(i, j)] * c2;
            if i == j { sum + c0 } else { sum }
        })
    };
    let sum = |x: &Matrix<T>, y: &Matrix<T>, sign: f64| Matrix::from_fn(n, n, |i, j| x[(i, j)] + y[(i, j)] * sign);
    let odd_high = multiply(sixth.view(), combine(PADE[13], PADE[11], PADE[9], 0.0).view())?;
    let odd = multiply(a.view(), sum(&odd_high, &combine(PADE[7], PADE[5], PADE[3], PADE[1]), 1.0).view())?;
    let even_high = multiply(sixth.view(), combine(PADE[12], PADE[10], PADE[8], 0.0).view())?;
    let even = sum(&even_high, &combine(PADE[6], PADE[4], PADE[2], PADE[0]), 1.0);
    solve(sum(&even, &odd, -1.0).view(), sum(&even, &odd, 1.0).view())
}
