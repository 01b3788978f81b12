//! The reference page of all functions and distributions, made from the table.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use hlmc_math::Real;

use crate::known_names;
use crate::table::{Chapter, Distribution, Function, Library, Part, Row};

/// The page in Markdown: one section a chapter, rows by name, and at the end the names that Stan has and hlmc has not.
#[must_use]
pub fn page<A: Real>(library: &Library<A>) -> String {
    let mut chapters: BTreeMap<Chapter, BTreeMap<&str, Vec<&Row<A>>>> = BTreeMap::new();
    for row in library.rows() {
        chapters.entry(chapter(row)).or_default().entry(row.name()).or_default().push(row);
    }
    let mut page = String::from(INTRODUCTION);
    for (chapter, names) in &chapters {
        let _ = write!(page, "\n## {}\n\n| name | signatures | |\n| --- | --- | --- |\n", chapter.title());
        for (name, rows) in names {
            let (signatures, doc) = match rows[0] {
                Row::Function(first) => (function_signatures(name, rows), first.doc),
                Row::Distribution(first) => (vec![family(first)], first.doc),
            };
            let _ = writeln!(page, "| {} | {} | {doc} |", code(name), signatures.join("<br>"));
        }
    }
    let missing: Vec<String> = missing(library).into_iter().map(code).collect();
    if !missing.is_empty() {
        let _ = write!(
            page,
            "\n## Not yet supported\n\nStan has these, hlmc refuses them by name:\n{}.\n",
            missing.join(", ")
        );
    }
    page
}

const INTRODUCTION: &str = "# Functions and distributions

Generated from the table in `crates/hlmc-builtins/src/rows`; a test fails when this page is stale, and
`UPDATE_GOLDEN=1 cargo test --release -p hlmc-builtins` writes it anew.

`T<real>` stands for a real number or any container of reals, on which the function works entry by entry; several such
arguments have one shape or are scalars. `reals`, `ints` and `vectors` stand for the types that Stan's vectorised
functions take.
";

fn chapter<A: Real>(row: &Row<A>) -> Chapter {
    match row {
        Row::Function(row) => row.chapter,
        Row::Distribution(row) => row.chapter,
    }
}

fn function_signatures<A: Real>(name: &str, rows: &[&Row<A>]) -> Vec<String> {
    let functions = rows.iter().filter_map(|row| match row {
        Row::Function(row) => Some(row),
        Row::Distribution(_) => None,
    });
    functions.flat_map(|row: &Function<A>| row.signature.describe(name)).map(|line| code(&line)).collect()
}

/// A distribution's density signature, and the suffixes of its functions.
fn family<A: Real>(row: &Distribution<A>) -> String {
    let density: Vec<String> = row.signatures(Part::Density).iter().map(|line| code(line)).collect();
    let suffixes: Vec<String> = row.suffixes().iter().map(|suffix| code(&format!("_{suffix}"))).collect();
    format!("{}<br>{}", density.join("<br>"), suffixes.join(" "))
}

/// Code in a table cell: bars would end the cell.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

/// The names of Stan's functions that no row answers to.
#[must_use]
pub fn missing<A: Real>(library: &Library<A>) -> Vec<&'static str> {
    known_names::all().filter(|name| library.functions(name).is_empty()).collect()
}

impl Chapter {
    /// The section's title.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Chapter::Operators => "Operators",
            Chapter::Elementwise => "Functions of numbers",
            Chapter::Arrays => "Arrays and reductions",
            Chapter::Matrices => "Vectors and matrices",
            Chapter::Complex => "Complex numbers",
            Chapter::HigherOrder => "Functions of functions",
            Chapter::Transforms => "Constraint transforms",
            Chapter::Univariate => "Distributions of one variable",
            Chapter::Multivariate => "Distributions of vectors and matrices",
        }
    }
}
