// Poisson regression of counts on one predictor, with an exposure.
data {
  int<lower=0> n;
  vector[n] x;
  vector<lower=0>[n] exposure;
  array[n] int<lower=0> y;
}
parameters {
  real alpha;
  real beta;
}
model {
  alpha ~ normal(0, 5);
  beta ~ normal(0, 2);
  y ~ poisson_log(alpha + beta * x + log(exposure));
}
generated quantities {
  real rate_ratio = exp(beta);
}
