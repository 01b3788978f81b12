parameter {
  real x;
}
