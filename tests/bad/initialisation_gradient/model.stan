parameters {
  real mu;
}
model {
  mu ~ normal(0, 1);
  target += norm2([mu - mu, mu - mu]');
}
