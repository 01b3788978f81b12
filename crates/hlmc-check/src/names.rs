//! What names say: suffixes of functions, and names that nobody may use.

/// Words that are kept for the language's future.
const RESERVED: [&str; 15] = [
    "generated",
    "quantities",
    "transformed",
    "repeat",
    "until",
    "then",
    "true",
    "false",
    "typedef",
    "struct",
    "var",
    "export",
    "extern",
    "static",
    "auto",
];

/// Suffixes of functions whose first argument is set apart by a bar.
const BAR_SUFFIXES: [&str; 7] = ["_lpdf", "_lupdf", "_lpmf", "_lupmf", "_cdf", "_lcdf", "_lccdf"];

/// What the suffix of a function's name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Suffix {
    /// No suffix that matters to where it may be called.
    Plain,
    /// `_rng`
    Rng,
    /// `_lp`
    TargetLp,
    /// `_jacobian`
    Jacobian,
    /// `_lpdf` and `_lupdf`
    Density,
    /// `_lpmf` and `_lupmf`
    Mass,
}

impl Suffix {
    /// The suffix of a function's name.
    pub(crate) fn of(name: &str) -> Suffix {
        let table = [
            ("_rng", Suffix::Rng),
            ("_lp", Suffix::TargetLp),
            ("_jacobian", Suffix::Jacobian),
            ("_lupdf", Suffix::Density),
            ("_lupmf", Suffix::Mass),
            ("_lpdf", Suffix::Density),
            ("_lpmf", Suffix::Mass),
        ];
        table.iter().find(|(text, _)| name.ends_with(text)).map_or(Suffix::Plain, |(_, suffix)| *suffix)
    }
}

/// True for names that no variable and no function may have.
pub(crate) fn is_reserved(name: &str) -> bool {
    name.ends_with("__") || RESERVED.contains(&name)
}

/// True for `_lupdf` and `_lupmf`.
pub(crate) fn is_unnormalised(name: &str) -> bool {
    name.ends_with("_lupdf") || name.ends_with("_lupmf")
}

/// The name that a density is defined under: `_lupdf` becomes `_lpdf`.
pub(crate) fn normalised(name: &str) -> String {
    if let Some(stem) = name.strip_suffix("_lupdf") {
        return format!("{stem}_lpdf");
    }
    name.strip_suffix("_lupmf").map_or_else(|| name.to_owned(), |stem| format!("{stem}_lpmf"))
}

/// True for functions that are called with a bar after the first argument.
pub(crate) fn needs_bar(name: &str) -> bool {
    BAR_SUFFIXES.iter().any(|suffix| name.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_tell_where_a_function_may_be_called() {
        assert_eq!(Suffix::of("draw_rng"), Suffix::Rng);
        assert_eq!(Suffix::of("foo_lupdf"), Suffix::Density);
        assert_eq!(Suffix::of("lp"), Suffix::Plain);
    }

    #[test]
    fn unnormalised_densities_are_defined_by_the_normalised_name() {
        assert_eq!(normalised("foo_lupmf"), "foo_lpmf");
        assert_eq!(normalised("foo"), "foo");
    }
}
