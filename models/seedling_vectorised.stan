// seedling.model in the current syntax, every loop a vector statement.
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
}
