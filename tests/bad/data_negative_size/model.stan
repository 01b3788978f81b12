data {
  int n;
  vector[n] y;
}
parameters {
  real mu;
}
model {
  y ~ normal(mu, 1);
}
