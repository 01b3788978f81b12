//! A gradient of the native engine takes no memory: all buffers are there before the first one.

mod support;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use hlmc_engine::{EngineKind, Prepared};
use support::bind;

thread_local! {
    static N_ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

/// The system's allocator, which counts what each thread asks for.
struct Counting;

#[allow(unsafe_code, reason = "an allocator is unsafe to implement; all is handed on to the system's")]
// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        N_ALLOCATIONS.set(N_ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promises are the system's conditions.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer comes from the system's allocator, as all do.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Gradients that are looked at.
const N_GRADIENTS: usize = 3;

fn takes_no_memory(name: &str, program: &str) {
    let model = bind(program, r#"{"n": 40, "x": [1, 2, 4]}"#);
    let native = Prepared::new(EngineKind::Native, &model);
    assert_eq!(native.why_not_native(), None, "{name} is not recorded");
    let mut engine = native.engine();
    let point: Vec<f64> = (0..model.dimension()).map(|i| 0.1 + 0.01 * i as f64).collect();
    let mut gradient = vec![0.0; point.len()];
    // The first gradient finds out what the machine can do.
    let first = engine.log_density_gradient(&point, &mut gradient);
    assert!(first.is_ok(), "{name}: {first:?}");
    let before = N_ALLOCATIONS.get();
    let values: [bool; N_GRADIENTS] =
        std::array::from_fn(|_| engine.log_density_gradient(&point, &mut gradient).is_ok());
    let after = N_ALLOCATIONS.get();
    assert!(before > 0, "{name}: nothing was counted while the engine was made");
    assert_eq!((after - before, values), (0, [true; N_GRADIENTS]), "{name}");
}

#[test]
fn of_scalars_vectors_and_scans() {
    takes_no_memory(
        "a regression",
        "data { int n; } parameters { vector[n] b; real<lower=0> s; } model {
        b ~ normal(0, s); for (i in 1:n) target += -log_sum_exp([b[i], s, 1]'); }",
    );
    takes_no_memory(
        "a series",
        "data { int n; } parameters { vector[n] b; real<lower=-1, upper=1> rho; } model {
        vector[n] z; z[1] = b[1]; for (i in 2:n) z[i] = rho * z[i - 1] + tanh(b[i]); z ~ student_t(4, 0, 1); }",
    );
    takes_no_memory(
        "a series with calls and many inputs",
        "data { int n; } parameters { matrix[n, 20] b; real a; } model { real z = a;
        for (i in 1:n) { z = inv_Phi(inv_logit(z)); for (k in 1:20) z = 0.1 * z * b[i, k] + tanh(b[i, k]); }
        target += -square(z) - sum(square(b)); }",
    );
    takes_no_memory(
        "functions of the table",
        "data { int n; } parameters { vector<lower=0>[n] b; } model {
        target += sum(inv_Phi(inv_logit(b)) + lambert_w0(b)); }",
    );
}

#[test]
fn of_linear_algebra() {
    takes_no_memory(
        "large products and factors",
        "data { int n; } parameters { matrix[n, n] a; vector[n] y; } model {
        matrix[n, n] s = add_diag(tcrossprod(a), 1); y ~ multi_normal(rep_vector(0, n), s);
        target += -square(log_determinant(s)) + sum(inverse(s)) + sum(s \\ a); }",
    );
    takes_no_memory(
        "eigenvalues",
        "data { int n; } parameters { matrix[n, n] a; } model {
        matrix[n, n] s = add_diag(tcrossprod(a), 1); target += -sum(log(eigenvalues_sym(s)));
        target += sum(eigenvectors_sym(s)[1]); }",
    );
    takes_no_memory(
        "matrices of turns",
        "data { int n; } parameters { vector[n] a; vector[9] u; } model { vector[5] s = u[1:5];
        for (i in 1:n) { matrix[9, 9] m = add_diag(a[i] * u * u', 3); u ~ multi_normal(rep_vector(0, 9), m * m'); }
        for (i in 1:n) { s = 0.5 * inverse(add_diag(0.1 * s * s', 3)) * s + a[i]; s ~ normal(0, 1); } }",
    );
    takes_no_memory(
        "correlations",
        "data { int n; } parameters { cholesky_factor_corr[5] l; simplex[n] p; } model {
        l ~ lkj_corr_cholesky(2); p ~ dirichlet(rep_vector(1, n)); target += sum(softmax(cumulative_sum(p))); }",
    );
}

#[test]
fn of_solvers() {
    takes_no_memory(
        "a root",
        "functions { vector f(vector y, vector t) {
            return [y[1] + 0.1 * exp(y[2]) - t[1], y[2] - 0.1 * y[1] ^ 2 - t[2]]'; } }
        parameters { vector<lower=1>[2] t; } model {
        vector[2] y = solve_newton(f, [1, 0.5]', t); y ~ normal(0, 1); t ~ normal(0, 1); }",
    );
    takes_no_memory(
        "a differential equation",
        "functions { vector f(real t, vector y, real k) { return -k * y; } }
        data { array[3] real x; } parameters { real<lower=0> k; } model {
        array[3] vector[1] y = ode_rk45(f, [1]', 0.0, x, k); for (i in 1:3) y[i] ~ normal(0, 1); }",
    );
    takes_no_memory(
        "an integral",
        "functions { real f(real t, real c, array[] real p, array[] real d, array[] int i) {
            return exp(-p[1] * t) * t; } }
        parameters { real<lower=0> k; } model {
        target += integrate_1d(f, 0, 1, {k}, {1.0}, {1}); k ~ normal(0, 1); }",
    );
}
