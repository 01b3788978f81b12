//! What expressions and statements mean: values that follow from the reference manual.

mod common;

use common::{failure, model, quantities, written};
use hlmc_eval::{Evaluator, Include, Severity};

/// Statements that declare generated quantities, and the values of these.
const VALUES: &[(&str, &[f64])] = &[
    // arithmetic
    ("int a = 7 / 2; int b = -7 %/% 2; int c = -7 % 2; real d = 7 / 2.0;", &[3.0, -3.0, -1.0, 3.5]),
    ("real a = 2 ^ 10; real b = 2 ^ -1; real c = 9 ^ 0.5;", &[1024.0, 0.5, 3.0]),
    ("int a = !3; int b = 1 < 2; int c = 1.5 >= 2; int d = 0 || 2; int e = 1 && 0;", &[0.0, 1.0, 0.0, 1.0, 0.0]),
    ("int a = 1 > 0 ? 3 : 4; real b = 0 ? 1 : 2.5;", &[3.0, 2.5]),
    // `&&` and `||` do not look at what does not matter
    ("array[1] int x = {1}; int a = 0 && x[2]; int b = 1 || x[2];", &[1.0, 0.0, 1.0]),
    // containers
    ("array[2] int a = {1, 2}; array[2] real b = {1, 2.5};", &[1.0, 2.0, 1.0, 2.5]),
    ("row_vector[2] a = [1, 2]; matrix[2, 2] b = [[1, 2], [3, 4]];", &[1.0, 2.0, 1.0, 3.0, 2.0, 4.0]),
    ("tuple(int, real) t = (1, 2.5); real a = t.2;", &[1.0, 2.5, 2.5]),
    // reading parts
    (
        "matrix[2, 3] m = [[1, 2, 3], [4, 5, 6]]; row_vector[3] a = m[2]; vector[2] b = m[:, 3]; real c = m[2, 1];",
        &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0, 4.0, 5.0, 6.0, 3.0, 6.0, 4.0],
    ),
    (
        "vector[3] v = [1, 2, 3]'; vector[2] a = v[2:]; vector[1] b = v[:1]; vector[0] c = v[3:2]; vector[3] d = v[{3, 3, 1}];",
        &[1.0, 2.0, 3.0, 2.0, 3.0, 1.0, 3.0, 3.0, 1.0],
    ),
    (
        "matrix[2, 3] m = [[1, 2, 3], [4, 5, 6]]; matrix[1, 2] a = m[{2}, 2:3]; real b = m[2][3]; real c = m[, 2:][1, 2];",
        &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0, 5.0, 6.0, 6.0, 3.0],
    ),
    (
        "array[2] vector[2] x = {[1, 2]', [3, 4]'}; real a = x[2, 1]; vector[2] b = x[1]; array[2] real c = x[:, 2];",
        &[1.0, 3.0, 2.0, 4.0, 3.0, 1.0, 2.0, 2.0, 4.0],
    ),
    // writing parts
    ("vector[3] v = [1, 2, 3]'; v[2] = 7; v[2:3] = v[1:2];", &[1.0, 1.0, 7.0]),
    ("matrix[2, 2] m = [[1, 2], [3, 4]]; m[1] = [8, 9]; m[:, 2] = [5, 6]';", &[8.0, 3.0, 5.0, 6.0]),
    ("matrix[2, 3] m = [[1, 2, 3], [4, 5, 6]]; m[2:2, {3, 1}] = [[7, 8]];", &[1.0, 8.0, 2.0, 5.0, 3.0, 7.0]),
    ("array[2] vector[2] x = {[1, 2]', [3, 4]'}; x[2][1] = 9; x[1] = [7, 8]';", &[7.0, 9.0, 8.0, 4.0]),
    ("array[3] int n = {1, 2, 3}; n[{1, 3}] = {5, 6};", &[5.0, 2.0, 6.0]),
    ("tuple(real, vector[2]) t = (1, [2, 3]'); t.2[1] = 9; t.1 += 1;", &[2.0, 9.0, 3.0]),
    ("array[2] tuple(int, real) t = {(1, 2), (3, 4)}; t[2].2 = 7; real a = t[2].2;", &[1.0, 2.0, 3.0, 7.0, 7.0]),
    ("int a; real b; (a, b) = (2, 3);", &[2.0, 3.0]),
    ("real a = 1; a += 2; a *= 3; a -= 1; a /= 4;", &[2.0]),
    ("vector[2] v = [1, 2]'; v[1] += 4; v *= 2;", &[10.0, 4.0]),
    // loops
    ("int s = 0; for (i in 1:4) { if (i == 2) continue; if (i == 4) break; s += i; }", &[4.0]),
    ("int s = 0; for (i in 3:2) s += 1; while (s < 5) s += 2;", &[6.0]),
    (
        "real s = 0; for (x in [[1, 2], [3, 4]]) s = 10 * s + x; int n = 0; for (i in {4, 5}) n = 10 * n + i;",
        &[1234.0, 45.0],
    ),
    ("real s = 0; for (v in {[1, 2]', [3, 4]'}) s = 10 * s + v[2];", &[24.0]),
];

