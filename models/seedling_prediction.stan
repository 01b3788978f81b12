// seedling.model with predictions: the difference of two new seedlings on one tray, replicated data, and two events
// whose mean is their probability and whose se_mean is its Monte Carlo error.
data {
  int<lower=1> n;
  int<lower=1> n_genotypes;
  int<lower=1> n_trays;
  array[n] int<lower=1, upper=n_genotypes> genotype;
  array[n] int<lower=1, upper=n_trays> tray;
  vector[n] y;
}
parameters {
  vector[n_genotypes] gamma;
  vector[n_trays] tau;
  real<lower=0> sigma_e;
  real<lower=0> sigma_tau;
}
model {
  sigma_e ~ cauchy(0, 1);
  sigma_tau ~ cauchy(0, 1);
  tau ~ normal(0, sigma_tau);
  y ~ normal(gamma[genotype] + tau[tray], sigma_e);
}
generated quantities {
  real delta = gamma[2] - gamma[1];
  real delta_tilde = normal_rng(gamma[2], sigma_e) - normal_rng(gamma[1], sigma_e);
  int<lower=0, upper=1> delta_is_positive = delta > 0;
  int<lower=0, upper=1> delta_tilde_is_positive = delta_tilde > 0;
  array[n] real y_rep = normal_rng(gamma[genotype] + tau[tray], sigma_e);
}
