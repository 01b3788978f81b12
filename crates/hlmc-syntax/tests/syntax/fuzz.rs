//! Broken programs: every answer but a panic will do, and no answer without an error or a program.

use crate::{parse_program, places};

/// Programs that together hold every construct of the language.
const PROGRAMS: [&str; 3] = [
    include_str!("../../../../tests/syntax/everything.stan"),
    include_str!("../../../../tests/syntax/old_arrays.stan"),
    include_str!("../../../../tests/syntax/comments.stan"),
];

/// How many broken programs are made.
const N_MUTANTS: usize = 1500;

/// Pieces that break programs in interesting ways.
const PIECES: [&str; 24] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ";",
    ",",
    "<",
    ">",
    "|",
    "~",
    "=",
    "+=",
    "\"",
    "/*",
    "*/",
    "//",
    "#include x",
    "\u{e4}",
    "else",
    "T[",
    "real",
    ".1",
];

/// A small generator of its own, so that the same mutants come on every machine (Marsaglia's xorshift64).
struct XorShift(u64);

impl XorShift {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n.max(1) as u64).expect("a small number")
    }
}

fn mutate(text: &str, random: &mut XorShift) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    for _ in 0..=random.below(4) {
        let at = random.below(chars.len());
        let other = random.below(chars.len());
        match random.below(5) {
            0 => drop(chars.remove(at)),
            1 => chars.swap(at, other),
            2 => drop(chars.drain(at.min(other)..(at.min(other) + random.below(40)).min(chars.len()))),
            3 => drop(chars.splice(at..at, PIECES[random.below(PIECES.len())].chars())),
            _ => chars.truncate(chars.len().saturating_sub(random.below(30)).max(1)),
        }
    }
    chars.into_iter().collect()
}

#[test]
fn broken_programs_give_a_program_or_an_error() {
    let mut random = XorShift(0x5EED_0F57_A11D_0BAD);
    for mutant in 0..N_MUTANTS {
        let text = mutate(PROGRAMS[mutant % PROGRAMS.len()], &mut random);
        let parsed = parse_program(&text);
        let has_error = parsed.diagnostics.iter().any(hlmc_syntax::Diagnostic::is_error);
        assert_eq!(has_error, parsed.program.is_none(), "mutant {mutant}: {text}");
        assert!(!places(&parsed).iter().any(|place| place.ends_with("internal")), "mutant {mutant}: {text}");
        for diagnostic in &parsed.diagnostics {
            let spans = std::iter::once(&diagnostic.primary).chain(&diagnostic.secondary);
            for label in spans {
                let file = parsed.sources.file(label.span.file).expect("a file");
                assert!(file.text.get(label.span.start as usize..label.span.end as usize).is_some(), "mutant {mutant}");
            }
        }
    }
}
