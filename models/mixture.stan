// A mixture of two normal distributions, the component of each observation summed out; ordered locations tell the
// components apart.
data {
  int<lower=0> n;
  vector[n] y;
}
parameters {
  real<lower=0, upper=1> theta;
  ordered[2] mu;
  vector<lower=0>[2] sigma;
}
model {
  theta ~ beta(2, 2);
  mu ~ normal(0, 5);
  sigma ~ normal(0, 2);
  for (i in 1:n)
    target += log_mix(theta, normal_lpdf(y[i] | mu[1], sigma[1]), normal_lpdf(y[i] | mu[2], sigma[2]));
}
