//! Which rewrites are applied, and how a person says so.

use std::fmt;
use std::str::FromStr;

use super::REWRITES;

/// A set of rewrites.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rewrites {
    /// Bit `i` is set when `REWRITES[i]` is applied.
    bits: u32,
}

impl Rewrites {
    /// No rewrite.
    pub const NONE: Rewrites = Rewrites { bits: 0 };

    /// Every rewrite.
    pub const ALL: Rewrites = Rewrites { bits: (1 << REWRITES.len()) - 1 };

    /// The rewrites of [`REWRITES`] whose bit is set, counted from the lowest.
    #[must_use]
    pub fn from_bits(bits: u32) -> Rewrites {
        Rewrites { bits: bits & Rewrites::ALL.bits }
    }

    /// True when nothing is rewritten.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// True when the rewrite of this name is applied.
    #[must_use]
    pub fn has(self, name: &str) -> bool {
        position(name).is_some_and(|i| self.bits >> i & 1 == 1)
    }

    /// These, as changed by words such as `no-collapse`, `collapse`, `none` or `all`, one after the other.
    ///
    /// # Errors
    /// The first word that names no rewrite.
    pub fn changed_by<'a>(self, words: impl IntoIterator<Item = &'a str>) -> Result<Rewrites, UnknownRewrite> {
        let mut bits = self.bits;
        for word in words {
            let unknown = || UnknownRewrite(word.to_owned());
            bits = match (word, word.strip_prefix("no-")) {
                ("none", _) => 0,
                ("all", _) => Rewrites::ALL.bits,
                (_, Some(name)) => bits & !(1 << position(name).ok_or_else(unknown)?),
                (name, None) => bits | 1 << position(name).ok_or_else(unknown)?,
            };
        }
        Ok(Rewrites { bits })
    }
}

impl Default for Rewrites {
    fn default() -> Self {
        Rewrites::ALL
    }
}

impl FromStr for Rewrites {
    type Err = UnknownRewrite;

    /// All rewrites, as changed by words between commas.
    fn from_str(text: &str) -> Result<Self, UnknownRewrite> {
        Rewrites::ALL.changed_by(text.split(',').map(str::trim).filter(|word| !word.is_empty()))
    }
}

/// A name of no rewrite.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownRewrite(pub String);

impl fmt::Display for UnknownRewrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no rewrite; there are none, all", self.0)?;
        REWRITES.iter().try_for_each(|rewrite| write!(f, ", no-{}", rewrite.name))
    }
}

impl std::error::Error for UnknownRewrite {}

fn position(name: &str) -> Option<usize> {
    REWRITES.iter().position(|rewrite| rewrite.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_switch_rewrites_off_and_on() {
        let rewrites: Rewrites = "no-collapse, no-gram".parse().unwrap();
        assert!(!rewrites.has("collapse") && !rewrites.has("gram") && rewrites.has("hoist"));
        let rewrites: Rewrites = "none,gram".parse().unwrap();
        assert!(rewrites.has("gram") && !rewrites.has("hoist"));
        assert_eq!("none".parse(), Ok(Rewrites::NONE));
        assert_eq!("".parse(), Ok(Rewrites::ALL));
    }

    #[test]
    fn an_unknown_word_lists_the_names() {
        let error = "no-magic".parse::<Rewrites>().unwrap_err();
        assert!(error.to_string().starts_with("`no-magic` is no rewrite; there are none, all, no-hoist"), "{error}");
    }

    #[test]
    fn names_are_unique_and_laws_are_sentences() {
        for (i, rewrite) in REWRITES.iter().enumerate() {
            assert_eq!(position(rewrite.name), Some(i));
            assert!(rewrite.law.ends_with('.') && rewrite.law.len() > 20, "{}", rewrite.law);
        }
    }
}
