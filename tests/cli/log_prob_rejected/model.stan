parameters {
  real mu;
}
model {
  1 ~ normal(0, mu);
}
