// Every construct of the language once.
functions {
  real twice(real x);
  real twice(real x) {
    return 2 * x;
  }
  void note(data array[,] int n, tuple(real, array[] vector) t) {
    print("n = ", n, ", t.1 = ", t.1);
    if (n[1, 1] < 0) reject("negative: ", n);
    else if (n[1, 1] > 1_000) fatal_error("too many");
    else return;
  }
  array[] matrix zeros(int n) {
    return rep_array(rep_matrix(0, n, n), 2);
  }
  real lean_lpdf(real y, real mu) {
    return normal_lupdf(y | mu, 1);
  }
}
data {
  int<lower=0> N;
  array[N] real<lower=-1, upper=+1> x;
  matrix<lower=0>[N, 2] X;
  tuple(int, array[2] vector[N], tuple(real, )) t;
  complex z;
  complex_vector[2] zv;
  complex_row_vector[2] zr;
  complex_matrix[2, 3] zm;
}
transformed data {
  array[2] int idx = {1, 2};
  row_vector[3] r = [1.5, .5, 1e-3];
  matrix[2, 2] a = [[1, 2], [3, 4]];
  complex w = 1 + 2i;
  int k;
  k = N %/% 2;
}
parameters {
  real<offset=0, multiplier=2.5> mu;
  vector<multiplier=2>[2] beta;
  ordered[3] c1;
  positive_ordered[3] c2;
  simplex[3] c3;
  unit_vector[3] c4;
  sum_to_zero_vector[3] c5;
  sum_to_zero_matrix[3, 4] c6;
  cov_matrix[3] c7;
  corr_matrix[3] c8;
  cholesky_factor_cov[4, 3] c9;
  cholesky_factor_corr[3] c10;
  row_stochastic_matrix[2, 3] c11;
  column_stochastic_matrix[2, 3] c12;
}
transformed parameters {
  real<lower=0> sigma = exp(mu);
  jacobian += mu;
}
model {
  vector[N] eta = X * beta;
  real s = 0, p, q = -2 ^ 2;
  (p, eta[1]) = (1.0, eta[2]);
  for (i in 1 : N) {
    if (x[i] == 0) continue;
    s += x[i] * (i > 1 ? eta[i - 1] : 0);
    while (s > 10) {
      s /= 2;
      if (!(s > 5) || s != s) break;
    }
  }
  for (e in eta[2 : ]) s -= e;
  eta .*= eta;
  eta ./= to_vector(X[ , 1])';
  x ~ normal(mu, sigma);
  mu ~ std_normal() T[-3, ];
  sigma ~ student_t(3, 0, 1) T[0, 10];
  target += lean_lpdf(s | mu) + target() - sum(a \ a[idx, : 2]');
  profile("end") {
    note({{1}}, (s, {eta}));
    ;
  }
}
generated quantities {
  array[N] real y = normal_rng(rep_array(mu, N), sigma);
  real v = t.3.1 + X[1, 2] .^ 2 % 3;
}
