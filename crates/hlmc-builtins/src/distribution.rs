//! What follows from a distribution's row: its functions, their signatures, vectorisation and argument checks.

use hlmc_math::Real;

use crate::known_names::is_known_to_stan;
use crate::signature::{Fit, Overload, Pattern};
use crate::table::{Distribution, Generator, Outcome, Part};
use crate::types::Type;

impl<A: Real> Distribution<A> {
    /// The function that a suffix names, if this distribution has it: of the cumulative functions those that Stan has,
    /// so that a user may give the others' names to functions of their own.
    #[must_use]
    pub fn part(&self, suffix: &str) -> Option<Part> {
        let continuous = self.outcome == Outcome::Continuous;
        match suffix {
            "lpdf" | "lupdf" if continuous => Some(Part::Density),
            "lpmf" | "lupmf" if !continuous => Some(Part::Density),
            "cdf" | "lcdf" | "lccdf" => {
                self.cumulative?;
                is_known_to_stan(&format!("{}_{suffix}", self.name)).then_some(match suffix {
                    "cdf" => Part::Cdf,
                    "lcdf" => Part::Lcdf,
                    _ => Part::Lccdf,
                })
            }
            "rng" => self.generator.map(|_| Part::Rng),
            _ => None,
        }
    }

    /// The suffixes of the functions that this distribution has, for the reference page.
    #[must_use]
    pub fn suffixes(&self) -> Vec<&'static str> {
        let all = ["lpdf", "lupdf", "lpmf", "lupmf", "cdf", "lcdf", "lccdf", "rng"];
        all.into_iter().filter(|suffix| self.part(suffix).is_some()).collect()
    }

    /// The signatures of one of its functions, in Stan's notation.
    #[must_use]
    pub fn signatures(&self, part: Part) -> Vec<String> {
        if let (Part::Rng, Some(Generator::Whole(_, list))) = (part, self.generator) {
            return list.iter().map(ToString::to_string).collect();
        }
        let (suffix, result) = match (part, self.outcome) {
            (Part::Density | Part::Function, Outcome::Continuous) => ("lpdf", "real"),
            (Part::Density | Part::Function, Outcome::Discrete) => ("lpmf", "real"),
            (Part::Cdf, _) => ("cdf", "real"),
            (Part::Lcdf, _) => ("lcdf", "real"),
            (Part::Lccdf, _) => ("lccdf", "real"),
            (Part::Rng, Outcome::Continuous) => ("rng", "reals"),
            (Part::Rng, Outcome::Discrete) => ("rng", "ints"),
        };
        let arguments = if part == Part::Rng { self.arguments.get(1..).unwrap_or(&[]) } else { self.arguments };
        let lists = alternatives(arguments);
        lists.into_iter().map(|types| format!("{result} {}_{suffix}({})", self.name, types.join(", "))).collect()
    }

    /// The signatures of one of its functions that take the arguments.
    #[must_use]
    pub fn fits(&self, part: Part, arguments: &[Type]) -> Vec<Fit> {
        match (part, self.generator) {
            (Part::Rng, Some(Generator::Whole(_, list))) => {
                list.iter().filter_map(|text| Overload::parse(text)?.fit(arguments)).collect()
            }
            (Part::Rng, _) => self.scalar_rng_fit(arguments).into_iter().collect(),
            _ => self.signatures(part).iter().filter_map(|text| Overload::parse(text)?.fit(arguments)).collect(),
        }
    }

    /// Vectorised generators return one number for scalars, and an array as soon as one argument is a container
    /// (functions reference, "Vectorized PRNG functions").
    fn scalar_rng_fit(&self, arguments: &[Type]) -> Option<Fit> {
        let parameters = self.arguments.get(1..)?;
        if parameters.len() != arguments.len() {
            return None;
        }
        let accept = |(parameter, ty): (&crate::table::Argument, &Type)| match parameter.ty {
            "int" => Pattern::Exactly(Type::Int).accept(ty),
            "ints" => Pattern::Ints.accept(ty),
            _ => Pattern::Reals.accept(ty),
        };
        let accepted: Vec<Type> = parameters.iter().zip(arguments).map(accept).collect::<Option<_>>()?;
        let scalar = if self.outcome == Outcome::Continuous { Type::Real } else { Type::Int };
        let is_vectorised = accepted.iter().any(|ty| !ty.is_scalar());
        let result = if is_vectorised { scalar.in_array(1) } else { scalar };
        Some(Fit::new(accepted, result))
    }
}

/// Every list of types that the arguments can have: an argument whose type is written `real | vector` has two.
fn alternatives(arguments: &[crate::table::Argument]) -> Vec<Vec<&'static str>> {
    arguments.iter().fold(vec![Vec::new()], |lists, argument| {
        let extended = |list: &Vec<&'static str>| {
            let list = list.clone();
            argument.ty.split(" | ").map(move |ty| [&list[..], &[ty]].concat()).collect::<Vec<_>>()
        };
        lists.iter().flat_map(extended).collect()
    })
}
