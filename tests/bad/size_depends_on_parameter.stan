parameters {
  real x;
}
transformed parameters {
  vector[x > 0 ? 1 : 2] y;
}
