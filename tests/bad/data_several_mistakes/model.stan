data {
  int<lower=0> n;
  real y;
  int k;
  vector[2] w;
}
parameters {
  real mu;
}
