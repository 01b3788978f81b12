data {
  int<lower=1> n;
  int<lower=1> k;
  matrix[n, k] x;
  vector[n] y;
}
parameters {
  real alpha;
  vector[k] beta;
  real<lower=0> sigma;
}
model {
  beta ~ normal(0, 5);
  sigma ~ normal(0, 5);
  y ~ normal(alpha + x * beta, sigma);
}
