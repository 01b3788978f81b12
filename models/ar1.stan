// A first-order autoregression, the first observation taken as given.
data {
  int<lower=1> n;
  vector[n] y;
}
parameters {
  real alpha;
  real<lower=-1, upper=1> phi;
  real<lower=0> sigma;
}
model {
  alpha ~ normal(0, 5);
  sigma ~ normal(0, 2);
  for (t in 2:n)
    y[t] ~ normal(alpha + phi * y[t - 1], sigma);
}
generated quantities {
  real y_next = normal_rng(alpha + phi * y[n], sigma);
}
