// Coaching effects in eight schools (Rubin 1981; Gelman et al., Bayesian Data Analysis, section 5.5), centred form.
data {
  int<lower=0> n_schools;
  vector[n_schools] y;
  vector<lower=0>[n_schools] sigma;
}
parameters {
  real mu;
  real<lower=0> tau;
  vector[n_schools] theta;
}
model {
  mu ~ normal(0, 5);
  tau ~ cauchy(0, 5);
  theta ~ normal(mu, tau);
  y ~ normal(theta, sigma);
}
