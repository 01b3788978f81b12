// Returns whose variance follows the last return and the last variance.
data {
  int<lower=1> n;
  vector[n] y;
  real<lower=0> sigma_first;
}
parameters {
  real mu;
  real<lower=0> omega;
  real<lower=0, upper=1> alpha;
  real<lower=0, upper=1 - alpha> beta;
}
model {
  vector[n] variance;
  variance[1] = square(sigma_first);
  for (t in 2:n)
    variance[t] = omega + alpha * square(y[t - 1] - mu) + beta * variance[t - 1];
  y ~ normal(mu, sqrt(variance));
}
