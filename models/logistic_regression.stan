// Logistic regression of a binary outcome on two predictors.
data {
  int<lower=0> n;
  int<lower=0> k;
  matrix[n, k] x;
  array[n] int<lower=0, upper=1> y;
}
parameters {
  real alpha;
  vector[k] beta;
}
model {
  alpha ~ normal(0, 5);
  beta ~ normal(0, 2.5);
  y ~ bernoulli_logit(alpha + x * beta);
}
generated quantities {
  vector[k] odds_ratio = exp(beta);
}