#[test]
fn statements_mean_what_the_manual_says() {
    for (statements, expected) in VALUES {
        let found = quantities(statements).unwrap_or_else(|failure| panic!("{statements}: {failure}"));
        assert_eq!(&found, expected, "{statements}");
    }
}

#[test]
fn what_is_not_assigned_is_nan_or_the_least_integer() {
    let found = quantities("real a; vector[1] b; int n;").expect("values");
    assert!(found[0].is_nan() && found[1].is_nan());
    assert_eq!(found[2], f64::from(i32::MIN));
    // Also the second time around a loop, where the storage is used again.
    let found = quantities("int n = 0; for (i in 1:2) { vector[2] v; if (v[1] == v[1]) n += 1; v[1] = 1; }");
    assert_eq!(found.expect("values"), [0.0]);
}

/// Statements, the text that the failure is about, and a part of its message. All of these are fatal.
const FAILURES: &[(&str, &str, &str)] = &[
    ("vector[3] v = [1, 2, 3]'; real a = v[5];", "5", "index 5 out of range; expecting index to be between 1 and 3"),
    ("vector[3] v = [1, 2, 3]'; real a = v[0];", "0", "index 0 out of range"),
    ("matrix[2, 3] m = rep_matrix(0, 2, 3); real a = m[1, 4];", "4", "index 4 of dimension 2 out of range"),
    ("vector[3] v = [1, 2, 3]'; vector[2] a = v[3:4];", "3:4", "index 4 out of range"),
    ("vector[3] v = [1, 2, 3]'; vector[2] a = v[{1, 7}];", "{1, 7}", "index 7"),
    ("vector[0] v; real a = v[1];", "1", "there is nothing to index"),
    ("vector[2] v; v[3] = 1;", "3", "index 3 out of range"),
    ("vector[2] v; v[1:2] = [1, 2, 3]';", "v[1:2]", "it has size 2, but the value has size 3"),
    ("vector[2] v; v = [1, 2, 3]';", "v", "`v` cannot be assigned: it has size 2, but the value has size 3"),
    ("vector[2] v = [1, 2, 3]';", "[1, 2, 3]'", "`v` is defined with other sizes than declared"),
    ("{ int n = -1; vector[n] v; }", "n", "a size of `v` is -1, but must not be negative"),
    ("int n = 2147483647; int m = n + 1;", "n + 1", "does not fit an integer of 32 bits"),
    ("fatal_error(\"a = \", 1);", "fatal_error(\"a = \", 1);", "a = 1"),
    ("array[2] vector[2] x = {[1, 2]', [1]'};", "[1]'", "elements of an array have size 2, but this one has size 1"),
];

#[test]
fn failures_name_the_place_and_what_was_expected() {
    for (statements, place, message) in FAILURES {
        let failure = failure(statements);
        assert!(failure.message.contains(message), "{statements}: {failure}");
        assert_eq!(failure.severity, Severity::Fatal, "{statements}");
        let program = format!("generated quantities {{ {statements} }}");
        let text = &program[failure.span.start as usize..failure.span.end as usize];
        assert_eq!(text, *place, "{statements}");
    }
}

