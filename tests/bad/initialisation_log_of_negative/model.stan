parameters {
  real mu;
}
model {
  target += log(-1 - square(mu));
}
