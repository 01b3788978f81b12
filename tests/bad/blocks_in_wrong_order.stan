model {
  x ~ normal(0, 1);
}
parameters {
  real x;
}
