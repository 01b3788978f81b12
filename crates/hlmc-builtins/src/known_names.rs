//! The names of all functions of Stan 2.39, so that one that is not here yet is refused as such and not as unknown.

use std::sync::LazyLock;

/// One name a line, sorted bytewise; compiled from the functions reference of Stan 2.39.
const NAMES: &str = include_str!("known_names.txt");

static SORTED: LazyLock<Vec<&'static str>> = LazyLock::new(|| NAMES.lines().collect());

/// True when Stan has a function of this name. `_lupdf` and `_lupmf` follow from `_lpdf` and `_lpmf`.
#[must_use]
pub fn is_known_to_stan(name: &str) -> bool {
    let known = |name: &str| SORTED.binary_search(&name).is_ok();
    known(name) || known(&name.replace("_lupdf", "_lpdf")) || known(&name.replace("_lupmf", "_lpmf"))
}

/// All names, sorted bytewise.
pub fn all() -> impl Iterator<Item = &'static str> {
    SORTED.iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_unique() {
        assert!(SORTED.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn unnormalised_densities_follow_from_the_others() {
        assert!(is_known_to_stan("normal_lpdf") && is_known_to_stan("normal_lupdf"));
        assert!(!is_known_to_stan("normal_lupmf") && !is_known_to_stan("seedling"));
    }
}
