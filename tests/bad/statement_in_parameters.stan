parameters {
  real x;
  x = 3;
}
