//! Where a chain starts, and what it says if it cannot.

use hlmc_inference::{Chain, InitialPosition, MAX_INIT_ATTEMPTS, PointFailure, SamplerError, Settings, SettingsError};
use hlmc_math::Rejection;
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::densities::{FromFn, independent_normals};

/// The error of starting a chain over two coordinates at a random or given position, and the number of points asked.
fn start(
    initial_position: InitialPosition,
    function: impl Fn(&[f64], &mut [f64]) -> Result<f64, Rejection>,
) -> (Option<SamplerError>, usize) {
    let mut n_asked = 0;
    let counting = |position: &[f64], gradient: &mut [f64]| {
        n_asked += 1;
        function(position, gradient)
    };
    let settings = Settings { initial_position, ..Settings::default() };
    let rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let error = Chain::new(FromFn { dimension: 2, function: counting }, &settings, rng).err();
    (error, n_asked)
}

fn rejection(fatal: bool) -> Rejection {
    Rejection { message: "scale is -1, but must be positive".to_owned(), fatal }
}

const RANDOM: InitialPosition = InitialPosition::Uniform { radius: 2.0 };

#[test]
fn positions_are_uniform_within_the_radius() {
    let positions: Vec<f64> = (0..500)
        .flat_map(|seed| {
            let rng = Xoshiro256PlusPlus::seed_from_u64(seed);
            Chain::new(independent_normals(vec![1.0; 4]), &Settings::default(), rng).unwrap().position().to_vec()
        })
        .collect();
    assert!(positions.iter().all(|x| x.abs() < 2.0));
    // 2000 uniform draws: mean zero and mean square 4/3, with standard errors 0.026 and 0.027.
    let mean = positions.iter().sum::<f64>() / 2000.0;
    let mean_square = positions.iter().map(|x| x * x).sum::<f64>() / 2000.0;
    assert!(mean.abs() < 0.1 && (mean_square - 4.0 / 3.0).abs() < 0.1, "{mean} {mean_square}");
}

#[test]
fn rejected_points_are_tried_again() {
    let only_positive = |position: &[f64], gradient: &mut [f64]| {
        gradient.iter_mut().zip(position).for_each(|(g, x)| *g = -x);
        if position.iter().all(|x| *x > 0.0) {
            Ok(-0.5 * (position[0].powi(2) + position[1].powi(2)))
        } else {
            Err(rejection(false))
        }
    };
    assert_eq!(start(RANDOM, only_positive).0, None);
}

#[test]
fn after_all_attempts_the_last_failure_is_told() {
    let (error, n_asked) = start(RANDOM, |_, _| Err(rejection(false)));
    assert_eq!(n_asked, MAX_INIT_ATTEMPTS);
    let Some(SamplerError::NoInitialPosition { n_attempts, radius, last_position, last, first }) = error.clone() else {
        panic!("{error:?}");
    };
    assert_eq!((n_attempts, radius, last_position.len(), first.len()), (MAX_INIT_ATTEMPTS, 2.0, 2, 5));
    assert_eq!(last, PointFailure::Rejected(rejection(false)));
    assert_eq!(
        error.unwrap().to_string(),
        "found no point to start at in (-2.0, 2.0) after 100 attempts; at the last one, the density was rejected: \
         scale is -1, but must be positive"
    );
}

#[test]
fn what_is_not_finite_is_told() {
    let (error, _) = start(RANDOM, |_, _| Ok(f64::NEG_INFINITY));
    let is_minus_infinite = |last: &PointFailure| *last == PointFailure::LogDensity { value: f64::NEG_INFINITY };
    assert!(matches!(&error, Some(SamplerError::NoInitialPosition { last, .. }) if is_minus_infinite(last)));
    let (error, _) = start(RANDOM, |_, gradient| {
        gradient.copy_from_slice(&[0.0, f64::NAN]);
        Ok(-1.0)
    });
    let Some(SamplerError::NoInitialPosition { last, .. }) = error else { panic!("{error:?}") };
    assert!(matches!(last, PointFailure::Gradient { coordinate: 1, log_density: -1.0, .. }));
    assert_eq!(last.to_string(), "the log density is -1, but coordinate 1 (from 0) of its gradient is NaN");
}

#[test]
fn the_origin_and_a_given_position_are_tried_once() {
    let (error, n_asked) = start(InitialPosition::Uniform { radius: 0.0 }, |position, _| {
        assert_eq!(position, [0.0, 0.0]);
        Err(rejection(false))
    });
    assert!(matches!(error, Some(SamplerError::NoInitialPosition { n_attempts: 1, .. })));
    assert_eq!(n_asked, 1);
    let (error, n_asked) = start(InitialPosition::Position(vec![0.5, -3.0]), |position, _| {
        assert_eq!(position, [0.5, -3.0]);
        Err(rejection(false))
    });
    let failure = PointFailure::Rejected(rejection(false));
    assert_eq!((error, n_asked), (Some(SamplerError::GivenPosition { failure }), 1));
}

#[test]
fn a_fatal_rejection_stops_at_once() {
    let (error, n_asked) = start(RANDOM, |_, _| Err(rejection(true)));
    assert_eq!((error, n_asked), (Some(SamplerError::Fatal(rejection(true))), 1));
}

#[test]
fn settings_are_checked_before_the_density_is_asked() {
    let (error, n_asked) = start(InitialPosition::Position(vec![1.0]), |_, _| Ok(0.0));
    let expected = SettingsError::PositionLength { found: 1, expected: 2 };
    assert_eq!((error, n_asked), (Some(SamplerError::Settings(expected)), 0));
}

#[test]
fn a_flat_density_is_improper() {
    let (error, _) = start(RANDOM, |_, gradient| {
        gradient.fill(0.0);
        Ok(0.0)
    });
    assert!(matches!(error, Some(SamplerError::Improper { step_size }) if step_size > 1e7), "{error:?}");
}

#[test]
fn a_density_that_is_nowhere_continuous_has_no_step_size() {
    let (error, _) = start(InitialPosition::Position(vec![0.0, 0.0]), |position, gradient| {
        gradient.fill(1.0);
        Ok(if position == [0.0, 0.0] { 0.0 } else { f64::NEG_INFINITY })
    });
    assert_eq!(error, Some(SamplerError::NoStepSize));
}
