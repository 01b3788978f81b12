//! Ordinary differential equations: the adaptive Runge-Kutta method of Dormand and Prince (1980), order 5(4).
//!
//! Step sizes, error norm and interpolation between steps are those of Boost's odeint, on which Stan's `ode_rk45` is
//! built. The state carries its derivatives along, and they take part in the error norm, as the sensitivities do in
//! Stan's coupled system: without them, a solution at rest would let the step grow past what its derivatives bear.
//! Step sizes are plain numbers; nothing is differentiated through their choice. There is no stiff method here.

use std::fmt;

use crate::Real;

/// How accurately to solve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OdeControl {
    /// The local error allowed in proportion to the state.
    pub relative_tolerance: f64,
    /// The local error allowed beside it.
    pub absolute_tolerance: f64,
    /// The largest number of steps from one output to the next.
    pub max_num_steps: u64,
}

impl Default for OdeControl {
    /// Stan's defaults for `ode_rk45` and `integrate_ode_rk45`.
    fn default() -> Self {
        Self { relative_tolerance: 1e-6, absolute_tolerance: 1e-6, max_num_steps: 1_000_000 }
    }
}

/// Why there is no solution.
#[derive(Clone, Debug, PartialEq)]
pub enum OdeError<E> {
    /// The right-hand side failed.
    RightHandSide(E),
    /// An argument makes no sense: which, and what it must be.
    Argument(String),
    /// More than this number of steps would be needed from one output to the next.
    TooManySteps(u64),
    /// No step from this time is small enough: the solution is not finite, or explodes.
    NoStep(f64),
}

