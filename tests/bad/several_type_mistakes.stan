data {
  int n;
  vector[n] y;
}
parameters {
  real mu;
  real<lower=0> sigma;
}
model {
  int k = 2.5;
  mew ~ normal(0, 10);
  sigma ~ cauchy(0);
  y ~ normal(mu, sgima);
}
