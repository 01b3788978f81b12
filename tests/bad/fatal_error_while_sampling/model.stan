parameters {
  real mu;
}
model {
  if (mu > -100) {
    fatal_error("this model cannot be sampled");
  }
  mu ~ normal(0, 1);
}
