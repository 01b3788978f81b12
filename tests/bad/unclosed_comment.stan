parameters {
  real mu;
}
/* The prior is standard normal.
model {
  mu ~ normal(0, 1);
}
