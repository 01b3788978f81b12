//! Types, constraints, declarations in their present and their old form, and function signatures.

use crate::{errors_of, program, sexpr, stmt};

/// The declarations of a data block.
#[track_caller]
fn data(text: &str) -> Vec<String> {
    let program = program(&format!("data {{ {text} }}"));
    program.data.expect("a data block").stmts.iter().map(sexpr::stmt).collect()
}

#[test]
fn types_with_sizes() {
    assert_eq!(stmt("int n;"), "(let int n)");
    assert_eq!(stmt("real x = 1, y, z = 2;"), "(let real (= x 1) y (= z 2))");
    assert_eq!(stmt("complex z;"), "(let complex z)");
    assert_eq!(stmt("vector[n + 1] v;"), "(let (vector (+ n 1)) v)");
    assert_eq!(stmt("row_vector[n] v;"), "(let (row_vector n) v)");
    assert_eq!(stmt("matrix[m, n] a;"), "(let (matrix m n) a)");
    assert_eq!(stmt("complex_vector[n] v;"), "(let (complex_vector n) v)");
    assert_eq!(stmt("complex_row_vector[n] v;"), "(let (complex_row_vector n) v)");
    assert_eq!(stmt("complex_matrix[m, n] a;"), "(let (complex_matrix m n) a)");
    assert_eq!(stmt("array[a, b] vector[c] v;"), "(let (array a b (vector c)) v)");
}

#[test]
fn tuples_hold_arrays_and_arrays_hold_tuples() {
    assert_eq!(stmt("tuple(int, real) t;"), "(let (tuple int real) t)");
    assert_eq!(stmt("tuple(real, ) t;"), "(let (tuple real) t)");
    assert_eq!(
        stmt("array[2] tuple(array[3] int, tuple(vector[1], real)) t;"),
        "(let (array 2 (tuple (array 3 int) (tuple (vector 1) real))) t)"
    );
    assert_eq!(data("tuple(real<lower=0>, simplex[3]) t;"), ["(let (tuple (real lower=0) (vector 3 Simplex)) t)"]);
    assert_eq!(errors_of("data { tuple(real) t; }"), ["1:18 unexpected"]);
    assert_eq!(errors_of("data { array[2] array[3] real x; }"), ["1:17 unexpected"]);
}

#[test]
fn constraints() {
    assert_eq!(data("int<lower=0> n;"), ["(let (int lower=0) n)"]);
    assert_eq!(data("real<upper=1, lower=-1> x;"), ["(let (real lower=(- 1) upper=1) x)"]);
    assert_eq!(data("vector<offset=m, multiplier=s>[n] v;"), ["(let (vector n offset=m multiplier=s) v)"]);
    assert_eq!(data("matrix<multiplier=s>[2, 3] a;"), ["(let (matrix 2 3 multiplier=s) a)"]);
    assert_eq!(data("real<multiplier=s, offset=m> x;"), ["(let (real offset=m multiplier=s) x)"]);
    assert_eq!(data("array[3] real<lower=(a < b)> x;"), ["(let (array 3 (real lower=(paren (< a b)))) x)"]);
    assert_eq!(data("real<lower=a[1:2]' * 2^3> x;"), ["(let (real lower=(* (' (index a 1:2)) (^ 2 3))) x)"]);
}

#[test]
fn comparisons_in_constraints_need_parentheses() {
    assert_eq!(errors_of("data { real<lower=a < b> x; }"), ["1:21 comparison_in_constraint"]);
    assert_eq!(errors_of("data { real<lower=a && b> x; }"), ["1:21 comparison_in_constraint"]);
    assert_eq!(errors_of("data { real<lower=a ? b : c> x; }"), ["1:21 comparison_in_constraint"]);
    assert_eq!(errors_of("data { real<lower=0>= x; }"), ["1:20 comparison_in_constraint"]);
}

#[test]
fn constraints_do_not_mix() {
    assert_eq!(errors_of("data { real<lower=1, offset=2> x; }"), ["1:22 unexpected"]);
    assert_eq!(errors_of("data { int<offset=2> x; }"), ["1:12 unexpected"]);
    assert_eq!(errors_of("data { real<lower=1, lower=2> x; }"), ["1:22 unexpected"]);
    assert_eq!(errors_of("data { real<> x; }"), ["1:13 unexpected"]);
    assert_eq!(errors_of("data { simplex<lower=1>[2] x; }"), ["1:15 missing_size"]);
}

#[test]
fn types_whose_constraint_is_in_the_name() {
    let vectors = [
        ("ordered", "Ordered"),
        ("positive_ordered", "PositiveOrdered"),
        ("simplex", "Simplex"),
        ("unit_vector", "UnitVector"),
        ("sum_to_zero_vector", "SumToZeroVector"),
    ];
    for (word, constraint) in vectors {
        assert_eq!(data(&format!("{word}[3] v;")), [format!("(let (vector 3 {constraint}) v)")]);
    }
    let squares = [
        ("corr_matrix", "CorrMatrix"),
        ("cov_matrix", "CovMatrix"),
        ("cholesky_factor_corr", "CholeskyFactorCorr"),
        ("cholesky_factor_cov", "CholeskyFactorCov"),
    ];
    for (word, constraint) in squares {
        assert_eq!(data(&format!("{word}[3] a;")), [format!("(let (square_matrix 3 {constraint}) a)")]);
    }
    let matrices = [
        ("cholesky_factor_cov", "CholeskyFactorCov"),
        ("sum_to_zero_matrix", "SumToZeroMatrix"),
        ("row_stochastic_matrix", "RowStochasticMatrix"),
        ("column_stochastic_matrix", "ColumnStochasticMatrix"),
    ];
    for (word, constraint) in matrices {
        assert_eq!(data(&format!("{word}[3, 2] a;")), [format!("(let (matrix 3 2 {constraint}) a)")]);
    }
    assert_eq!(errors_of("data { corr_matrix[2, 2] a; }"), ["1:21 unexpected"]);
    assert_eq!(errors_of("data { sum_to_zero_matrix[2] a; }"), ["1:28 unexpected"]);
}

