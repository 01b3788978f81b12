//! Numbers as text, for files and for tables.

use std::fmt::Write;

/// Appends a number as CmdStan's readers take it, with as few digits as give it back exactly: `nan`, `inf`, `-inf`;
/// no decimal point where none is needed; an exponent for very large and very small ones.
pub fn push_exact(out: &mut String, value: f64) {
    const SMALLEST_FIXED: f64 = 1e-5;
    const LARGEST_FIXED: f64 = 1e16;
    let size = value.abs();
    // Writing to a string does not fail.
    let _ = if value.is_nan() {
        out.write_str("nan")
    } else if value == 0.0 || size.is_infinite() || (SMALLEST_FIXED..LARGEST_FIXED).contains(&size) {
        write!(out, "{value}")
    } else {
        write!(out, "{value:e}")
    };
}

/// The number as JSON: NaN and the infinities as strings, which is how Stan writes them.
pub fn json(value: f64) -> serde_json::Value {
    if value.is_finite() {
        return value.into();
    }
    let name = if value.is_nan() {
        "NaN"
    } else if value > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    };
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_exact() {
        let text = |value: f64| {
            let mut out = String::new();
            push_exact(&mut out, value);
            out
        };
        let cases = [
            (1.0, "1"),
            (-0.5, "-0.5"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e-7, "1e-7"),
            (1.5e300, "1.5e300"),
            (0.0, "0"),
            (f64::NAN, "nan"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (value, expected) in cases {
            assert_eq!(text(value), expected);
        }
    }

    #[test]
    fn json_has_no_bare_nan() {
        let values = [1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY].map(json);
        assert_eq!(serde_json::Value::from(values.to_vec()).to_string(), r#"[1.5,"NaN","Infinity","-Infinity"]"#);
    }
}
