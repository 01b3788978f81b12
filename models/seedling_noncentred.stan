// seedling.model with tray effects as scale times standard normal: the same posterior, another geometry.
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
  vector[n_trays] tau_raw;
  real<lower=0> sigma_e;
  real<lower=0> sigma_tau;
}
transformed parameters {
  vector[n_trays] tau = sigma_tau * tau_raw;
}
model {
  sigma_e ~ cauchy(0, 1);
  sigma_tau ~ cauchy(0, 1);
  tau_raw ~ std_normal();
  y ~ normal(gamma[genotype] + tau[tray], sigma_e);
}
generated quantities {
  real delta = gamma[2] - gamma[1];
}
