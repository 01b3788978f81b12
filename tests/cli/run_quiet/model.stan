parameters {
  real<lower=0> sigma;
  vector[2] beta;
}
model {
  sigma ~ normal(0, 1);
  beta ~ normal(0, sigma);
}
