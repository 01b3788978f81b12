//! What `print`, `reject` and `fatal_error` say: numbers as C++ streams write them, with six significant digits.

use hlmc_builtins::Value;
use hlmc_builtins::value::Kind;
use hlmc_check::ir::{Expression, ExpressionKind, Place, Printed, Statement, StatementKind};
use hlmc_math::Real;

use super::Machine;
use super::index::pick;
use super::select::{Selection, extent};
use crate::failure::{Eval, Failure};
use crate::frame::Frame;

/// Significant digits of a printed number, the default of C++ streams.
const PRECISION: usize = 6;

/// Entries of a variable up to which a failure shows it.
const MAX_SHOWN_ENTRIES: usize = 8;

/// Variables that a failure shows.
const MAX_SHOWN_VARIABLES: usize = 8;

impl<A: Real> Machine<'_, A> {
    /// The line that the parts make.
    pub(super) fn text(&self, frame: &Frame<'_, A>, parts: &[Printed]) -> Eval<String> {
        let mut line = String::new();
        for part in parts {
            match part {
                Printed::Text(text) => line.push_str(text),
                Printed::Value(e) => line.push_str(&format_value(&*self.value(frame, e)?)),
            }
        }
        Ok(line)
    }

    /// The failure with the variables of blocks that the statement reads, unless an inner statement gave its own.
    #[cold]
    pub(super) fn with_values(
        &self,
        mut failure: Box<Failure>,
        frame: &Frame<'_, A>,
        statement: &Statement,
    ) -> Box<Failure> {
        if !failure.values.is_empty() {
            return failure;
        }
        let mut show = |place: Place| {
            let Some(name) = self.variable_name(place) else { return };
            let Some(value) = frame.get(place) else { return };
            let is_new = !failure.values.iter().any(|(known, _)| known == name);
            if is_new && failure.values.len() < MAX_SHOWN_VARIABLES && value.n_entries() <= MAX_SHOWN_ENTRIES {
                failure.values.push((name.to_owned(), format_value(value)));
            }
        };
        match &statement.kind {
            StatementKind::Tilde { density, .. } | StatementKind::Call(density) => {
                density.arguments.iter().for_each(|e| places_read(e, &mut show));
            }
            StatementKind::Assign { value: e, .. }
            | StatementKind::Unpack { value: e, .. }
            | StatementKind::Increment(_, e)
            | StatementKind::Return(Some(e))
            | StatementKind::Declare { value: Some(e), .. }
            | StatementKind::If { condition: e, .. }
            | StatementKind::While { condition: e, .. } => places_read(e, &mut show),
            _ => {}
        }
        failure
    }
}

/// Hands every place that an expression reads to `f`.
pub(crate) fn places_read(e: &Expression, f: &mut dyn FnMut(Place)) {
    use hlmc_check::ir::Index;
    match &e.kind {
        ExpressionKind::Variable(place) => f(*place),
        ExpressionKind::Promote(x) | ExpressionKind::Negate(x) | ExpressionKind::Not(x) => places_read(x, f),
        ExpressionKind::Project(x, _) => places_read(x, f),
        ExpressionKind::Scalar(_, x, y) | ExpressionKind::Logical(_, x, y) => {
            places_read(x, f);
            places_read(y, f);
        }
        ExpressionKind::Conditional(x, y, z) => [x, y, z].into_iter().for_each(|e| places_read(e, f)),
        ExpressionKind::Index(base, indices) => {
            places_read(base, f);
            for index in indices {
                match index {
                    Index::All => {}
                    Index::Single(x) | Index::Multiple(x) | Index::From(x) | Index::To(x) => places_read(x, f),
                    Index::Between(x, y) => {
                        places_read(x, f);
                        places_read(y, f);
                    }
                }
            }
        }
        ExpressionKind::Call(call) => call.arguments.iter().for_each(|e| places_read(e, f)),
        ExpressionKind::Array(list)
        | ExpressionKind::RowVector(list)
        | ExpressionKind::Rows(list)
        | ExpressionKind::Tuple(list) => list.iter().for_each(|e| places_read(e, f)),
        ExpressionKind::Int(_) | ExpressionKind::Real(_) | ExpressionKind::Imaginary(_) | ExpressionKind::Target => {}
    }
}

/// A value as Stan prints it: `[1,2]` for vectors, `[[1,2],[3,4]]` for matrices and arrays of vectors, `(1,2)` for
/// complex numbers and tuples.
pub(crate) fn format_value<A: Real>(value: &Value<A>) -> String {
    match value {
        Value::Int(i) => i.to_string(),
        Value::Real(x) => format_real(x.value()),
        Value::Complex(z) => format!("({},{})", format_real(z.re.value()), format_real(z.im.value())),
        Value::Tuple(slots) => format!("({})", join(slots.iter().map(format_value))),
        Value::Array(elements) => format!("[{}]", join(elements.iter().map(format_value))),
        Value::Ints(_) | Value::Reals(_) | Value::Complexes(_) => {
            let Some((kind, dims)) = extent(value) else { return String::new() };
            let n = dims.first().copied().unwrap_or(0);
            // Rows of matrices come out as row vectors, which is what indexing with one position gives.
            debug_assert!(kind != Kind::Matrix || dims.len() >= 2);
            format!("[{}]", join((0..n).map(|i| format_value(&pick(value, &[Selection::One(i)])))))
        }
    }
}

fn join(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join(",")
}

/// A number as a C++ stream writes it: six significant digits, without trailing zeros, with an exponent where it is
/// below -4 or not below the number of digits (the rule of `%g`).
pub(crate) fn format_real(x: f64) -> String {
    if x.is_nan() {
        return "nan".into();
    }
    if x.is_infinite() {
        return if x > 0.0 { "inf".into() } else { "-inf".into() };
    }
    if x == 0.0 {
        return if x.is_sign_negative() { "-0".into() } else { "0".into() };
    }
    let scientific = format!("{x:.*e}", PRECISION - 1);
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..PRECISION as i32).contains(&exponent) {
        let decimals = (PRECISION as i32 - 1 - exponent).max(0) as usize;
        return without_trailing_zeros(&format!("{x:.decimals$}")).to_owned();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", without_trailing_zeros(digits), exponent.abs())
}

fn without_trailing_zeros(digits: &str) -> &str {
    if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits }
}
