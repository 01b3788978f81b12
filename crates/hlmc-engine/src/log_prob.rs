//! Everything about one point of the unconstrained space: what `hlmc log-prob` prints.

use hlmc_eval::{BoundModel, Evaluator, Include, Options};
use hlmc_math::{LogDensity, Rejection};
use rand::Rng;

use crate::dual::{Dual, rejection};
use crate::kind::{Engine, EngineKind, Prepared};

/// What a point gives.
#[derive(Clone, Debug, PartialEq)]
pub struct PointReport {
    /// The sampler's log density: constants dropped under `~`, Jacobian included.
    pub lp: f64,
    /// No constants dropped, Jacobian included.
    pub lp_full: f64,
    /// The gradient of `lp`.
    pub gradient: Vec<f64>,
    /// Parameters and transformed parameters, in the order of their names.
    pub constrained: Vec<f64>,
}

/// Reports on points of one model.
pub struct LogProb {
    model: BoundModel,
    values: Evaluator<f64>,
    engine: Box<dyn Engine>,
    /// With derivatives, though only its value is asked for: solvers control the errors of derivatives as well, so that
    /// the value by plain numbers differs within their tolerances, and not by a constant.
    full: Dual,
}

impl LogProb {
    /// A reporter whose gradients come from the engine of this kind.
    #[must_use]
    pub fn new(model: &BoundModel, kind: EngineKind) -> Self {
        Self::with_engine(model, &Prepared::new(kind, model))
    }

    /// A reporter whose gradients come from an engine that was made ready for the model.
    #[must_use]
    pub fn with_engine(model: &BoundModel, prepared: &Prepared) -> Self {
        let full = Dual::with_options(model, Options { propto: false, jacobian: true });
        let engine = prepared.engine();
        LogProb { model: model.clone(), values: Evaluator::new(model), engine, full }
    }

    /// Names of [`PointReport::constrained`].
    #[must_use]
    pub fn constrained_names(&self) -> Vec<String> {
        self.model.constrained_names(Include::TransformedParameters)
    }

    /// What the point gives. `rng` is there for what the language allows nowhere before generated quantities.
    ///
    /// # Errors
    /// A [`Rejection`] where the density has no value.
    pub fn report(&mut self, point: &[f64], rng: &mut dyn Rng) -> Result<PointReport, Rejection> {
        let mut gradient = vec![0.0; point.len()];
        let lp_full = self.full.log_density_gradient(point, &mut gradient)?;
        let lp = self.engine.log_density_gradient(point, &mut gradient)?;
        // The sign of a zero depends on the order in which an engine adds.
        gradient.iter_mut().for_each(|partial| *partial += 0.0);
        let mut constrained = Vec::new();
        self.values
            .constrain(point, Include::TransformedParameters, rng, &mut constrained)
            .map_err(|failure| rejection(&failure))?;
        Ok(PointReport { lp, lp_full, gradient, constrained })
    }
}
