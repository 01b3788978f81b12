parameters {
  real mu;
}
model {
  target += sqrt(0 * mu);
}
