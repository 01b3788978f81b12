//! Systems of equations.
//!
//! All names lead to one solver, Newton's method with a line search. The root is found on plain numbers; one more Newton
//! step on numbers of the engine then gives it the derivatives that the implicit function theorem says.

use hlmc_math::Real;
use hlmc_math::linear_algebra::{Matrix, MatrixRef, inverse};
use hlmc_math::root::{RootError, find_root};

use super::{Handed, higher_order};
use crate::fault::Fault;
use crate::higher_order::RootCall;
use crate::signature::HigherOrder;
use crate::table::{Call, Function};
use crate::value::Value;

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
        higher_order("solve_newton", shape!("solve_newton", ""), solve_plain, DOC),
        higher_order("solve_powell", shape!("solve_powell", ""), solve_plain, DOC),
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

fn solve_plain<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    solve(call, &RootCall::plain(call.arguments.len()))
}

fn solve_with_controls<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    solve(call, &RootCall::with_controls(call.arguments.len()))
}

fn solve_old<A: Real>(call: &mut Call<'_, A>) -> Result<Value<A>, Fault> {
    solve(call, &RootCall::old(call.arguments.len()))
}

fn solve<A: Real>(call: &mut Call<'_, A>, root: &RootCall) -> Result<Value<A>, Fault> {
    let control = root.control(|i| Ok(call.real(i)?.value()))?;
    let guess = call.reals(0)?.entries.values().into_owned();
    let mut handed = Handed::of(call, root.extra.start)?;
    handed.extra = handed.extra.get(..root.extra.len()).unwrap_or(handed.extra);
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
