//! Where the arguments of functions that take functions are: controls, and what is handed on to the function.
//!
//! The function itself is not counted: argument 0 is the one behind it.

use std::ops::Range;

use hlmc_math::ode::OdeControl;
use hlmc_math::root::RootControl;

use crate::fault::Fault;
use crate::value::Kind;

/// What Stan's implicit solvers of differential equations default to.
pub const IMPLICIT: OdeControl =
    OdeControl { relative_tolerance: 1e-10, absolute_tolerance: 1e-10, max_num_steps: 100_000_000 };
/// What Stan's explicit solvers of differential equations default to.
pub const EXPLICIT: OdeControl =
    OdeControl { relative_tolerance: 1e-6, absolute_tolerance: 1e-6, max_num_steps: 1_000_000 };
/// What Stan's solvers of systems of equations default to.
pub const ROOT: RootControl = RootControl { function_tolerance: 1e-6, max_num_steps: 1000 };

/// The arguments of a differential equation in front of the others: initial state, initial time, times.
pub const N_ODE_OWN: usize = 3;
/// Tolerances and the largest number of steps.
pub const N_CONTROL: usize = 3;
/// The controls of the adjoint solver, of which the forward tolerances and the number of steps are used.
const N_ADJOINT_CONTROL: usize = 11;
/// The arguments of the right-hand side in the old spelling, behind time and state: parameters and data.
const N_OLD_ODE_EXTRA: usize = 3;
/// The arguments of a system of equations in the old spelling, behind the unknowns: parameters and data.
const N_OLD_ROOT_EXTRA: usize = 3;
/// The arguments of an integral: limits, parameters and data.
pub const N_INTEGRAL_OWN: usize = 5;
/// The limits of an integral.
pub const N_LIMITS: usize = 2;
/// The arguments of a sum over slices in front of the others: the array and the grain size.
pub const N_REDUCE_SUM_OWN: usize = 2;

/// Arguments by their positions: tolerances (relative, absolute), and the largest number of steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Controls {
    relative: usize,
    absolute: usize,
    max_num_steps: usize,
}

impl Controls {
    const fn from(first: usize) -> Self {
        Controls { relative: first, absolute: first + 1, max_num_steps: first + 2 }
    }
}

/// The arguments of a call of a solver of differential equations.
#[derive(Clone, Debug, PartialEq)]
pub struct OdeCall {
    /// What the right-hand side takes its state as.
    pub state_kind: Kind,
    /// The arguments that the right-hand side takes behind time and state.
    pub extra: Range<usize>,
    controls: Option<Controls>,
    defaults: OdeControl,
}

impl OdeCall {
    /// Without controls; all arguments behind the first three are handed on.
    #[must_use]
    pub fn plain(n_arguments: usize, defaults: OdeControl) -> Self {
        OdeCall { state_kind: Kind::Vector, extra: N_ODE_OWN..n_arguments.max(N_ODE_OWN), controls: None, defaults }
    }

    /// With controls in front of the arguments that are handed on.
    #[must_use]
    pub fn with_controls(n_arguments: usize) -> Self {
        let first = N_ODE_OWN + N_CONTROL;
        let controls = Some(Controls::from(N_ODE_OWN));
        OdeCall { extra: first..n_arguments.max(first), controls, ..Self::plain(n_arguments, EXPLICIT) }
    }

    /// With the controls of the adjoint solver.
    #[must_use]
    pub fn adjoint(n_arguments: usize) -> Self {
        let first = N_ODE_OWN + N_ADJOINT_CONTROL;
        let controls = Controls { relative: N_ODE_OWN, absolute: N_ODE_OWN + 1, max_num_steps: N_ODE_OWN + 6 };
        OdeCall { extra: first..n_arguments.max(first), controls: Some(controls), ..Self::plain(n_arguments, EXPLICIT) }
    }

    /// In the old spelling, controls last if there are any.
    #[must_use]
    pub fn old(n_arguments: usize, defaults: OdeControl) -> Self {
        let end = N_ODE_OWN + N_OLD_ODE_EXTRA;
        let controls = (n_arguments > end).then_some(Controls::from(end));
        OdeCall { state_kind: Kind::Scalar, extra: N_ODE_OWN..end, controls, defaults }
    }

