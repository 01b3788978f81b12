functions {
  real total(array[] real x) {
    return sum(x);
  }
}
data {
  int<lower=0> n;
  real y[n];
  int<lower=1, upper=2> group[n];
  vector[2] w[3, n];
}
parameters {
  real mu[2];
  real<lower=0> sigma;
}
model {
  for (i in 1:n)
    y[i] ~ normal(mu[group[i]], sigma);
  target += -total(mu);
}
