data {
  int<lower=1> n;
  int<lower=1> k;
  matrix[n, k] x;
  array[n] int<lower=0, upper=1> y;
}
parameters {
  real alpha;
  vector[k] beta;
}
model {
  y ~ bernoulli_logit(alpha + x * beta);
}