    /// The call of the solver of this name; `None` if it is none.
    #[must_use]
    pub fn of(name: &str, n_arguments: usize) -> Option<Self> {
        Some(match name {
            "ode_rk45" | "ode_ckrk" => Self::plain(n_arguments, EXPLICIT),
            "ode_bdf" | "ode_adams" => Self::plain(n_arguments, IMPLICIT),
            "ode_rk45_tol" | "ode_ckrk_tol" | "ode_bdf_tol" | "ode_adams_tol" => Self::with_controls(n_arguments),
            "ode_adjoint_tol_ctl" => Self::adjoint(n_arguments),
            "integrate_ode" | "integrate_ode_rk45" => Self::old(n_arguments, EXPLICIT),
            "integrate_ode_bdf" | "integrate_ode_adams" => Self::old(n_arguments, IMPLICIT),
            _ => return None,
        })
    }

    /// The controls; `number` gives an argument, of several numbers the smallest.
    ///
    /// # Errors
    /// Those of `number`, and a number of steps that is not positive.
    pub fn control(&self, number: impl Fn(usize) -> Result<f64, Fault>) -> Result<OdeControl, Fault> {
        let Some(controls) = self.controls else { return Ok(self.defaults) };
        let max_num_steps = number(controls.max_num_steps)?;
        if max_num_steps < 1.0 || max_num_steps.is_nan() {
            return Err(Fault::rejection(format!("max_num_steps is {max_num_steps}, but must be positive")));
        }
        Ok(OdeControl {
            relative_tolerance: number(controls.relative)?,
            absolute_tolerance: number(controls.absolute)?,
            // Saturates.
            max_num_steps: max_num_steps as u64,
        })
    }
}

/// The arguments of a call of a solver of systems of equations, of which the first is the guess.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootCall {
    /// The arguments that the function takes behind the unknowns.
    pub extra: Range<usize>,
    controls: Option<Controls>,
}

impl RootCall {
    /// Without controls.
    #[must_use]
    pub fn plain(n_arguments: usize) -> Self {
        RootCall { extra: 1..n_arguments.max(1), controls: None }
    }

    /// With controls behind the guess.
    #[must_use]
    pub fn with_controls(n_arguments: usize) -> Self {
        let first = 1 + N_CONTROL;
        RootCall { extra: first..n_arguments.max(first), controls: Some(Controls::from(1)) }
    }

    /// In the old spelling, controls last if there are any.
    #[must_use]
    pub fn old(n_arguments: usize) -> Self {
        let end = 1 + N_OLD_ROOT_EXTRA;
        RootCall { extra: 1..end, controls: (n_arguments > end).then_some(Controls::from(end)) }
    }

    /// The call of the solver of this name; `None` if it is none.
    #[must_use]
    pub fn of(name: &str, n_arguments: usize) -> Option<Self> {
        Some(match name {
            "solve_newton" | "solve_powell" => Self::plain(n_arguments),
            "solve_newton_tol" | "solve_powell_tol" => Self::with_controls(n_arguments),
            "algebra_solver" | "algebra_solver_newton" => Self::old(n_arguments),
            _ => return None,
        })
    }

    /// The controls. Steps go on until they change nothing, so that the relative tolerance is met.
    ///
    /// # Errors
    /// Those of `number`, and controls out of their domain.
    pub fn control(&self, number: impl Fn(usize) -> Result<f64, Fault>) -> Result<RootControl, Fault> {
        let Some(controls) = self.controls else { return Ok(ROOT) };
        let (relative, function) = (number(controls.relative)?, number(controls.absolute)?);
        let steps = number(controls.max_num_steps)?;
        if !(relative >= 0.0 && function >= 0.0 && steps > 0.0) {
            return Err(Fault::rejection("tolerances must be nonnegative, and the number of steps positive"));
        }
        // Saturates.
        Ok(RootControl { function_tolerance: function, max_num_steps: steps as u64 })
    }
}
