//! Names of columns, and the same names as people write them.

/// `x.1.2` as `x[1,2]`. Slots of tuples (`x:1`) and parts of complex numbers (`z.1.real`) keep their own notation:
/// `x.1`, `z[1].real`.
pub fn display_name(column: &str) -> String {
    let mut out = String::with_capacity(column.len() + 2);
    for (slot_idx, slot) in column.split(':').enumerate() {
        let mut parts = slot.split('.');
        if slot_idx > 0 {
            out.push('.');
        }
        out.push_str(parts.next().unwrap_or_default());
        push_indices(&mut out, parts);
    }
    out
}

fn push_indices<'a>(out: &mut String, parts: impl Iterator<Item = &'a str>) {
    let mut is_open = false;
    for part in parts {
        let is_index = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        match (is_index, is_open) {
            (true, false) => out.push('['),
            (true, true) => out.push(','),
            (false, true) => out.push_str("]."),
            (false, false) => out.push('.'),
        }
        out.push_str(part);
        is_open = is_index;
    }
    if is_open {
        out.push(']');
    }
}

/// The name of the variable that a column is a part of: `x` of `x.1.2`.
pub fn variable_of(column: &str) -> &str {
    column.split(['.', ':']).next().unwrap_or_default()
}

/// Whether a person who asks for `wanted` means this column: by the variable's name, or by the element's name in either
/// notation.
pub fn is_wanted(column: &str, wanted: &str) -> bool {
    wanted == column || wanted == variable_of(column) || wanted == display_name(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_as_people_write_them() {
        let cases = [
            ("lp__", "lp__"),
            ("gamma.1", "gamma[1]"),
            ("x.1.12", "x[1,12]"),
            ("z.real", "z.real"),
            ("z.2.imag", "z[2].imag"),
            ("t:1", "t.1"),
            ("t.3:2.1:1", "t[3].2[1].1"),
        ];
        for (column, expected) in cases {
            assert_eq!(display_name(column), expected);
        }
    }

    #[test]
    fn columns_are_asked_for_by_variable_or_element() {
        assert!(is_wanted("gamma.1", "gamma"));
        assert!(is_wanted("gamma.1", "gamma[1]"));
        assert!(is_wanted("gamma.1", "gamma.1"));
        assert!(!is_wanted("gamma.1", "gamma[2]"));
        assert!(!is_wanted("gamma2", "gamma"));
    }
}
