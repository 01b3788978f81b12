//! Programs with a mistake: its code and its place.

use crate::support::errors;

/// Each program has just this one mistake.
fn refused(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(errors(text), [*expected], "{text}");
    }
}

#[test]
fn names_that_mean_nothing_or_are_taken() {
    refused(&[
        ("model { real x = y; }", "unknown_variable 1:18"),
        ("model { y = 1; }", "unknown_variable 1:9"),
        ("model { real x = frobnicate(1); }", "unknown_function 1:18"),
        ("parameters { real x; } model { x ~ frobnicated(1); }", "unknown_distribution 1:36"),
        ("model { frobnicate(1); }", "unknown_function 1:9"),
        ("data { real x; real x; }", "name_in_use 1:21"),
        ("data { real x; } model { real x; }", "name_in_use 1:31"),
        ("model { for (i in 1:2) { for (i in 1:2) { } } }", "name_in_use 1:31"),
        ("functions { real f(real x, real x) { return x; } }", "name_in_use 1:33"),
        ("model { real x__; }", "reserved_name 1:14"),
        ("model { real quantities; }", "reserved_name 1:14"),
        ("model { real a_lpdf = 1; } generated quantities { real b = a_lpdf; }", "unknown_variable 1:60"),
        ("model { real a_lupdf; }", "unnormalised_definition 1:14"),
        ("model { real x = exp; }", "function_as_value 1:18"),
        ("functions { real f(real x) { return x; } } model { print(f); }", "function_as_value 1:58"),
        ("data { real x; } model { real y = x(1); }", "variable_as_function 1:35"),
    ]);
}

#[test]
fn a_scope_ends_with_its_braces() {
    refused(&[
        ("model { { real x; } x = 1; }", "unknown_variable 1:21"),
        ("model { for (i in 1:2) { } print(i); }", "unknown_variable 1:34"),
        ("model { real x; } generated quantities { real y = x; }", "unknown_variable 1:51"),
    ]);
    assert!(errors("model { { real x; } { real x; } for (i in 1:2) { } for (i in 1:2) { } real i; }").is_empty());
}

#[test]
fn assignments_to_the_wrong_place_or_of_the_wrong_value() {
    refused(&[
        ("model { int n = 1.5; }", "assignment_type 1:17"),
        ("model { vector[2] v; v = [1, 2]; }", "assignment_type 1:26"),
        ("data { real x; } model { x = 1; }", "read_only 1:26"),
        ("parameters { real x; } transformed parameters { real y; x = 1; }", "read_only 1:57"),
        ("model { for (i in 1:2) { i = 3; } }", "read_only 1:26"),
        ("functions { real f(real x) { x = 1; return x; } }", "read_only 1:30"),
        ("functions { real f(real x) { return x; } } model { f = 1; }", "function_as_value 1:52"),
        ("model { int n; n += 1.5; }", "assignment_type 1:21"),
        ("model { real x; x .*= 2; }", "assignment_type 1:23"),
        ("model { vector[2] v; matrix[2, 2] m; m += v; }", "assignment_type 1:43"),
        ("model { vector[3] v; array[2] int i; v[i][1] = 2; }", "multi_index_target 1:38"),
        ("model { array[3] int i; i[i[1]] = 2; }", "target_in_own_index 1:25"),
        ("model { real x; (x, x) = (1, 2); }", "overlapping_targets 1:17"),
        ("model { tuple(real, int) t; (t, t.1) = ((1, 2), 3); }", "overlapping_targets 1:29"),
        ("model { real x; int n; (x, n) = (1, 2.5); }", "assignment_type 1:33"),
        ("model { real x; int n; (x, n) = 1; }", "assignment_type 1:33"),
    ]);
}

