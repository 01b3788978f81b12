//! The nearest name to one that is not there.

use crate::checker::Checker;

/// Edits that a suggestion may need at most, as in the reference compiler.
const MAX_DISTANCE: usize = 3;

impl Checker<'_> {
    /// The visible variable whose name is nearest.
    pub(crate) fn nearest_variable(&self, name: &str) -> Option<String> {
        nearest(name, self.scope.names())
    }

    /// The function whose name is nearest.
    pub(crate) fn nearest_function(&self, name: &str) -> Option<String> {
        nearest(name, self.function_names().into_iter())
    }

    /// The distribution whose name is nearest.
    pub(crate) fn nearest_distribution(&self, name: &str) -> Option<String> {
        let families = self
            .function_names()
            .into_iter()
            .filter_map(|f| f.strip_suffix("_lpdf").or_else(|| f.strip_suffix("_lpmf")));
        nearest(name, families)
    }

    /// The program's functions and those of Stan.
    fn function_names(&self) -> Vec<&str> {
        let own = self.functions.names();
        // A closure, because the library's names live longer than this borrow.
        let library = hlmc_builtins::known_names::all().map(|name| -> &str { name });
        own.chain(library).collect()
    }
}

/// Of several names at the same distance it is the first in the alphabet, so that messages do not vary.
fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<String> {
    let most = MAX_DISTANCE.min(name.chars().count() / 2);
    let close = names.filter(|other| other.len().abs_diff(name.len()) <= MAX_DISTANCE);
    let with_distance = close.map(|other| (strsim::damerau_levenshtein(name, other), other));
    with_distance.filter(|(distance, _)| *distance <= most).min().map(|(_, other)| other.to_owned())
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_name_is_found_within_three_edits() {
        assert_eq!(nearest("sgima", ["mu", "sigma", "tau"].into_iter()), Some("sigma".to_owned()));
        assert_eq!(nearest("alpha", ["mu", "sigma"].into_iter()), None);
    }
}
