//! Roots of systems of equations by Newton's method with a line search.
//!
//! Plain numbers only: the derivative of a root in the parameters of its system follows from the Jacobian matrix by the
//! implicit function theorem, which is why it is handed out too.

use crate::linear_algebra::{Matrix, MatrixRef, solve};

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RootControl {
    /// The largest absolute value of the equations at what is taken for a root.
    pub function_tolerance: f64,
    /// The number of steps after which there is taken to be no root.
    pub max_num_steps: u64,
}

/// A root, and the Jacobian matrix of the equations there.
#[derive(Clone, Debug, PartialEq)]
pub struct Root {
    /// Where the equations are 0.
    pub position: Vec<f64>,
    /// Row i: the derivatives of equation i.
    pub jacobian: Matrix<f64>,
}

/// Why there is no root.
#[derive(Clone, Debug, PartialEq)]
pub enum RootError<E> {
    /// The equations failed.
    Equations(E),
    /// There are as many equations as the first number, but as many unknowns as the second.
    Size(usize, usize),
    /// The Jacobian matrix is singular, or not finite.
    Singular,
    /// The equations are still this far from 0.
    NoConvergence(f64),
}

impl<E: std::fmt::Display> std::fmt::Display for RootError<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Equations(error) => error.fmt(f),
            Self::Size(n, m) => write!(f, "there are {n} equations for {m} unknowns"),
            Self::Singular => write!(f, "the Jacobian matrix of the equations is singular"),
            Self::NoConvergence(residual) => write!(f, "the equations are still {residual} from 0"),
        }
    }
}

/// The step of differences, relative to the unknown: the fifth root of the rounding error, for a rule of order 4.
const DIFFERENCE_STEP: f64 = 7e-4;
/// A Newton step is halved at most so often.
const MAX_HALVINGS: u32 = 30;
/// A step this small beside the unknowns changes nothing any more.
const NEGLIGIBLE_STEP: f64 = 1e-15;

/// The root of `equations` near `guess`. The Jacobian matrix is found by differences of order 4.
///
/// # Errors
/// [`RootError`].
pub fn find_root<E>(
    mut equations: impl FnMut(&[f64]) -> Result<Vec<f64>, E>,
    guess: &[f64],
    control: RootControl,
) -> Result<Root, RootError<E>> {
    let mut position = guess.to_vec();
    let mut residual = evaluate(&mut equations, &position)?;
    for _ in 0..control.max_num_steps {
        let jacobian = jacobian(&mut equations, &position)?;
        let step = newton_step(&jacobian, &residual)?;
        let is_negligible = step.iter().zip(&position).all(|(s, x)| s.abs() <= NEGLIGIBLE_STEP * x.abs());
        let moved = line_search(&mut equations, &position, &residual, &step)?;
        let (next, next_residual) = match moved {
            Some(better) if !is_negligible => better,
            // No step makes it better: this is as near as numbers go.
            _ => break,
        };
        (position, residual) = (next, next_residual);
    }
    let size = largest(&residual);
    // Written so that NaN fails.
    if size > control.function_tolerance || size.is_nan() {
        return Err(RootError::NoConvergence(size));
    }
    let jacobian = jacobian(&mut equations, &position)?;
    Ok(Root { position, jacobian })
}

fn evaluate<E>(
    equations: &mut impl FnMut(&[f64]) -> Result<Vec<f64>, E>,
    position: &[f64],
) -> Result<Vec<f64>, RootError<E>> {
    let values = equations(position).map_err(RootError::Equations)?;
    if values.len() != position.len() {
        return Err(RootError::Size(values.len(), position.len()));
    }
    Ok(values)
}

fn jacobian<E>(
    equations: &mut impl FnMut(&[f64]) -> Result<Vec<f64>, E>,
    position: &[f64],
) -> Result<Matrix<f64>, RootError<E>> {
    let n = position.len();
    let mut columns = Matrix::zeros(n, n);
    for (j, x) in position.iter().enumerate() {
        let h = DIFFERENCE_STEP * x.abs().max(1.0);
        let mut at = |offset: f64| {
            let mut moved = position.to_vec();
            moved[j] = x + offset;
            evaluate(equations, &moved)
        };
        let (near, far) = ((at(h)?, at(-h)?), (at(2.0 * h)?, at(-2.0 * h)?));
        for (i, entry) in columns.col_mut(j).iter_mut().enumerate() {
            *entry = (8.0 * (near.0[i] - near.1[i]) - (far.0[i] - far.1[i])) / (12.0 * h);
        }
    }
    Ok(columns)
}

fn newton_step<E>(jacobian: &Matrix<f64>, residual: &[f64]) -> Result<Vec<f64>, RootError<E>> {
    let step = solve(jacobian.view(), MatrixRef::column(residual)).map_err(|_| RootError::Singular)?;
    if step.as_slice().iter().any(|x| !x.is_finite()) {
        return Err(RootError::Singular);
    }
    Ok(step.into_entries())
}

/// The first of the whole, half, quarter, ... step that brings the equations nearer to 0, and their values there.
#[expect(clippy::type_complexity, reason = "a pair of vectors needs no name of its own")]
fn line_search<E>(
    equations: &mut impl FnMut(&[f64]) -> Result<Vec<f64>, E>,
    position: &[f64],
    residual: &[f64],
    step: &[f64],
) -> Result<Option<(Vec<f64>, Vec<f64>)>, RootError<E>> {
    let size = largest(residual);
    let mut share = 1.0;
    for _ in 0..MAX_HALVINGS {
        let moved: Vec<f64> = position.iter().zip(step).map(|(x, s)| x - share * s).collect();
        let values = evaluate(equations, &moved)?;
        if largest(&values) < size || size.is_nan() {
            return Ok(Some((moved, values)));
        }
        share *= 0.5;
    }
    Ok(None)
}

fn largest(residual: &[f64]) -> f64 {
    residual.iter().map(|x| x.abs()).fold(0.0, |a, b| if b.is_nan() || a.is_nan() { f64::NAN } else { a.max(b) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTROL: RootControl = RootControl { function_tolerance: 1e-10, max_num_steps: 200 };

    #[test]
    fn a_nonlinear_system_is_solved_with_its_jacobian() {
        let equations = |x: &[f64]| Ok::<_, ()>(vec![x[0] * x[0] + x[1] * x[1] - 4.0, x[0] - x[1]]);
        let root = find_root(equations, &[1.0, 0.5], CONTROL).unwrap();
        let expected = 2f64.sqrt();
        assert!(root.position.iter().all(|x| (x - expected).abs() < 1e-14), "{:?}", root.position);
        assert!((root.jacobian[(0, 1)] - 2.0 * expected).abs() < 1e-11);
        assert!((root.jacobian[(1, 1)] + 1.0).abs() < 1e-11);
    }

    #[test]
    fn equations_without_a_root_are_an_error() {
        let found = find_root(|x: &[f64]| Ok::<_, ()>(vec![x[0] * x[0] + 1.0]), &[2.0], CONTROL);
        assert!(matches!(found, Err(RootError::NoConvergence(_) | RootError::Singular)), "{found:?}");
        let found = find_root(|_: &[f64]| Ok::<_, ()>(vec![0.0, 0.0]), &[2.0], CONTROL);
        assert_eq!(found, Err(RootError::Size(2, 1)));
    }
}
