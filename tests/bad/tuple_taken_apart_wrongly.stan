data {
  tuple(int, real) t;
}
transformed data {
  int n;
  real x;
  (n, x, x) = t;
}