#[test]
fn old_arrays_read_as_new_ones() {
    assert_eq!(data("real y[n]; int<lower=1> tray[n, 2];"), data("array[n] real y; array[n, 2] int<lower=1> tray;"));
    assert_eq!(data("vector<lower=0>[3] v[n];"), data("array[n] vector<lower=0>[3] v;"));
    assert_eq!(data("simplex[3] theta[k];"), data("array[k] simplex[3] theta;"));
    assert_eq!(stmt("real y[3, 4] = rep_array(0.0, 3, 4);"), stmt("array[3, 4] real y = rep_array(0.0, 3, 4);"));
    assert_eq!(stmt("vector[3] v[n];"), stmt("array[n] vector[3] v;"));
    assert_eq!(stmt("matrix[2, 2] a[1];"), stmt("array[1] matrix[2, 2] a;"));
}

#[test]
fn old_arrays_end_where_they_always_did() {
    assert_eq!(errors_of("data { real x[]; }"), ["1:15 unexpected"]);
    assert_eq!(errors_of("data { real x[2], y; }"), ["1:17 unexpected"]);
    assert_eq!(errors_of("data { array[2] real x[3]; }"), ["1:23 sizes_after_name"]);
    assert_eq!(errors_of("data { tuple(real, int) x[3]; }"), ["1:26 sizes_after_name"]);
}

#[test]
fn the_span_of_a_declarator_holds_its_definition() {
    let parsed = crate::parse_program("model { real x = 1 + 2, y; real z[3] = f(); }");
    let stmts = parsed.program.expect("a program").model.expect("a model").stmts;
    let mut texts = Vec::new();
    for stmt in &stmts {
        let hlmc_syntax::ast::StmtKind::Declaration(declaration) = &stmt.kind else { panic!("no declaration") };
        texts.extend(declaration.declarators.iter().map(|declarator| parsed.sources.text(declarator.span)));
    }
    assert_eq!(texts, ["x = 1 + 2", "y", "z[3] = f()"]);
}

#[test]
fn data_and_parameters_take_no_definitions() {
    assert_eq!(errors_of("data { real x = 1; }"), ["1:15 definition_in_declarations"]);
    assert_eq!(errors_of("parameters { real x = 1; }"), ["1:21 definition_in_declarations"]);
    assert_eq!(errors_of("parameters { real x[2] = 1; }"), ["1:24 definition_in_declarations"]);
    assert_eq!(data("real x;;"), ["(let real x)", "()"]);
}

#[test]
fn local_variables_take_no_constraints() {
    assert_eq!(errors_of("model { real<lower=0> x; }"), ["1:13 constraint_not_allowed"]);
    assert_eq!(errors_of("model { simplex[3] x; }"), ["1:9 constraint_not_allowed"]);
    assert_eq!(errors_of("transformed data { { vector<lower=0>[3] x; } }"), ["1:28 constraint_not_allowed"]);
    let texts = ["transformed data", "transformed parameters", "generated quantities"];
    for block in texts {
        program(&format!("{block} {{ real<lower=0> x = 1; simplex[3] y; }}"));
    }
}

/// The definitions of a functions block.
#[track_caller]
fn functions(text: &str) -> Vec<String> {
    let program = program(&format!("functions {{ {text} }}"));
    program.functions.expect("a functions block").definitions.iter().map(sexpr::function).collect()
}

#[test]
fn functions_with_their_signatures() {
    assert_eq!(functions("void f() { }"), ["(fun void f (do))"]);
    assert_eq!(functions("real f(real x);"), ["(fun real f (real x))"]);
    assert_eq!(
        functions(
            "array[,] matrix f(data array[] int n, tuple(real, array[] vector) t, complex_row_vector z) { return x; }"
        ),
        [
            "(fun (array 2 matrix) f (data (array 1 int) n) ((tuple real (array 1 vector)) t) (complexrowvector z) (do (return x)))"
        ]
    );
    assert_eq!(functions("tuple(int, ) f(tuple(int, ) t);"), ["(fun (tuple int) f ((tuple int) t))"]);
}

#[test]
fn signatures_take_neither_sizes_nor_constraints() {
    assert_eq!(errors_of("functions { real[] f(); }"), ["1:17 sizes_in_signature"]);
    assert_eq!(errors_of("functions { real f(real[] x); }"), ["1:24 sizes_in_signature"]);
    assert_eq!(errors_of("functions { real f(real[,] x); }"), ["1:24 sizes_in_signature"]);
    assert_eq!(errors_of("functions { real f(vector[3] x); }"), ["1:26 sizes_in_signature"]);
    assert_eq!(errors_of("functions { real f(real<lower=0> x); }"), ["1:24 constraint_not_allowed"]);
    assert_eq!(errors_of("functions { real f(simplex x); }"), ["1:20 constraint_not_allowed"]);
    assert_eq!(errors_of("functions { real f(void x); }"), ["1:20 unexpected"]);
    assert_eq!(errors_of("functions { real f(array[3] real x); }"), ["1:26 unexpected"]);
    assert_eq!(errors_of("functions { real f(real x, ); }"), ["1:28 unexpected"]);
}
