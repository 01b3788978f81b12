data {
  real x;
}
transformed data {
  target += x;
}
