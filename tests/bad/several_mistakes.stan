data {
  int n;
  vector[n] y
}
parameters {
  real mu;
  real<lower=0> sigma;
}
model {
  mu ~ normal(0, 10;
  y ~ normal(mu, sigma);
}
