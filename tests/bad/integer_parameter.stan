parameters {
  int k;
}
model {
  k ~ poisson(3);
}