impl<E: fmt::Display> fmt::Display for OdeError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RightHandSide(error) => error.fmt(f),
            Self::Argument(message) => f.write_str(message),
            Self::TooManySteps(steps) => write!(f, "the maximum number of steps, {steps}, is exceeded"),
            Self::NoStep(time) => write!(f, "no step from time {time} is small enough; is the solution finite there?"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for OdeError<E> {}

/// The states at `times`, one after the other, of the solution of dy/dt = `rhs`(t, y) that is `initial_state` at
/// `initial_time`.
///
/// `rhs` writes dy/dt into its last argument, which is as long as the state.
///
/// # Errors
/// [`OdeError`]; times must be finite, sorted, and after the initial time; the initial state finite.
pub fn solve_rk45<T: Real, E>(
    rhs: impl FnMut(T, &[T], &mut [T]) -> Result<(), E>,
    initial_state: &[T],
    initial_time: T,
    times: &[T],
    control: OdeControl,
) -> Result<Vec<T>, OdeError<E>> {
    let n = initial_state.len();
    let mut solution = vec![T::constant(0.0); n.saturating_mul(times.len())];
    let mut scratch = vec![T::constant(0.0); n.saturating_mul(RK45_SCRATCH_STATES)];
    solve_rk45_into(rhs, initial_state, initial_time, times, control, &mut scratch, &mut solution)?;
    Ok(solution)
}

/// The states that [`solve_rk45_into`] needs room for beside the solution.
pub const RK45_SCRATCH_STATES: usize = N_STAGES + 3;

/// [`solve_rk45`] without allocation, inlined so that its loops use the instructions that the caller may use: `scratch` has room for [`RK45_SCRATCH_STATES`] states, whatever they hold, and
/// `solution` for a state at every time.
///
/// # Errors
/// As [`solve_rk45`].
#[inline(always)]
pub fn solve_rk45_into<T: Real, E>(
    rhs: impl FnMut(T, &[T], &mut [T]) -> Result<(), E>,
    initial_state: &[T],
    initial_time: T,
    times: &[T],
    control: OdeControl,
    scratch: &mut [T],
    solution: &mut [T],
) -> Result<(), OdeError<E>> {
    check_arguments(initial_state, initial_time, times, control)?;
    let n = initial_state.len();
    if scratch.len() < n * RK45_SCRATCH_STATES || solution.len() != n * times.len() {
        return Err(OdeError::Argument("the buffers are not of the solution's size".to_owned()));
    }
    let Some(last_time) = times.last().map(Real::value) else { return Ok(()) };
    let mut stepper = Stepper::new(rhs, initial_state, initial_time, control, scratch)?;
    for (i, &time) in times.iter().enumerate() {
        let mut steps = 0;
        while stepper.time < time.value() {
            if steps == control.max_num_steps {
                return Err(OdeError::TooManySteps(steps));
            }
            // The last step ends on the last time exactly.
            if stepper.time + stepper.step_size > last_time {
                stepper.step_size = last_time - stepper.time;
            }
            stepper.advance()?;
            steps += 1;
        }
        stepper.interpolate(time, &mut solution[i * n..(i + 1) * n])?;
    }
    Ok(())
}

/// The first step size tried, as in Stan.
const INITIAL_STEP_SIZE: f64 = 0.1;
/// A step is refused at most so often in a row, as in odeint.
const MAX_REFUSALS: u32 = 500;
/// Step size control as in odeint's `default_step_adjuster`.
const SAFETY: f64 = 0.9;
const LARGEST_SHRINKING: f64 = 0.2;
const GROW_BELOW_ERROR: f64 = 0.5;
const ORDER: f64 = 5.0;
const ERROR_ORDER: f64 = 4.0;

const N_STAGES: usize = 7;
/// The times of the stages, in steps.
const NODES: [f64; N_STAGES] = [0.0, 1.0 / 5.0, 3.0 / 10.0, 4.0 / 5.0, 8.0 / 9.0, 1.0, 1.0];
/// Row i: the weights of the slopes before stage i in its state. The last row gives the new state itself.
const WEIGHTS: [[f64; 6]; N_STAGES] = [
    [0.0; 6],
    [1.0 / 5.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [3.0 / 40.0, 9.0 / 40.0, 0.0, 0.0, 0.0, 0.0],
    [44.0 / 45.0, -56.0 / 15.0, 32.0 / 9.0, 0.0, 0.0, 0.0],
    [19372.0 / 6561.0, -25360.0 / 2187.0, 64448.0 / 6561.0, -212.0 / 729.0, 0.0, 0.0],
    [9017.0 / 3168.0, -355.0 / 33.0, 46732.0 / 5247.0, 49.0 / 176.0, -5103.0 / 18656.0, 0.0],
    [35.0 / 384.0, 0.0, 500.0 / 1113.0, 125.0 / 192.0, -2187.0 / 6784.0, 11.0 / 84.0],
];
/// The weights of the slopes in the difference of the solutions of orders 5 and 4.
const ERROR_WEIGHTS: [f64; N_STAGES] = [
    35.0 / 384.0 - 5179.0 / 57600.0,
    0.0,
    500.0 / 1113.0 - 7571.0 / 16695.0,
    125.0 / 192.0 - 393.0 / 640.0,
    -2187.0 / 6784.0 + 92097.0 / 339_200.0,
    11.0 / 84.0 - 187.0 / 2100.0,
    -1.0 / 40.0,
];

/// The solution between two times, and what leads on from the second.
struct Stepper<'s, T, F> {
    rhs: F,
    control: OdeControl,
    old_time: f64,
    time: f64,
    step_size: f64,
    old_state: &'s mut [T],
    state: &'s mut [T],
    /// The slopes of the last step; the last one is the slope at `time`.
    slopes: [&'s mut [T]; N_STAGES],
    stage_state: &'s mut [T],
}

impl<'s, T: Real, E, F: FnMut(T, &[T], &mut [T]) -> Result<(), E>> Stepper<'s, T, F> {
    #[inline(always)]
    fn new(
        mut rhs: F,
        initial_state: &[T],
        initial_time: T,
        control: OdeControl,
        scratch: &'s mut [T],
    ) -> Result<Self, OdeError<E>> {
        let time = initial_time.value();
        let mut rest = scratch;
        let mut take = || {
            let (taken, others) = std::mem::take(&mut rest).split_at_mut(initial_state.len());
            rest = others;
            taken.fill(T::constant(0.0));
            taken
        };
        let mut slopes: [&mut [T]; N_STAGES] = std::array::from_fn(|_| take());
        let (old_state, state, stage_state) = (take(), take(), take());
        state.copy_from_slice(initial_state);
        let slope = &mut slopes[N_STAGES - 1];
        rhs(initial_time, state, slope).map_err(OdeError::RightHandSide)?;
        if !initial_time.is_constant() {
            // The state at the plain time, a derivative's width away from the initial one.
            let elapsed = -(initial_time - time);
            for (y, &dy) in state.iter_mut().zip(slope.iter()) {
                *y += dy * elapsed;
            }
            rhs(T::constant(time), state, slope).map_err(OdeError::RightHandSide)?;
        }
        old_state.copy_from_slice(state);
        let step_size = INITIAL_STEP_SIZE;
        Ok(Self { rhs, control, old_time: time, time, step_size, old_state, state, slopes, stage_state })
    }

    /// Makes one step, of the step size or as much less as the tolerances demand, and sets the next step size.
    #[inline(always)]
    fn advance(&mut self) -> Result<(), OdeError<E>> {
        self.old_state.copy_from_slice(self.state);
        self.old_time = self.time;
        // First same as last: the slope at the end of the last step starts this one.
        self.slopes.swap(0, N_STAGES - 1);
        for _ in 0..MAX_REFUSALS {
            let step_size = self.step_size;
            if self.old_time + step_size == self.old_time {
                break;
            }
            self.try_step(step_size)?;
            let error = self.relative_error(step_size);
            if error <= 1.0 {
                self.time = self.old_time + step_size;
                if error < GROW_BELOW_ERROR {
                    let bounded = error.max(5.0_f64.powf(-ORDER));
                    self.step_size *= SAFETY * bounded.powf(-1.0 / ORDER);
                }
                return Ok(());
            }
            // Also where the error is NaN.
            self.step_size *= (SAFETY * error.powf(-1.0 / (ERROR_ORDER - 1.0))).max(LARGEST_SHRINKING);
        }
        Err(OdeError::NoStep(self.old_time))
    }

    #[inline(always)]
    fn try_step(&mut self, step_size: f64) -> Result<(), OdeError<E>> {
        for stage in 1..N_STAGES {
            let (known, unknown) = self.slopes.split_at_mut(stage);
            let (old, new, weights) = (&*self.old_state, &mut *self.stage_state, &WEIGHTS[stage]);
            match known {
                [a] => combine([a], first(weights), step_size, old, new),
                [a, b] => combine([a, b], first(weights), step_size, old, new),
                [a, b, c] => combine([a, b, c], first(weights), step_size, old, new),
                [a, b, c, d] => combine([a, b, c, d], first(weights), step_size, old, new),
                [a, b, c, d, e] => combine([a, b, c, d, e], first(weights), step_size, old, new),
                // The second weight of the last stage is 0.
                [a, _, c, d, e, f] => {
                    let [wa, _, wc, wd, we, wf] = *weights;
                    combine([a, c, d, e, f], [wa, wc, wd, we, wf], step_size, old, new);
                }
                _ => {}
            }
            let time = T::constant(self.old_time + NODES[stage] * step_size);
            if let Some(slope) = unknown.first_mut() {
                (self.rhs)(time, self.stage_state, slope).map_err(OdeError::RightHandSide)?;
            }
        }
        self.state.copy_from_slice(self.stage_state);
        Ok(())
    }

    /// The largest error of the step in units of what is tolerated, over values and derivatives; infinite where it is
    /// no number.
    #[inline(always)]
    fn relative_error(&mut self, step_size: f64) -> f64 {
        let OdeControl { relative_tolerance, absolute_tolerance, .. } = self.control;
        let relative = |error: f64, state: f64, slope: f64| {
            let tolerated = absolute_tolerance + relative_tolerance * (state.abs() + step_size.abs() * slope.abs());
            let relative = (error * step_size).abs() / tolerated;
            if relative <= f64::MAX { relative } else { f64::INFINITY }
        };
        // The second weight is 0.
        let [first, _, rest @ ..] = &self.slopes;
        let weights = {
            let [first, _, rest @ ..] = ERROR_WEIGHTS;
            (first, rest)
        };
        let n = self.old_state.len();
        let (state, first, rest) = (&self.old_state[..n], &first[..n], rest.each_ref().map(|slope| &slope[..n]));
        let errors = &mut self.stage_state[..n];
        for (k, error) in errors.iter_mut().enumerate() {
            let mut sum = first[k] * weights.0;
            for (slope, weight) in rest.iter().zip(weights.1) {
                sum += slope[k] * weight;
            }
            *error = sum;
        }
        if T::N_DIRECTIONS == 0 {
            // In a loop of its own, which the compiler turns into vector instructions.
            for (k, error) in errors.iter_mut().enumerate() {
                *error = T::constant(relative(error.value(), state[k].value(), first[k].value()));
            }
            return errors.iter().fold(0.0, |largest, error| largest.max(error.value()));
        }
        let mut largest = 0.0_f64;
        for (k, error) in errors.iter().enumerate() {
            largest = largest.max(relative(error.value(), state[k].value(), first[k].value()));
            if error.is_constant() {
                continue;
            }
            for direction in 0..T::N_DIRECTIONS {
                let [error, state, slope] = [error, &state[k], &first[k]].map(|x| x.partial(direction));
                largest = largest.max(relative(error, state, slope));
            }
        }
        largest
    }

    /// The state at a time within the last step.
    #[inline(always)]
    fn interpolate(&mut self, time: T, solution: &mut [T]) -> Result<(), OdeError<E>> {
        let width = self.time - self.old_time;
        if time.value() == self.time {
            solution.copy_from_slice(self.state);
        } else {
            let [wa, _, wc, wd, we, wf, wg] = interpolation_weights((time.value() - self.old_time) / width);
            let [a, _, c, d, e, f, g] = &self.slopes;
            combine([a, c, d, e, f, g], [wa, wc, wd, we, wf, wg], width, self.old_state, solution);
        }
        if !time.is_constant() {
            let elapsed = time - time.value();
            let slope = &mut *self.stage_state;
            (self.rhs)(T::constant(time.value()), solution, slope).map_err(OdeError::RightHandSide)?;
            for (y, &dy) in solution.iter_mut().zip(slope.iter()) {
                *y += dy * elapsed;
            }
        }
        Ok(())
    }
}

/// `new = old + step_size * (weights . slopes)`, in loops that the compiler turns into vector instructions.
#[inline(always)]
fn combine<T: Real, const N: usize>(
    slopes: [&&mut [T]; N],
    weights: [f64; N],
    step_size: f64,
    old: &[T],
    new: &mut [T],
) {
    let n = new.len();
    let (old, slopes) = (&old[..n], slopes.map(|slope| &slope[..n]));
    for (k, y) in new.iter_mut().enumerate() {
        let mut sum = slopes[0][k] * weights[0];
        for i in 1..N {
            sum += slopes[i][k] * weights[i];
        }
        *y = old[k] + sum * step_size;
    }
}

/// The first weights of a row.
fn first<const N: usize>(weights: &[f64; 6]) -> [f64; N] {
    std::array::from_fn(|i| weights[i])
}

/// The weights of the slopes in the state at the fraction `theta` of a step (Shampine's interpolant of order 4, as in
/// odeint).
fn interpolation_weights(theta: f64) -> [f64; N_STAGES] {
    let x1 = 5.0 * (2_558_722_523.0 - 31_403_016.0 * theta) / 11_282_082_432.0;
    let x3 = 100.0 * (882_725_551.0 - 15_701_508.0 * theta) / 32_700_410_799.0;
    let x4 = 25.0 * (443_332_067.0 - 31_403_016.0 * theta) / 1_880_347_072.0;
    let x5 = 32_805.0 * (23_143_187.0 - 3_489_224.0 * theta) / 199_316_789_632.0;
    let x6 = 55.0 * (29_972_135.0 - 7_076_736.0 * theta) / 822_651_844.0;
    let x7 = 10.0 * (7_414_447.0 - 829_305.0 * theta) / 29_380_423.0;
    let rest = theta - 1.0;
    let end = theta * theta * (3.0 - 2.0 * theta);
    let both = theta * theta * rest * rest;
    let new = &WEIGHTS[N_STAGES - 1];
    [
        end * new[0] - both * x1 + theta * rest * rest,
        0.0,
        end * new[2] + both * x3,
        end * new[3] - both * x4,
        end * new[4] + both * x5,
        end * new[5] - both * x6,
        theta * theta * rest + both * x7,
    ]
}

fn check_arguments<T: Real, E>(
    initial_state: &[T],
    initial_time: T,
    times: &[T],
    control: OdeControl,
) -> Result<(), OdeError<E>> {
    let refuse = |message: String| Err(OdeError::Argument(message));
    if let Some(value) = initial_state.iter().map(Real::value).find(|value| !value.is_finite()) {
        return refuse(format!("initial state must be finite, but has an element {value}"));
    }
    if !initial_time.value().is_finite() {
        return refuse(format!("initial time must be finite, but is {}", initial_time.value()));
    }
    let mut last = initial_time.value();
    for (index, time) in times.iter().map(Real::value).enumerate() {
        let in_order = if index == 0 { time > last } else { time >= last };
        if !(in_order && time.is_finite()) {
            return refuse(format!(
                "times must be finite, sorted and after the initial time, but {time} follows {last}"
            ));
        }
        last = time;
    }
    for (name, tolerance) in [("relative", control.relative_tolerance), ("absolute", control.absolute_tolerance)] {
        if !(tolerance > 0.0 && tolerance.is_finite()) {
            return refuse(format!("{name} tolerance must be positive and finite, but is {tolerance}"));
        }
    }
    if control.max_num_steps == 0 {
        return refuse("the maximum number of steps must be positive, but is 0".to_owned());
    }
    Ok(())
}
