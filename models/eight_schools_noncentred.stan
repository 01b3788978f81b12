// eight_schools.stan with the effects as location plus scale times standard normal.
data {
  int<lower=0> n_schools;
  vector[n_schools] y;
  vector<lower=0>[n_schools] sigma;
}
parameters {
  real mu;
  real<lower=0> tau;
  vector[n_schools] theta_raw;
}
transformed parameters {
  vector[n_schools] theta = mu + tau * theta_raw;
}
model {
  mu ~ normal(0, 5);
  tau ~ cauchy(0, 5);
  theta_raw ~ std_normal();
  y ~ normal(theta, sigma);
}
