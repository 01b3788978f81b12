parameters {
  real x;
}
model {
  x = 1;
  x ~ normal(0, 1);
}
