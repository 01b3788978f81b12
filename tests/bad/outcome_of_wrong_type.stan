data {
  vector[3] y;
}
parameters {
  real<lower=0> lambda;
}
model {
  y ~ poisson(lambda);
}
