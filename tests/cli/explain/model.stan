// Every kind of row: known data, a function, a loop, a scan, a branch that is not taken, a term of its own.
functions {
  real centred(real x, real m) {
    real d = x - m;
    return square(d);
  }
}
data {
  int<lower=1> n;
  int<lower=1> n_genotypes;
  int<lower=1> n_trays;
  array[n] int<lower=1, upper=n_genotypes> genotype;
  array[n] int<lower=1, upper=n_trays> tray;
  vector[n] y;
}
transformed data {
  real mean_y = mean(y);
}
parameters {
  vector[n_genotypes] gamma;
  vector[n_trays] tau;
  real<lower=0> sigma_e;
  real<lower=0> sigma_tau;
  real<lower=0, upper=1> rho;
}
transformed parameters {
  vector[n] mu;
  for (s in 1:n)
    mu[s] = gamma[genotype[s]] + tau[tray[s]];
}
model {
  real walk = 0;
  sigma_e ~ cauchy(0, 1);
  sigma_tau ~ cauchy(0, 1);
  tau ~ normal(0, sigma_tau);
  y ~ normal(mu, sigma_e);
  for (s in 2:n)
    walk = rho * walk + y[s] - mu[s];
  target += -1e-3 * square(walk);
  if (n > 100)
    gamma ~ normal(0, 100);
  target += -1e-3 * centred(gamma[1], mean_y);
}
