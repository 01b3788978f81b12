//! The differential equation solver: against exact solutions, and against values recorded from Stan.

use std::convert::Infallible;

use hlmc_math::Real;
use hlmc_math::ode::{OdeControl, OdeError, solve_rk45};
use num_dual::DualSVec64;

type Dual = DualSVec64<6>;

/// dy/dt = -k y + sin t, the system of the recorded program `lang_ode_param_times`.
fn decay<T: Real>(k: T) -> impl FnMut(T, &[T], &mut [T]) -> Result<(), Infallible> {
    move |t, y, dy| {
        for (slope, &y) in dy.iter_mut().zip(y) {
            *slope = -k * y + t.sin();
        }
        Ok(())
    }
}

const TIGHT: OdeControl = OdeControl { relative_tolerance: 1e-10, absolute_tolerance: 1e-10, max_num_steps: 100_000 };

#[test]
fn the_exponential_is_followed_within_the_tolerance() {
    let times: Vec<f64> = (1..=40).map(|n| 0.07 * f64::from(n)).collect();
    let mut rhs = |_: f64, y: &[f64], dy: &mut [f64]| {
        dy[0] = -y[0];
        Ok::<(), Infallible>(())
    };
    for (control, allowed) in [(OdeControl::default(), 1e-6), (TIGHT, 1e-10)] {
        let found = solve_rk45(&mut rhs, &[1.0], 0.0, &times, control).unwrap();
        for (time, found) in times.iter().zip(found) {
            assert!((found - (-time).exp()).abs() < allowed, "at {time}: off by {:e}", found - (-time).exp());
        }
    }
}

#[test]
fn lotka_volterra_is_as_in_stan() {
    // lang_ode_rk45_default_tol and lang_ode_rk45 at p2, Stan 2.35: s2 with its first two derivatives tested below.
    let parameters = [1.090578184390381, 0.6, 0.7, 0.8];
    let initial = [1.1796082596364994, 0.9258496708588208];
    let rhs = |t: f64, y: &[f64], dy: &mut [f64]| {
        let [a, b, c, d] = parameters;
        dy[0] = a * y[0] - b * y[0] * y[1] + 0.01 * 0.7 * t;
        dy[1] = -c * y[1] + d * y[0] * y[1];
        Ok::<(), Infallible>(())
    };
    let tight = solve_rk45(rhs, &initial, 0.0, &[0.4, 1.1, 2.3], TIGHT).unwrap();
    let expected = [
        1.4406584324011709,
        1.063891556144414,
        1.7894553038212557,
        1.6336667215612646,
        1.121151727182848,
        3.221365314629022,
    ];
    for (found, expected) in tight.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-9 * expected, "{found} instead of {expected}");
    }
}

#[test]
fn derivatives_in_states_parameters_and_times_are_as_in_stan() {
    // lang_ode_param_times at p2: the gradient in uk, ut, y0.1, y0.2, u0 of sum(y[1]) + 2 y[2, 1] - y[2, 2]^2.
    let x = [0.43354, 0.590371, -0.682933, -0.016472, 0.825912];
    let u: Vec<Dual> = x.iter().enumerate().map(|(k, &x)| Dual::from_re(x).derivative(k)).collect();
    let rate = hlmc_math::special::exp(u[0] * 0.3);
    let times = [u[1] * 0.1 + 0.5, Dual::constant(1.5)];
    let y = solve_rk45(decay(rate), &u[2..4], u[4] * 0.1, &times, TIGHT).unwrap();
    let target = y[0] + y[1] + y[2] * 2.0 - y[3] * y[3];
    assert!((target.value() - 0.35996603738128596).abs() < 1e-9);
    let gradient =
        [0.11268729743239049, 0.12451697217585188, 0.9792869426447106, 0.3667851853471107, -0.08796094950800226];
    for (k, expected) in gradient.into_iter().enumerate() {
        assert!((target.partial(k) - expected).abs() < 1e-8, "{k}: {} instead of {expected}", target.partial(k));
    }
}

#[test]
fn derivatives_of_a_solution_at_rest_are_not_lost() {
    let initial = Dual::constant(0.0) + Dual::from_re(0.0).derivative(0);
    let rhs = |_: Dual, y: &[Dual], dy: &mut [Dual]| {
        dy[0] = y[0] * -50.0;
        Ok::<(), Infallible>(())
    };
    let found = solve_rk45(rhs, &[initial], 0.0.into(), &[10.0.into()], OdeControl::default()).unwrap();
    assert!(found[0].partial(0).abs() < 1e-5, "{}", found[0].partial(0));
}

#[test]
fn what_cannot_be_solved_is_refused() {
    let one = OdeControl { max_num_steps: 1, ..TIGHT };
    let solve = |initial, from, times: &[f64], control| solve_rk45(decay(1.0), &[initial], from, times, control);
    assert_eq!(solve(1.0, 0.0, &[5.0], one), Err(OdeError::TooManySteps(1)));
    assert!(matches!(solve(f64::NAN, 0.0, &[5.0], TIGHT), Err(OdeError::Argument(_))));
    assert!(matches!(solve(1.0, 5.0, &[5.0], TIGHT), Err(OdeError::Argument(_))));
    assert!(matches!(solve(1.0, 0.0, &[5.0, 4.0], TIGHT), Err(OdeError::Argument(_))));
    assert_eq!(solve(1.0, 0.0, &[], TIGHT), Ok(Vec::new()));
    let failing = |_: f64, _: &[f64], _: &mut [f64]| Err("no value");
    assert_eq!(solve_rk45(failing, &[1.0], 0.0, &[1.0], TIGHT), Err(OdeError::RightHandSide("no value")));
    let exploding = |_: f64, y: &[f64], dy: &mut [f64]| {
        dy[0] = y[0] * y[0];
        Ok::<(), Infallible>(())
    };
    assert!(solve_rk45(exploding, &[1.0], 0.0, &[2.0], OdeControl::default()).is_err());
}
