data {
  real x;
}
transformed data {
  x = 1;
}