#[test]
fn a_rejection_is_not_fatal_and_shows_what_the_statement_read() {
    let bound = model("parameters { real x; } model { if (x > 1) reject(\"x is \", x); x ~ normal(0, -x); }", "");
    let mut evaluator = Evaluator::<f64>::new(&bound);
    let options = hlmc_eval::Options::SAMPLER;
    let failure = evaluator.log_density(&[2.0], options).expect_err("a rejection");
    assert_eq!((failure.message.as_str(), failure.severity), ("x is 2", Severity::Rejection));
    let failure = evaluator.log_density(&[0.5], options).expect_err("a rejection");
    assert_eq!(failure.severity, Severity::Rejection);
    assert_eq!(failure.values, [("x".to_owned(), "0.5".to_owned())]);
}

#[test]
fn constraints_are_checked_at_the_end_of_their_block() {
    let failure = failure("real<lower=0> x = -1;");
    assert!(failure.message.contains("`x` is -1, but must be greater than or equal to 0"), "{failure}");
    assert_eq!(failure.severity, Severity::Rejection);
    // In between they may be broken.
    assert_eq!(quantities("real<lower=0> x = -1; x = 2;").expect("values"), [2.0]);
}

#[test]
fn user_functions_have_frames_of_their_own_and_may_call_themselves() {
    let program = "functions {
      int factorial(int n) { return n <= 1 ? 1 : n * factorial(n - 1); }
      real twice(vector v) { vector[size(v)] w = v; w[1] = 2 * v[1]; return w[1] + v[1]; }
      real first_above(array[] real x, real t) { for (y in x) { if (y > t) return y; } return -1; }
    }
    generated quantities {
      int a = factorial(5); vector[2] v = [1, 2]'; real b = twice(v); real c = v[1];
      real d = first_above({1, 5, 7}, 2);
    }";
    let found: Vec<f64> =
        written(&model(program, ""), &[]).expect("values").into_iter().map(|(_, value)| value).collect();
    assert_eq!(found, [120.0, 1.0, 2.0, 3.0, 1.0, 5.0]);
}

#[test]
fn recursion_without_an_end_is_a_failure_and_no_crash() {
    let program = "functions { real f(real x) { return 1 + f(x + 1); } } generated quantities { real a = f(0); }";
    let failure = written(&model(program, ""), &[]).expect_err("a failure");
    assert!(failure.message.contains("too deeply"), "{failure}");
}

#[test]
fn print_writes_as_streams_do() {
    let program = "generated quantities {
      print(\"x = \", 1.0, \" \", 1e10, \" \", 0.1234567, \" \", -2);
      print([1, 2.5], \" \", [[1, 2], [3, 4]], \" \", {[1, 2]'}, \" \", (1, 2.5), \" \", 1e-5);
    }";
    let bound = model(program, "");
    let mut evaluator = Evaluator::<f64>::new(&bound);
    evaluator.constrain(&[], Include::GeneratedQuantities, &mut common::rng(), &mut Vec::new()).expect("values");
    let expected = ["x = 1 1e+10 0.123457 -2", "[1,2.5] [[1,2],[3,4]] [[1,2]] (1,2.5) 1e-05"];
    assert_eq!(evaluator.take_printed(), expected);
    assert!(evaluator.take_printed().is_empty());
}

#[test]
fn names_and_values_are_column_major() {
    let program = "parameters { real a; matrix[2, 2] m; array[2] vector[2] x; simplex[3] s; complex z; }
      generated quantities { array[2] tuple(real, array[2] int) t = {(1, {2, 3}), (4, {5, 6})}; }";
    let bound = model(program, "");
    let names = "a m.1.1 m.2.1 m.1.2 m.2.2 x.1.1 x.2.1 x.1.2 x.2.2 s.1 s.2 s.3 z.real z.imag t.1:1 t.1:2.1 t.1:2.2 t.2:1 t.2:2.1 t.2:2.2";
    assert_eq!(bound.constrained_names(Include::GeneratedQuantities).join(" "), names);
    assert_eq!(bound.dimension(), 13);
    let unconstrained = "a m.1.1 m.2.1 m.1.2 m.2.2 x.1.1 x.1.2 x.2.1 x.2.2 s.1 s.2 z.real z.imag";
    assert_eq!(bound.unconstrained_names().join(" "), unconstrained);
    let point: Vec<f64> = (1..=13).map(f64::from).collect();
    let values: Vec<f64> = written(&bound, &point).expect("values").into_iter().map(|(_, value)| value).collect();
    assert_eq!(values[..9], [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 7.0, 9.0]);
    assert_eq!(values[12..], [12.0, 13.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
}
