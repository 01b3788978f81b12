data {
  int<lower=0> n;
  vector[n] y;
}
parameters {
  real mu;
}
model {
  y ~ normal(mu, 1);
}
