parameters {
  real mu;
}
transformed parameters {
  real<lower=5> twice = 2 * mu;
}
model {
  mu ~ normal(0, 1);
}
