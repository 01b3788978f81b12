parameters {
  real x;
}
parameters {
  real y;
}
