data {
  tuple(real, real) t;
}
transformed data {
  real x = sqrt(t);
}
