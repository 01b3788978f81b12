// A series that follows its last value and its last error.
data {
  int<lower=1> n;
  vector[n] y;
}
parameters {
  real mu;
  real phi;
  real theta;
  real<lower=0> sigma;
}
model {
  vector[n] error;
  error[1] = y[1] - (mu + phi * mu);
  for (t in 2:n)
    error[t] = y[t] - (mu + phi * y[t - 1] + theta * error[t - 1]);
  mu ~ normal(0, 10);
  phi ~ normal(0, 2);
  theta ~ normal(0, 2);
  sigma ~ cauchy(0, 5);
  error ~ normal(0, sigma);
}
