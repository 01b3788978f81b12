// Dry weights of 56 seedlings of two genotypes, grown in eight trays:
// a mean for each genotype, an effect for each tray, an error for each seedling.
data {
  int<lower=1> n;
  int<lower=1> n_genotypes;
  int<lower=1> n_trays;
  array[n] int<lower=1, upper=n_genotypes> genotype;
  array[n] int<lower=1, upper=n_trays> tray;
  array[n] real y;
}
parameters {
  array[n_genotypes] real gamma;
  array[n_trays] real tau;
  real<lower=0> sigma_e;
  real<lower=0> sigma_tau;
}
model {
  sigma_e ~ cauchy(0, 1);
  sigma_tau ~ cauchy(0, 1);
  for (t in 1:n_trays)
    tau[t] ~ normal(0, sigma_tau);
  for (s in 1:n)
    y[s] ~ normal(gamma[genotype[s]] + tau[tray[s]], sigma_e);
}
generated quantities {
  real delta;
  delta = gamma[2] - gamma[1];
}
