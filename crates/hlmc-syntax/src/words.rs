//! Words of the language that cannot be names. The grammar has its own list, for it parses by it; a test compares them.

/// Types whose constraint is in the name.
pub(crate) const CONSTRAINED_TYPES: [&str; 12] = [
    "ordered",
    "positive_ordered",
    "simplex",
    "unit_vector",
    "sum_to_zero_vector",
    "sum_to_zero_matrix",
    "cholesky_factor_corr",
    "cholesky_factor_cov",
    "corr_matrix",
    "cov_matrix",
    "column_stochastic_matrix",
    "row_stochastic_matrix",
];

/// Types that take one or two sizes.
pub(crate) const SIZED_TYPES: [&str; 6] =
    ["vector", "row_vector", "matrix", "complex_vector", "complex_row_vector", "complex_matrix"];

/// Types without sizes.
pub(crate) const SCALAR_TYPES: [&str; 3] = ["int", "real", "complex"];

/// The other words of types.
pub(crate) const TYPE_WORDS: [&str; 3] = ["array", "tuple", "void"];

/// Words that begin a statement.
pub(crate) const STATEMENT_WORDS: [&str; 12] = [
    "if",
    "while",
    "for",
    "break",
    "continue",
    "return",
    "profile",
    "print",
    "reject",
    "fatal_error",
    "target",
    "jacobian",
];

/// Words of blocks, constraints and the middle of statements.
pub(crate) const OTHER_WORDS: [&str; 10] =
    ["functions", "data", "parameters", "model", "else", "in", "lower", "upper", "offset", "multiplier"];

/// True for the name of a type, or a word that a type begins with.
pub(crate) fn is_type_word(word: &str) -> bool {
    CONSTRAINED_TYPES.contains(&word)
        || SIZED_TYPES.contains(&word)
        || SCALAR_TYPES.contains(&word)
        || TYPE_WORDS.contains(&word)
}

/// True for every word that cannot be a name.
pub(crate) fn is_reserved(word: &str) -> bool {
    is_type_word(word) || STATEMENT_WORDS.contains(&word) || OTHER_WORDS.contains(&word)
}

/// The names of the blocks, in their order.
pub(crate) const BLOCKS: [&str; 7] =
    ["functions", "data", "transformed data", "parameters", "transformed parameters", "model", "generated quantities"];

/// Words further apart than this are not taken for each other.
const MAX_MISSPELLING: usize = 2;

/// The word that is likely meant by a misspelt one; none for short words, where everything is near to everything.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = MAX_MISSPELLING.min(word.len().saturating_sub(1) / 2);
    let distances = candidates.into_iter().map(|candidate| (strsim::osa_distance(word, candidate), candidate));
    distances.filter(|&(distance, _)| distance <= limit).min_by_key(|&(distance, _)| distance).map(|(_, word)| word)
}

/// The word that a statement or a declaration is likely meant to begin with.
pub(crate) fn nearest_first_word(word: &str) -> Option<&'static str> {
    let types = CONSTRAINED_TYPES.into_iter().chain(SIZED_TYPES).chain(SCALAR_TYPES).chain(TYPE_WORDS);
    nearest(word, types.chain(STATEMENT_WORDS))
}
