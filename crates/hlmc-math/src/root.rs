//! Roots of systems of equations by Newton's method with a line search.
//!
//! Plain numbers only: the derivative of a root in the parameters of its system follows from the Jacobian matrix by the
//! implicit function theorem, which is why it is handed out too.

use crate::linear_algebra::{Matrix, solve_in_place};

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
    let n = guess.len();
    let mut numbers = vec![0.0; RootRoom::length(n)];
    let mut room = RootRoom::new(&mut numbers, n);
    room.position.copy_from_slice(guess);
    let mut in_place = |position: &[f64], values: &mut [f64]| {
        let found = equations(position).map_err(RootError::Equations)?;
        if found.len() != n {
            return Err(RootError::Size(found.len(), n));
        }
        values.copy_from_slice(&found);
        Ok(())
    };
    find_root_in_place(&mut in_place, &mut room, control)?;
    let jacobian = Matrix::from_fn(n, n, |i, j| room.jacobian[i + j * n]);
    Ok(Root { position: room.position.to_vec(), jacobian })
}

/// Room for a system of equations: where its root is looked for, and what is needed on the way.
#[derive(Debug)]
pub struct RootRoom<'a> {
    /// The guess, and then the root.
    pub position: &'a mut [f64],
    /// The Jacobian matrix at the root, column by column.
    pub jacobian: &'a mut [f64],
    /// A matrix that nobody reads afterwards.
    pub spare: &'a mut [f64],
    residual: &'a mut [f64],
    step: &'a mut [f64],
    moved: &'a mut [f64],
    values: &'a mut [f64],
}

impl<'a> RootRoom<'a> {
    /// The number of numbers for `n` equations.
    #[must_use]
    pub fn length(n: usize) -> usize {
        5 * n + 2 * n * n
    }

    /// Divides numbers of this length.
    #[must_use]
    pub fn new(numbers: &'a mut [f64], n: usize) -> Self {
        let (position, rest) = numbers.split_at_mut(n);
        let (jacobian, rest) = rest.split_at_mut(n * n);
        let (spare, rest) = rest.split_at_mut(n * n);
        let (residual, rest) = rest.split_at_mut(n);
        let (step, rest) = rest.split_at_mut(n);
        let (moved, values) = rest.split_at_mut(n);
        RootRoom { position, jacobian, spare, residual, step, moved, values: &mut values[..n] }
    }
}

/// [`find_root`] from the room's position on, where `equations` writes its values and nothing is allocated.
///
/// # Errors
/// What the equations fail with, and [`RootError`].
pub fn find_root_in_place<E>(
    equations: &mut impl FnMut(&[f64], &mut [f64]) -> Result<(), RootError<E>>,
    room: &mut RootRoom<'_>,
    control: RootControl,
) -> Result<(), RootError<E>> {
    equations(room.position, room.residual)?;
    for _ in 0..control.max_num_steps {
        make_jacobian(equations, room)?;
        newton_step(room)?;
        let is_negligible = room.step.iter().zip(&*room.position).all(|(s, x)| s.abs() <= NEGLIGIBLE_STEP * x.abs());
        // No step makes it better: this is as near as numbers go.
        if !line_search(equations, room)? || is_negligible {
            break;
        }
        room.position.copy_from_slice(room.moved);
        room.residual.copy_from_slice(room.values);
    }
    let size = largest(room.residual);
    // Written so that NaN fails.
    if size > control.function_tolerance || size.is_nan() {
        return Err(RootError::NoConvergence(size));
    }
    make_jacobian(equations, room)
}

fn make_jacobian<E>(
    equations: &mut impl FnMut(&[f64], &mut [f64]) -> Result<(), RootError<E>>,
    room: &mut RootRoom<'_>,
) -> Result<(), RootError<E>> {
    let n = room.position.len();
    room.moved.copy_from_slice(room.position);
    for (j, column) in room.jacobian.chunks_exact_mut(n.max(1)).enumerate() {
        let h = DIFFERENCE_STEP * room.position[j].abs().max(1.0);
        column.fill(0.0);
        for (steps, weight) in [(1.0, 8.0), (-1.0, -8.0), (2.0, -1.0), (-2.0, 1.0)] {
            room.moved[j] = room.position[j] + steps * h;
            equations(room.moved, room.values)?;
            column.iter_mut().zip(&*room.values).for_each(|(entry, value)| *entry += weight * value);
        }
        column.iter_mut().for_each(|entry| *entry /= 12.0 * h);
        room.moved[j] = room.position[j];
    }
    Ok(())
}

fn newton_step<E>(room: &mut RootRoom<'_>) -> Result<(), RootError<E>> {
    room.spare.copy_from_slice(room.jacobian);
    room.step.copy_from_slice(room.residual);
    solve_in_place(room.spare, room.step);
    if room.step.iter().any(|x| !x.is_finite()) {
        return Err(RootError::Singular);
    }
    Ok(())
}

/// Looks for the first of the whole, half, quarter, ... step that brings the equations nearer to 0; false if there is none.
fn line_search<E>(
    equations: &mut impl FnMut(&[f64], &mut [f64]) -> Result<(), RootError<E>>,
    room: &mut RootRoom<'_>,
) -> Result<bool, RootError<E>> {
    let size = largest(room.residual);
    let mut share = 1.0;
    for _ in 0..MAX_HALVINGS {
        let ends = room.position.iter().zip(&*room.step).map(|(x, s)| x - share * s);
        room.moved.iter_mut().zip(ends).for_each(|(moved, end)| *moved = end);
        equations(room.moved, room.values)?;
        if largest(room.values) < size || size.is_nan() {
            return Ok(true);
        }
        share *= 0.5;
    }
    Ok(false)
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
