//! Ordinary differential equations.
//!
//! All names lead to one solver, the explicit Runge-Kutta method of Dormand and Prince: tolerances mean the same, and
//! for a stiff system it needs more steps than an implicit one, or too many, but is not less accurate.

use hlmc_math::Real;
use hlmc_math::ode::{OdeControl, OdeError, solve_rk45};

use super::inputs::Inputs;
use super::{Handed, higher_order};
use crate::fault::Fault;
use crate::higher_order::{EXPLICIT, IMPLICIT, OdeCall};
use crate::signature::HigherOrder;
use crate::table::{Call, Function};
use crate::value::{Dims, Entries, Kind, Reals, Value};

/// The shape of a solver without controls.
macro_rules! shape {
    ($name:literal) => {
        &HigherOrder {
            callback: "vector f(real, vector, ...)",
            call: concat!("array[] vector ", $name, "(vector, real, array[] real, ...)"),
            callback_data: &[],
            takes_densities: false,
        }
    };
}

/// The shape of a solver with controls.
macro_rules! shape_with_controls {
    ($name:literal) => {
        &HigherOrder {
            callback: "vector f(real, vector, ...)",
            call: concat!(
                "array[] vector ",
                $name,
                "(vector, real, array[] real, data real, data real, data int, ...)"
            ),
            callback_data: &[],
            takes_densities: false,
        }
    };
}

const ADJOINT: &HigherOrder = &HigherOrder {
    callback: "vector f(real, vector, ...)",
    call: "array[] vector ode_adjoint_tol_ctl(vector, real, array[] real, data real, data vector, data real, \
           data vector, data real, data real, data int, data int, data int, data int, data int, ...)",
    callback_data: &[],
    takes_densities: false,
};

/// The shapes of a solver in the old spelling: with controls, and without.
macro_rules! old_shapes {
    ($name:literal, $tail:literal) => {
        &HigherOrder {
            callback: "array[] real f(real, array[] real, array[] real, data array[] real, data array[] int)",
            call: concat!(
                "array[,] real ",
                $name,
                "(array[] real, real, array[] real, array[] real, data array[] real, data array[] int",
                $tail
            ),
            callback_data: &[3, 4],
            takes_densities: false,
        }
    };
}

const DOC: &str = "The states at the given times of the solution of dy/dt = f(t, y, ...) from an initial state and time, by \
                   an explicit Runge-Kutta method of order 5 with error control. Rejects times that are not in order, \
                   states that are not finite, and solutions that need too many steps.";
const OLD_DOC: &str =
    "The old spelling of ode_rk45 and its like: state, parameters, real data and integer data are arrays.";

/// A solver in both spellings of today.
macro_rules! solver {
    ($name:literal, $name_tol:literal, $defaults:expr) => {
        [
            higher_order(
                $name,
                shape!($name),
                |call| solve(call, &OdeCall::plain(call.arguments.len(), $defaults)),
                DOC,
            ),
            higher_order(
                $name_tol,
                shape_with_controls!($name_tol),
                |call| solve(call, &OdeCall::with_controls(call.arguments.len())),
                DOC,
            ),
        ]
    };
}

/// A solver in the old spelling.
macro_rules! old_solver {
    ($name:literal, $defaults:expr) => {
        [
            higher_order(
                $name,
                old_shapes!($name, ", data real, data real, data real)"),
                |call| solve(call, &OdeCall::old(call.arguments.len(), $defaults)),
                OLD_DOC,
            ),
            higher_order(
                $name,
                old_shapes!($name, ")"),
                |call| solve(call, &OdeCall::old(call.arguments.len(), $defaults)),
                OLD_DOC,
            ),
        ]
    };
}

