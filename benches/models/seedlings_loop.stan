// The seedling model at any size: a mean for each genotype, an effect for each tray, an error for each seedling.
data {
  int<lower=1> n;
  int<lower=1> n_trays;
  array[n] int<lower=1, upper=2> genotype;
  array[n] int<lower=1, upper=n_trays> tray;
  vector[n] y;
}
parameters {
  vector[2] gamma;
  vector[n_trays] tau;
  real<lower=0> sigma_e;
  real<lower=0> sigma_tau;
}
model {
  sigma_e ~ cauchy(0, 1);
  sigma_tau ~ cauchy(0, 1);
  tau ~ normal(0, sigma_tau);
  for (s in 1:n)
    y[s] ~ normal(gamma[genotype[s]] + tau[tray[s]], sigma_e);
}