#[test]
fn values_of_the_wrong_type() {
    refused(&[
        ("model { vector[2.5] v; }", "int_needed 1:16"),
        ("model { if (1.5) { } }", "int_needed 1:13"),
        ("model { while (1.5) { } }", "int_needed 1:16"),
        ("model { for (i in 1:2.5) { } }", "int_needed 1:21"),
        ("model { for (i in 3) { } }", "not_iterable 1:19"),
        ("model { real x = 1.5 ? 1 : 2; }", "int_needed 1:18"),
        ("model { vector[2] v; real x = 1 ? v : 2; }", "ternary_types 1:31"),
        ("model { real x = 1.5 % 2; }", "operator_types 1:18"),
        ("model { int n = 1.5 && 1; }", "operator_types 1:17"),
        ("model { int n = !1.5; }", "operator_types 1:17"),
        ("model { vector[2] v; real x = v < 1; }", "operator_types 1:31"),
        ("model { array[2] real a = {1, [1, 2]}; }", "array_entries 1:31"),
        ("model { row_vector[2] r = [1, {2}]; }", "row_vector_entries 1:31"),
        ("model { matrix[2, 2] m = [[1, 2], 3]; }", "row_vector_entries 1:35"),
        ("model { int n = 2147483648; }", "int_range 1:17"),
        ("model { real x; real y = x[1]; }", "too_many_indices 1:26"),
        ("model { matrix[2, 2] m; real y = m[1, 1, 1]; }", "too_many_indices 1:34"),
        ("model { vector[2] v; real y = v[1.5]; }", "index_type 1:33"),
        ("model { vector[2] v; vector[1] y = v[1:1.5]; }", "int_needed 1:40"),
        ("model { real x; real y = x.1; }", "projection 1:26"),
        ("model { tuple(real, int) t; real y = t.3; }", "projection 1:38"),
        ("model { tuple(real, int) t; real y = t.0; }", "projection 1:38"),
        ("parameters { complex z; } model { target += z; }", "increment_type 1:45"),
    ]);
}

#[test]
fn declarations_of_the_wrong_kind() {
    refused(&[
        ("parameters { int n; }", "int_parameter 1:14"),
        ("transformed parameters { tuple(real, int) t; }", "int_parameter 1:26"),
        ("parameters { real x; vector[size({x})] y; }", "size_not_data 1:35"),
        ("transformed data { vector[poisson_rng(3)] y; }", "rng_place 1:27"),
        ("data { int<lower=0.5> n; }", "bound_type 1:18"),
        ("data { vector[2] v; real<lower=v> x; }", "bound_type 1:32"),
        ("parameters { complex<lower=1> z; }", "complex_constraint 1:14"),
    ]);
}

#[test]
fn definitions_of_functions() {
    refused(&[
        ("functions { real f(real x) { } }", "missing_return 1:13"),
        ("functions { real f(real x) { if (x > 0) return 1; } }", "missing_return 1:13"),
        ("functions { real f(real x) { while (1) { break; } } }", "missing_return 1:13"),
        ("functions { int f(real x) { return x; } }", "return_type 1:36"),
        ("functions { void f(real x) { return x; } }", "return_place 1:30"),
        ("functions { real f(real x) { return; } }", "return_place 1:30"),
        ("model { return; }", "return_place 1:9"),
        ("functions { real f(real x); }", "missing_definition 1:18"),
        ("functions { real f(real x); real f(real x); }", "function_redefined 1:29"),
        ("functions { real f(real x) { return x; } real f(real x) { return x; } }", "function_redefined 1:42"),
        ("functions { real f(real x) { return x; } int f(real x) { return 1; } }", "function_redefined 1:42"),
        ("functions { real f(data real x); real f(real x) { return x; } }", "function_redefined 1:34"),
        ("functions { real exp(real x) { return x; } }", "library_redefined 1:13"),
        ("functions { vector ode_rk45(real x) { return [x]'; } }", "library_redefined 1:13"),
        ("functions { int f_lpdf(real x) { return 1; } }", "density_signature 1:13"),
        ("functions { real f_lpdf(int x) { return 1; } }", "density_signature 1:13"),
        ("functions { real f_lpmf(real x) { return 1; } }", "density_signature 1:13"),
        ("functions { real f_lupdf(real x) { return 1; } }", "unnormalised_definition 1:18"),
    ]);
}

#[test]
fn calls_that_no_signature_fits() {
    refused(&[
        ("model { real x = exp(1, 2); }", "wrong_arguments 1:18"),
        ("functions { real f(vector v) { return 1; } } model { real x = f(2); }", "wrong_arguments 1:63"),
        ("parameters { real x; } model { x ~ normal([1, 2], {{1}}); }", "wrong_arguments 1:32"),
        (
            "functions { real f(real a, int b) { return 1; } real f(int a, real b) { return 1; } } model { real x = f(1, 2); }",
            "ambiguous_call 1:104",
        ),
        ("functions { void f() { } } model { real x = f(); }", "no_value 1:45"),
        ("functions { real f() { return 1; } } model { f(); }", "unused_value 1:46"),
        ("parameters { real x; } model { target += normal_lpdf(x, 0, 1); }", "bar_needed 1:42"),
        ("parameters { real x; } model { target += exp(x | 1); }", "wrong_arguments 1:42"),
        ("functions { real f(real x, real y) { return x; } } model { target += f(1 | 2); }", "bar_not_allowed 1:70"),
        ("parameters { real x; } model { x ~ normal_lpdf(0, 1); }", "distribution_suffix 1:36"),
        ("parameters { real x; } model { x ~ normal_cdf(0, 1); }", "distribution_suffix 1:36"),
        ("parameters { real x; } model { x ~ normal(0, 1) T[[1], ]; }", "number_needed 1:51"),
    ]);
}

