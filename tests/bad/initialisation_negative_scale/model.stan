parameters {
  real mu;
  real sigma;
}
model {
  mu ~ normal(0, -exp(sigma));
}
