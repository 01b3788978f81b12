//! Systems of equations.
//!
//! All names lead to one solver, Newton's method with a line search. The root is found on plain numbers; one more Newton
//! step on numbers of the engine then gives it the derivatives that the implicit function theorem says.

use hlmc_math::Real;
use hlmc_math::linear_algebra::{Matrix, MatrixRef, inverse};
use hlmc_math::root::{RootControl, RootError, find_root};

use super::{Handed, higher_order};
use crate::fault::Fault;
use crate::signature::HigherOrder;
use crate::table::{Call, Function};
use crate::value::Value;

/// What Stan's solvers default to.
const DEFAULT: RootControl = RootControl { function_tolerance: 1e-6, max_num_steps: 1000 };
/// Relative tolerance, function tolerance and the largest number of steps.
const N_CONTROL: usize = 3;
/// In the old spelling: guess, parameters and data.
const N_OLD: usize = 4;

/// The shape of a solver, without and with controls.
macro_rules! shape {
    ($name:literal, $controls:literal) => {
        &HigherOrder {
            callback: "vector f(vector, ...)",
            call: concat!("vector ", $name, "(vector", $controls, ", ...)"),
            callback_data: &[],
            takes_densities: false,
        }
    };
}

/// The shape of a solver in the old spelling, without and with controls.
macro_rules! old_shape {
    ($name:literal, $tail:literal) => {
        &HigherOrder {
            callback: "vector f(vector, vector, data array[] real, data array[] int)",
            call: concat!("vector ", $name, "(vector, vector, data array[] real, data array[] int", $tail),
            callback_data: &[2, 3],
            takes_densities: false,
        }
    };
}

const DOC: &str = "The vector y near a guess with f(y, ...) = 0, by Newton's method. Rejects systems of which no root is \
                   found within the function tolerance.";
const OLD_DOC: &str = "The old spelling of solve_newton: f takes parameters, real data and integer data.";

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    vec![
        higher_order("solve_newton", shape!("solve_newton", ""), |call| solve(call, DEFAULT, 1, 0), DOC),
        higher_order("solve_powell", shape!("solve_powell", ""), |call| solve(call, DEFAULT, 1, 0), DOC),
        higher_order(
            "solve_newton_tol",
            shape!("solve_newton_tol", ", data real, data real, data int"),
            solve_with_controls,
            DOC,
        ),
        higher_order(
            "solve_powell_tol",
            shape!("solve_powell_tol", ", data real, data real, data int"),
            solve_with_controls,
            DOC,
        ),
        higher_order(
            "algebra_solver",
            old_shape!("algebra_solver", ", data real, data real, data real)"),
            solve_old,
            OLD_DOC,
        ),
        higher_order("algebra_solver", old_shape!("algebra_solver", ")"), solve_old, OLD_DOC),
        higher_order(
            "algebra_solver_newton",
            old_shape!("algebra_solver_newton", ", data real, data real, data real)"),
            solve_old,
            OLD_DOC,
        ),
        higher_order("algebra_solver_newton", old_shape!("algebra_solver_newton", ")"), solve_old, OLD_DOC),
    ]
}

fn solve_with_controls<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let control = control(call, 1)?;
    solve(call, control, 1 + N_CONTROL, 0)
}

fn solve_old<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    let n_last = call.arguments.len().saturating_sub(N_OLD);
    let control = if n_last > 0 { control(call, N_OLD)? } else { DEFAULT };
    solve(call, control, 1, n_last)
}

/// The controls from position `first` on. Steps go on until they change nothing, so that the relative tolerance is met.
fn control<A: Real>(call: &Call<'_, A>, first: usize) -> Result<RootControl, Fault> {
    let (relative, function, steps) = (call.real(first)?, call.real(first + 1)?, call.real(first + 2)?);
    if !(relative.value() >= 0.0 && function.value() >= 0.0 && steps.value() > 0.0) {
        return Err(Fault::rejection("tolerances must be nonnegative, and the number of steps positive"));
    }
    // Saturates.
    Ok(RootControl { function_tolerance: function.value(), max_num_steps: steps.value() as u64 })
}

/// The root of the function given, whose extra arguments start at `first_extra` and leave out the `n_last` last.
fn solve<A: Real>(
    call: &mut Call<'_, A>,
    control: RootControl,
    first_extra: usize,
    n_last: usize,
) -> Result<Value<A>, Fault> {
    let guess = call.reals(0)?.entries.values().into_owned();
    let mut handed = Handed::of(call, first_extra)?;
    let n_extra = handed.extra.len().saturating_sub(n_last);
    handed.extra = handed.extra.get(..n_extra).unwrap_or(&[]);
    let mut equations = |y: &[f64]| handed.entries(&[&Value::vector(y.iter().map(|y| A::constant(*y)).collect())]);
    let plain = |y: &[f64]| Ok(equations(y)?.iter().map(Real::value).collect());
    let root = find_root(plain, &guess, control).map_err(|error| match error {
        RootError::Equations(fault) => fault,
        RootError::Size(..) => Fault::fatal(error.to_string()),
        other => Fault::rejection(other.to_string()),
    })?;
    let residual = equations(&root.position)?;
    let inverse = inverse(root.jacobian.view()).map_err(|error| Fault::rejection(error.to_string()))?;
    Ok(Value::vector(newton_step(&root.position, &inverse, &residual)))
}

/// `position - inverse * residual`.
fn newton_step<A: Real>(position: &[f64], inverse: &Matrix<f64>, residual: &[A]) -> Vec<A> {
    let inverse: MatrixRef<'_, f64> = inverse.view();
    let entry = |(i, y): (usize, &f64)| {
        let correction: A = residual.iter().enumerate().map(|(j, r)| *r * inverse[(i, j)]).sum();
        -correction + *y
    };
    position.iter().enumerate().map(entry).collect()
}