#[test]
fn arguments_that_must_be_data() {
    refused(&[
        (
            "functions { real f(data real x) { return x; } } parameters { real p; } model { target += f(p); }",
            "data_only 1:92",
        ),
        ("functions { real f(data real x) { return x; } real g(real x) { return f(x); } }", "data_only 1:73"),
        (
            "functions { real f(data real x) { return x; } } model { real local = 1; target += f(local); }",
            "data_only 1:85",
        ),
        (
            "functions { real f(data int n) { return n; } } parameters { real p; } model { target += f(p > 2 ? 1 : 2); }",
            "data_only 1:91",
        ),
    ]);
    let fine = "functions { real f(data real x) { return x; } real g(data real x) { return f(x); } }
        data { real d; } parameters { real p; } model { target += f(d + 1); }
        generated quantities { real y = f(p); }";
    assert!(errors(fine).is_empty());
}

#[test]
fn things_in_the_wrong_place() {
    refused(&[
        ("model { break; }", "outside_loop 1:9"),
        ("model { if (1) continue; }", "outside_loop 1:16"),
        ("generated quantities { target += 1; }", "target_place 1:24"),
        ("generated quantities { real t = target(); }", "target_place 1:33"),
        ("parameters { real x; } transformed parameters { x ~ normal(0, 1); }", "target_place 1:49"),
        ("functions { void f(real x) { x ~ normal(0, 1); } }", "target_place 1:30"),
        (
            "functions { void f_lp(real x) { x ~ normal(0, 1); } } generated quantities { f_lp(1); }",
            "target_place 1:78",
        ),
        ("model { jacobian += 1; }", "jacobian_place 1:9"),
        (
            "functions { real f_jacobian(real x) { jacobian += x; return x; } } model { real y = f_jacobian(1); }",
            "jacobian_place 1:85",
        ),
        ("model { real x = normal_rng(0, 1); }", "rng_place 1:18"),
        ("functions { real f(real x) { return normal_rng(x, 1); } }", "rng_place 1:37"),
        ("generated quantities { real x = normal_lupdf(1 | 0, 1); }", "unnormalised_place 1:33"),
    ]);
}

#[test]
fn functions_that_are_handed_on() {
    let callback =
        "functions { vector f(real t, vector y, real a) { return y * a; } vector g(vector y) { return y; } }";
    let call = |args: &str| format!("{callback} transformed data {{ array[1] vector[1] z = ode_rk45({args}); }}");
    assert!(errors(&call("f, [1]', 0, {1.0}, 2")).is_empty());
    let start = callback.len() + " transformed data { array[1] vector[1] z = ode_rk45(".len() + 1;
    assert_eq!(errors(&call("g, [1]', 0, {1.0}, 2")), [format!("wrong_callback 1:{start}")]);
    assert_eq!(errors(&call("1, [1]', 0, {1.0}, 2")), [format!("function_needed 1:{start}")]);
    assert_eq!(errors(&call("f, [1]', 0, {1.0}, [2]")), [format!("wrong_arguments 1:{}", start + 19)]);
}

#[test]
fn densities_that_are_handed_on() {
    refused(&[
        (
            "functions { real f_lpmf(array[] int y, int i, int j) { return 0; } }
             generated quantities { real a = reduce_sum(f_lupmf, {1}, 1); }",
            "unnormalised_place 2:57",
        ),
        (
            "functions { real f_lp(array[] int y, int i, int j) { return 0; } } model { target += reduce_sum(f_lp, {1}, 1); }",
            "wrong_callback 1:97",
        ),
    ]);
}

#[test]
fn several_mistakes_are_all_reported_in_the_order_of_the_text() {
    let text = "data { int n; }\nparameters { real x; }\nmodel {\n  y = 1;\n  n = 2;\n  x ~ normal(0, sgima);\n}";
    assert_eq!(errors(text), ["unknown_variable 4:3", "read_only 5:3", "unknown_variable 6:17"]);
}

#[test]
fn one_mistake_does_not_bring_others_with_it() {
    refused(&[
        ("model { real x = exp(y + 1) * 2; x = x + 1; }", "unknown_variable 1:22"),
        ("model { for (i in nowhere) { real x = i + 1; x = i; } }", "unknown_variable 1:19"),
    ]);
}
