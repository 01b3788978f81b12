transformed data {
  real y = 2 * mu;
}
parameters {
  real mu;
}
