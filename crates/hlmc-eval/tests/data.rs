//! JSON data against declarations: what is read, and what is said about what cannot be.
#![allow(clippy::expect_used, reason = "helpers of tests, though not in test functions")]

mod common;

use common::{bind, mistakes, model, written};

fn echo(declaration: &str, name: &str, data: &str) -> Vec<f64> {
    let ty = declaration.rsplit_once(' ').expect("a type and a name").0;
    let program = format!("data {{ {declaration}; }} generated quantities {{ {ty} out = {name}; }}");
    written(&model(&program, data), &[]).expect("values").into_iter().map(|(_, x)| x).collect()
}

#[test]
fn numbers_come_in_every_spelling_of_cmdstan() {
    let spellings = [
        ("1", 1.0),
        ("-2.5e-1", -0.25),
        ("1E3", 1000.0),
        ("12345678901234567890", 12_345_678_901_234_567_890.0),
        ("\"Inf\"", f64::INFINITY),
        ("\"+inf\"", f64::INFINITY),
        ("\"-Infinity\"", f64::NEG_INFINITY),
        ("\"Infinity\"", f64::INFINITY),
        ("\"+Infinity\"", f64::INFINITY),
        ("Infinity", f64::INFINITY),
        ("-Infinity", f64::NEG_INFINITY),
        ("-inf", f64::NEG_INFINITY),
    ];
    for (text, expected) in spellings {
        assert_eq!(echo("real x", "x", &format!("{{\"x\": {text}}}")), [expected], "{text}");
        assert_eq!(echo("vector[2] x", "x", &format!("{{\"x\": [0, {text}]}}")), [0.0, expected], "{text}");
    }
    for text in ["NaN", "\"NaN\"", "nan", "\"nan\""] {
        assert!(echo("real x", "x", &format!("{{\"x\": {text}}}"))[0].is_nan(), "{text}");
    }
}

