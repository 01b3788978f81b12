//! Programs without mistakes, and what is said about them nevertheless.

use crate::support::{errors, warnings};

fn accepted(cases: &[&str]) {
    for text in cases {
        assert_eq!(errors(text), [""; 0], "{text}");
    }
}

#[test]
fn promotion_goes_from_int_to_real_to_complex() {
    accepted(&[
        "model { real x = 1; complex z = x; z = 1; }",
        "model { array[2] real a = {1, 2}; array[2] complex c = {1, 2.5}; }",
        "model { tuple(real, complex) t = (1, 2); real x; complex y; (x, y) = (1, 2); }",
        "model { real x = 1 ? 1 : 2.5; array[1] real a = 1 ? {1} : {2.5}; }",
        "model { row_vector[2] r = [1, 2.5]; matrix[1, 2] m = [[1, 2]]; complex_matrix[1, 2] c = [[1, 2]]; }",
    ]);
}

#[test]
fn functions_may_be_overloaded_and_used_before_their_definition() {
    accepted(&[
        "functions { real g(real x) { return f(x); } real f(real x) { return x; } }",
        "functions { real f(real x); real g(real x) { return f(x); } real f(real x) { return x; } }",
        "functions { int f(int x) { return x; } real f(real x) { return x; } vector f(vector x) { return x; } }
         model { int n = f(1); real x = f(1.5); vector[1] v = f([1]'); }",
        "functions { real f(int n) { return n <= 0 ? 1 : n * f(n - 1); } } model { real x = f(3); }",
        "functions { vector exp(tuple(real, real) x) { return [x.1, x.2]'; } } model { vector[2] v = exp((1, 2)); }",
    ]);
}

#[test]
fn paths_through_a_function_end_in_return_or_reject() {
    accepted(&[
        "functions { real f(real x) { if (x > 0) return 1; else reject(\"no\"); } }",
        "functions { real f(real x) { while (1) { if (x > 0) return 1; } } }",
        "functions { real f(real x) { { return 1; } } }",
        "functions { real f(real x) { for (i in 1:2) { return 1; } } }",
        "functions { void f(real x) { if (x > 0) return; } }",
    ]);
}

#[test]
fn suffixes_open_places() {
    accepted(&[
        "functions { real f_rng(real x) { return normal_rng(x, 1); } } generated quantities { real y = f_rng(1); }",
        "functions { void f_lp(real x) { target += x; x ~ normal(0, 1); } } parameters { real x; } model { f_lp(x); }",
        "functions { real f_jacobian(real x) { jacobian += x; return x; } } parameters { real x; }
         transformed parameters { real y = f_jacobian(x); jacobian += x; }",
        "functions { real f_lpdf(real y, real m) { return normal_lupdf(y | m, 1); } } parameters { real x; }
         model { x ~ f(0); target += f_lpdf(x | 0) + f_lupdf(x | 0); }",
        "functions { real f_lpdf(real y) { return -y; } } parameters { real x; } model { target += f_lpdf(x); x ~ f(); }",
    ]);
}

#[test]
fn sums_over_slices_take_densities() {
    accepted(&[
        "functions { real f_lpmf(array[] int y, int i, int j, real m) { return poisson_lupmf(y | m); } }
         transformed data { array[2] int y = {1, 2}; } parameters { real<lower=0> m; }
         model { target += reduce_sum(f_lupmf, y, 1, m) + reduce_sum_static(f_lpmf, y, 1, m); }
         generated quantities { real a = reduce_sum(f_lpmf, y, 1, m); }",
        "functions { real f_lpdf(array[] real y, int i, int j) { return std_normal_lpdf(y); } }
         model { target += reduce_sum(f_lupdf, {1.5}, 1); }",
    ]);
}

#[test]
fn variables_may_have_the_names_of_functions() {
    accepted(&["data { real exp; } model { real y = exp + 1; }", "functions { real f(real beta) { return beta; } }"]);
}

#[test]
fn truncation_needs_cumulative_functions() {
    accepted(&[
        "parameters { real x; } model { x ~ normal(0, 1) T[0, ]; x ~ normal(0, 1) T[, 2]; x ~ normal(0, 1) T[0, 2]; }",
        "functions { real f_lpdf(real y) { return 0; } real f_lcdf(real y) { return 0; } real f_lccdf(real y) { return 0; } }
         parameters { real x; } model { x ~ f() T[0, 1]; }",
    ]);
    let without = "functions { real f_lpdf(real y) { return 0; } } parameters { real x; } model { x ~ f() T[0, ]; }";
    assert_eq!(errors(without), ["truncation 1:88"]);
}

#[test]
fn bounds_may_depend_on_parameters_and_sizes_may_not() {
    accepted(&[
        "parameters { real a; real<lower=a> b; vector<offset=a, multiplier=b>[2] c; tuple(real<lower=a>, real) t; }",
        "data { int n; array[n] real<lower=0> x; } transformed data { int m = n + 1; } parameters { vector[m] v; }",
        "parameters { vector[2] v; } model { vector[size(v)] w; }",
    ]);
}

#[test]
fn doubtful_programs_get_warnings() {
    assert_eq!(warnings("model { real x = 1 / 2; }"), ["int_division 1:18"]);
    assert_eq!(warnings("model { int x = 1 < 2 < 3; }"), ["chained_comparison 1:17"]);
    assert_eq!(warnings("model { int x = (1 < 2) < 3; }"), [""; 0]);
    assert_eq!(warnings("model { real x = x + 1; }"), ["defined_by_itself 1:14"]);
    assert_eq!(warnings("model { while (1) { break; print(1); } }"), ["unreachable 1:28"]);
    assert_eq!(warnings("model { matrix[2, 2] m; m = m ^ 2; }"), ["matrix_power 1:29"]);
}
