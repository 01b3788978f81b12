//! What a differential equation or an integral depends on, each with a direction of its own.
//!
//! Like Stan's, the solvers keep the error of the derivatives by initial state and arguments within their tolerances,
//! whatever these in turn depend on: the steps are the same for every parameterisation, and in every engine.

use hlmc_math::Real;

use crate::value::{Entries, Reals, Value};

/// The numbers that carry derivatives, in the order in which they were met.
pub(super) struct Inputs<A> {
    inputs: Vec<A>,
    has_others: bool,
}

impl<A> Default for Inputs<A> {
    fn default() -> Self {
        Inputs { inputs: Vec::new(), has_others: false }
    }
}

impl<A: Real> Inputs<A> {
    /// The number with a direction of its own, if it carries derivatives.
    pub(super) fn seed(&mut self, x: &A) -> A {
        if x.is_constant() {
            return *x;
        }
        self.inputs.push(*x);
        A::seeded(x.value(), self.inputs.len() - 1)
    }

    /// The same for all numbers of a value.
    pub(super) fn seed_value(&mut self, value: &Value<A>) -> Value<A> {
        match value {
            Value::Real(x) => Value::Real(self.seed(x)),
            Value::Reals(Reals { kind, dims, entries: Entries::Auto(entries) }) => {
                let entries = Entries::Auto(entries.iter().map(|x| self.seed(x)).collect());
                Value::Reals(Reals { kind: *kind, dims: dims.clone(), entries })
            }
            Value::Tuple(members) => Value::Tuple(members.iter().map(|member| self.seed_value(member)).collect()),
            Value::Array(members) => Value::Array(members.iter().map(|member| self.seed_value(member)).collect()),
            Value::Complex(_) | Value::Complexes(_) => {
                self.has_others = true;
                value.clone()
            }
            Value::Int(_) | Value::Ints(_) | Value::Reals(_) => value.clone(),
        }
    }

    /// Whether there are as many directions as numbers, and no derivatives but first ones in these.
    pub(super) fn can_be_directions(&self) -> bool {
        let is_first_order = <A::Lower as Real>::N_DIRECTIONS == 0;
        !self.has_others && is_first_order && (1..=A::N_DIRECTIONS).contains(&self.inputs.len())
    }

    /// A result of the seeded numbers, with the derivatives that it has in the directions of the numbers themselves.
    pub(super) fn along_their_directions(&self, result: &A) -> A {
        let mut sum = A::constant(result.value());
        for (direction, input) in self.inputs.iter().enumerate() {
            sum += (*input - input.value()) * result.partial(direction);
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use num_dual::DualSVec64;

    use super::*;

    type Number = DualSVec64<2>;

    #[test]
    fn derivatives_pass_through_the_inputs() {
        let x = Number::from_re(3.0).derivative(0);
        let y = Number::from_re(2.0).derivative(1);
        let values = [x * y, Number::from_re(5.0), y * y];
        let f = |v: &[Number]| v[0] * v[1] + v[2] * v[0];
        let mut inputs = Inputs::default();
        let seeded: Vec<Number> = values.iter().map(|value| inputs.seed(value)).collect();
        assert!(inputs.can_be_directions());
        assert_eq!(inputs.along_their_directions(&f(&seeded)), f(&values));
    }

    #[test]
    fn more_inputs_than_directions_keep_their_own() {
        let mut inputs = Inputs::default();
        assert!(!inputs.can_be_directions());
        for _ in 0..3 {
            inputs.seed(&Number::from_re(1.0).derivative(0));
        }
        assert!(!inputs.can_be_directions());
    }
}