#[test]
fn matrices_are_given_by_rows_and_written_by_columns() {
    assert_eq!(echo("matrix[2, 3] x", "x", r#"{"x": [[1, 2, 3], [4, 5, 6]]}"#), [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    let nested = r#"{"x": [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]}"#;
    assert_eq!(echo("array[2] matrix[2, 2] x", "x", nested), [1.0, 5.0, 3.0, 7.0, 2.0, 6.0, 4.0, 8.0]);
}

#[test]
fn sizes_of_zero_take_any_empty_list_or_none() {
    for data in ["{\"x\": []}", "{}", ""] {
        assert!(echo("vector[0] x", "x", data).is_empty(), "{data}");
        assert!(echo("matrix[0, 3] x", "x", data).is_empty(), "{data}");
    }
    assert!(echo("matrix[2, 0] x", "x", "{\"x\": [[], []]}").is_empty());
    assert!(echo("array[2, 0] int x", "x", "{\"x\": [[], []]}").is_empty());
}

#[test]
fn complex_numbers_are_pairs_and_tuples_objects() {
    assert_eq!(echo("complex x", "x", "{\"x\": [1, -2]}"), [1.0, -2.0]);
    assert_eq!(echo("complex_vector[2] x", "x", "{\"x\": [[1, 2], [3, 4]]}"), [1.0, 2.0, 3.0, 4.0]);
    let tuple = "tuple(int, vector[2]) x";
    let program = format!("data {{ {tuple}; }} generated quantities {{ real a = x.1; vector[2] b = x.2; }}");
    let bound = model(&program, r#"{"x": {"1": 3, "2": [0.5, 1.5]}}"#);
    let values: Vec<f64> = written(&bound, &[]).expect("values").into_iter().map(|(_, x)| x).collect();
    assert_eq!(values, [3.0, 0.5, 1.5]);
}

#[test]
fn variables_that_no_declaration_names_are_ignored() {
    assert_eq!(echo("real x", "x", r#"{"other": {"a": [null, true, "text"]}, "x": 1}"#), [1.0]);
}

/// Declarations, data, and what each message must contain, in order.
const MISTAKES: &[(&str, &str, &[&str])] = &[
    ("int n; vector[2] x;", "{\"n\": 2}", &["the data has no `x`"]),
    ("int n; real x;", "{}", &["no `n`", "no `x`"]),
    ("int n;", "{\"n\": 10.0}", &["`n` is declared as an integer, but 10.0 is not written as an integer"]),
    ("int n;", "{\"n\": 1.5}", &["`n` is declared as an integer, but 1.5 is no integer"]),
    ("int n;", "{\"n\": 3000000000}", &["does not fit an integer of 32 bits"]),
    ("array[2, 2] int n;", "{\"n\": [[1, 2], [3, 4.5]]}", &["`n[2,2]` is declared as an integer, but 4.5"]),
    ("int n;", "{\"n\": \"NaN\"}", &["is no integer"]),
    ("vector[3] x;", "{\"x\": [1, 2]}", &["`x` has size 2, but is declared with size 3"]),
    (
        "matrix[2, 3] x;",
        "{\"x\": [[1, 2, 3], [4, 5]]}",
        &["`x` has size 2 in dimension 2, but is declared with size 3"],
    ),
    ("vector[3] x;", "{\"x\": 1}", &["`x`: expected a list, found the number 1"]),
    ("real x;", "{\"x\": [1]}", &["`x`: expected a number, found a list"]),
    ("real x;", "{\"x\": \"abc\"}", &["`x`: expected a number, found the text \"abc\""]),
    ("real x;", "{\"x\": null}", &["`x`: expected a number, found null"]),
    ("matrix[1, 2] x;", "{\"x\": [1, 2]}", &["has size 2 in dimension 1"]),
    ("complex z;", "{\"z\": [1, 2, 3]}", &["a complex number is [re, im], found a list of size 3"]),
    ("tuple(real, real) t;", "{\"t\": {\"1\": 1}}", &["`t` has no slot \"2\""]),
    ("array[2] real<lower=0, upper=1> p;", "{\"p\": [2, -1]}", &["`p[2]` is -1", "`p[1]` is 2, but must be less"]),
    ("int<lower=1> n; vector[n] x;", "{\"n\": 0, \"x\": []}", &["`n` is 0, but must be greater than or equal to 1"]),
    ("int n; vector[n] x;", "{\"n\": -2, \"x\": []}", &["a size of `x` is -2, but must not be negative"]),
    ("simplex[2] s;", "{\"s\": [0.5, 0.6]}", &["`s`: found 1.1"]),
    ("ordered[2] s;", "{\"s\": [2, 1]}", &["`s[2]` is 1"]),
    ("cov_matrix[2] s;", "{\"s\": [[1, 0], [2, 1]]}", &["`s"]),
    // What depends on a missing size is not reported besides.
    ("int n; vector[n] x; real y;", "{\"x\": [1], \"y\": \"a\"}", &["no `n`", "`y`: expected"]),
];

#[test]
fn every_mistake_is_reported_with_name_index_and_value() {
    for (declarations, data, expected) in MISTAKES {
        let found = mistakes(&format!("data {{ {declarations} }}"), data);
        assert_eq!(found.len(), expected.len(), "{declarations} {data}: {found:?}");
        for (message, part) in found.iter().zip(*expected) {
            assert!(message.contains(part), "{declarations} {data}: {message}");
        }
    }
}

#[test]
fn malformed_json_is_reported_with_line_and_column() {
    let cases = [
        ("{\"n\": 1,\n \"m\": }", (2, 7), "expected a value"),
        ("{\"n\": 1", (1, 8), "the text ends"),
        ("{n: 1}", (1, 2), "expected a name in double quotes"),
        ("[1]", (1, 1), "expected an object"),
        ("{\"n\": 01}", (1, 7), "expected a value"),
        ("{\"n\": 1} x", (1, 10), "nothing may follow"),
        ("{\"n\": 1, \"n\": 2}", (1, 15), "stands here twice"),
        ("{\"n\": [1 2]}", (1, 10), "expected `,` or `]`"),
        ("{\"a\": \"\u{e9}\", \"n\" 1}", (1, 16), "expected `:`"),
    ];
    for (text, (line, column), part) in cases {
        let list = bind("data { int n; }", text).expect_err(text);
        let place = list[0].place.expect("a place");
        assert_eq!((place.line, place.column), (line, column), "{text}: {list:?}");
        assert!(list[0].diagnostic.message.contains(part), "{text}: {list:?}");
    }
}

#[test]
fn a_mistake_within_a_list_has_the_place_of_its_entry() {
    let list = bind("data { array[3] int n; }", "{\n \"n\": [1, 2,\n 2.5]}").expect_err("a mistake");
    let place = list[0].place.expect("a place");
    assert_eq!((place.line, place.column), (3, 2));
}

#[test]
fn text_that_is_no_data_never_panics() {
    let program = "data { int n; array[2] tuple(real, complex) t; matrix[2, 2] m; }";
    let good = r#"{"n": 1, "t": [{"1": 1, "2": [1, 2]}, {"1": "NaN", "2": [1, -Inf]}], "m": [[1, 2], [3, 4e2]]}"#;
    assert!(bind(program, good).is_ok());
    for cut in 0..good.len() {
        assert!(bind(program, &good[..cut]).is_err() || cut == 0, "{}", &good[..cut]);
        for junk in ["[", "{", "\"", "\\", ",", "-", "1e", "\u{0}", "\u{fe0f}"] {
            let _ = bind(program, &format!("{}{junk}{}", &good[..cut], &good[cut..]));
        }
    }
    assert!(bind(program, &"[".repeat(100_000)).is_err());
}
