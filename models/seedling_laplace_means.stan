// The genotypes' means from a Laplace distribution whose location and scale are learned. Two means say little
// about the scale of their population, so its prior has to: 1 to 7 for 95%, and nothing near zero.
data {
  int<lower=1> n;
  int<lower=1> n_genotypes;
  int<lower=1> n_trays;
  array[n] int<lower=1, upper=n_genotypes> genotype;
  array[n] int<lower=1, upper=n_trays> tray;
  vector[n] y;
}
parameters {
  real mu;
  real<lower=0> sigma_gamma;
  vector[n_genotypes] gamma;
  vector[n_trays] tau;
  real<lower=0> sigma_e;
  real<lower=0> sigma_tau;
}
model {
  mu ~ normal(0, 50);
  sigma_gamma ~ lognormal(1, 0.5);
  sigma_e ~ cauchy(0, 1);
  sigma_tau ~ cauchy(0, 1);
  gamma ~ double_exponential(mu, sigma_gamma);
  tau ~ normal(0, sigma_tau);
  y ~ normal(gamma[genotype] + tau[tray], sigma_e);
}
generated quantities {
  real delta = gamma[2] - gamma[1];
}
