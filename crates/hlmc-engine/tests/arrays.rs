//! Arrays of constrained vectors and densities of simplices: recorded for all vectors at once, they agree with forward
//! mode, and have as many nodes whatever the number of vectors.

mod support;

use support::{agree, bind, n_nodes};

/// Fewer vectors than entries, as many, and more.
const COUNTS: [usize; 3] = [2, 3, 11];

fn agree_for_all(declaration: &str, model: &str) {
    for count in COUNTS {
        let program = format!(
            "transformed data {{ int n = {count}; int k = 3; vector[k] d = [0.5, 1, 2.5]'; array[k] int counts = {{2, 0, 3}};
            array[n, k] int y; for (i in 1:n) for (j in 1:k) y[i, j] = i * j % 4; }}
            parameters {{ {declaration} vector<lower=0>[k] a; }} model {{ {model} }}"
        );
        agree(&format!("{count} of {declaration} {model}"), &program, "{}");
    }
}

#[test]
fn constraints_of_arrays() {
    for constraint in ["ordered", "positive_ordered", "simplex", "unit_vector", "sum_to_zero_vector"] {
        agree_for_all(
            &format!("array[n] {constraint}[k] x;"),
            "for (i in 1:n) target += -square(x[i, 2] - 0.3 * x[i, 1] * i);",
        );
        agree_for_all(&format!("array[n] {constraint}[1] x;"), "for (i in 1:n) target += -square(x[i, 1] - 0.3);");
        agree_for_all(
            &format!("array[n, 2] {constraint}[k] x;"),
            "for (i in 1:n) target += -dot_product(x[i, 2], x[i, 1] .* d);",
        );
    }
    agree_for_all("row_stochastic_matrix[n, k] x;", "for (i in 1:n) target += dot_product(x[i], d) * i;");
    agree_for_all("column_stochastic_matrix[k, n] x;", "for (i in 1:n) target += dot_product(x[, i], d) * i;");
    agree_for_all("array[2] row_stochastic_matrix[n, k] x;", "target += sum(square(x[2])) - sum(x[1] * d);");
}

#[test]
fn simplices_with_concentrations() {
    let simplices = "array[n] simplex[k] x;";
    agree_for_all(simplices, "for (i in 1:n) x[i] ~ dirichlet(d);");
    agree_for_all(simplices, "for (i in 1:n) x[i] ~ dirichlet(a * i);");
    agree_for_all(simplices, "for (i in 1:n) target += dirichlet_lpdf(x[n + 1 - i] | a + i);");
    agree_for_all(simplices, "x ~ dirichlet(d); x[1] ~ dirichlet(a);");
    agree_for_all(simplices, "target += dirichlet_lpdf(x | a);");
    agree_for_all(
        simplices,
        "target += dirichlet_lpdf(x | rep_array(a, n)); target += dirichlet_lpdf(x[1] | rep_array(a, n));",
    );
    agree_for_all(simplices, "for (i in 1:n) { vector[k] t = 0.5 * (x[i] + x[1]); t ~ dirichlet(a); }");
}

#[test]
fn counts_in_categories() {
    let simplices = "array[n] simplex[k] x;";
    agree_for_all(simplices, "for (i in 1:n) y[i] ~ multinomial(x[i]);");
    agree_for_all(simplices, "for (i in 1:n) target += multinomial_lpmf(y[i] | x[n + 1 - i]);");
    agree_for_all(simplices, "target += multinomial_lpmf(counts | x[2]); counts ~ multinomial(x[1]);");
    agree_for_all("", "for (i in 1:n) y[i] ~ multinomial_logit(a * i); counts ~ multinomial_logit(a);");
    agree_for_all(
        "",
        "for (i in 1:n) target += multinomial_logit_lpmf(y[i] | a / i); target += multinomial_logit_lpmf(counts | a);",
    );
    agree_for_all("", "for (i in 1:n) y[i] ~ dirichlet_multinomial(a * i); counts ~ dirichlet_multinomial(a);");
    agree_for_all("", "for (i in 1:n) target += dirichlet_multinomial_lpmf(y[i] | a + i);");
    agree_for_all("", "target += dirichlet_multinomial_lpmf(counts | a);");
}

#[test]
fn shares_of_topics() {
    let program = |n_documents: usize| {
        format!(
            "transformed data {{ int m = {n_documents}; array[30] int word; array[30] int document;
            for (i in 1:30) {{ word[i] = 1 + i * 7 % 9; document[i] = 1 + i % m; }} }}
            parameters {{ array[m] simplex[3] theta; array[3] simplex[9] phi; }}
            model {{ for (i in 1:m) theta[i] ~ dirichlet([0.5, 1, 2]'); phi ~ dirichlet(rep_vector(0.3, 9));
            for (i in 1:30) {{ array[3] real gamma;
                for (k in 1:3) gamma[k] = log(theta[document[i], k]) + log(phi[k, word[i]]);
                target += log_sum_exp(gamma); }} }}"
        )
    };
    agree("topics", &program(7), "{}");
    assert_eq!(n_nodes(&bind(&program(10), "{}")), n_nodes(&bind(&program(25), "{}")), "nodes grow with the documents");
}