/// The rows of this file.
pub(super) fn rows<A: Real>() -> Vec<Function<A>> {
    let rows = [
        solver!("ode_rk45", "ode_rk45_tol", EXPLICIT),
        solver!("ode_ckrk", "ode_ckrk_tol", EXPLICIT),
        solver!("ode_bdf", "ode_bdf_tol", IMPLICIT),
        solver!("ode_adams", "ode_adams_tol", IMPLICIT),
        old_solver!("integrate_ode_rk45", EXPLICIT),
        old_solver!("integrate_ode_bdf", IMPLICIT),
        old_solver!("integrate_ode_adams", IMPLICIT),
        [
            higher_order(
                "ode_adjoint_tol_ctl",
                ADJOINT,
                |call| solve(call, &OdeCall::adjoint(call.arguments.len())),
                DOC,
            ),
            higher_order(
                "integrate_ode",
                old_shapes!("integrate_ode", ")"),
                |call| solve(call, &OdeCall::old(call.arguments.len(), EXPLICIT)),
                OLD_DOC,
            ),
        ],
    ];
    rows.into_iter().flatten().collect()
}

fn solve<A: Real>(call: &mut Call<'_, A>, ode: &OdeCall) -> Result<Value<A>, Fault> {
    let smallest = |i: usize| {
        let argument = call.argument(i)?;
        let entries = (0..argument.n_entries()).filter_map(|entry| argument.real_at(entry));
        Ok(entries.map(|x| x.value()).fold(f64::INFINITY, f64::min))
    };
    let control = ode.control(smallest)?;
    let (n, states) = solution(call, control, ode)?;
    let dims = Dims::from_slice(&[states.len().checked_div(n).unwrap_or(call.reals(2)?.entries.len()), n]);
    Ok(Value::Reals(Reals { kind: ode.state_kind, dims, entries: Entries::Auto(states).simplified() }))
}

/// The size of the state, and the states one after the other.
fn solution<A: Real>(call: &mut Call<'_, A>, control: OdeControl, ode: &OdeCall) -> Result<(usize, Vec<A>), Fault> {
    let (initial, start, times) = (call.reals(0)?, call.real(1)?, call.reals(2)?);
    let state_kind = ode.state_kind;
    let handed = Handed::of(call, ode.extra.start)?;
    let extra = handed.extra.get(..ode.extra.len()).unwrap_or(&[]);
    let (initial, times) = (initial.entries.to_auto(), times.entries.to_auto());

    let mut inputs = Inputs::default();
    let seeded_initial: Vec<A> = initial.iter().map(|x| inputs.seed(x)).collect();
    let seeded_start = inputs.seed(&start);
    let seeded_times: Vec<A> = times.iter().map(|x| inputs.seed(x)).collect();
    let seeded_extra: Vec<Value<A>> = extra.iter().map(|value| inputs.seed_value(value)).collect();
    let seeded_extra: Vec<&Value<A>> = seeded_extra.iter().collect();
    if inputs.can_be_directions() {
        let handed = Handed { callback: handed.callback, extra: &seeded_extra };
        let mut states = solve_with(handed, &seeded_initial, seeded_start, &seeded_times, control, state_kind)?;
        states.iter_mut().for_each(|state| *state = inputs.along_their_directions(state));
        return Ok((initial.len(), states));
    }
    let handed = Handed { callback: handed.callback, extra };
    Ok((initial.len(), solve_with(handed, &initial, start, &times, control, state_kind)?))
}

fn solve_with<A: Real>(
    mut handed: Handed<'_, '_, A>,
    initial: &[A],
    start: A,
    times: &[A],
    control: OdeControl,
    state_kind: Kind,
) -> Result<Vec<A>, Fault> {
    let n = initial.len();
    let rhs = |t: A, state: &[A], slope: &mut [A]| {
        let state = Value::tensor(state_kind, [n], state.to_vec());
        let found = handed.entries(&[&Value::Real(t), &state])?;
        if found.len() != n {
            let message = format!("the function returned {} derivatives of a state of {n}", found.len());
            return Err(Fault::fatal(message));
        }
        slope.copy_from_slice(&found);
        Ok(())
    };
    solve_rk45(rhs, initial, start, times, control).map_err(|error| match error {
        OdeError::RightHandSide(fault) => fault,
        other => Fault::rejection(other.to_string()),
    })
}
