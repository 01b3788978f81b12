data {
  tuple(int, real) t;
}
transformed data {
  int n;
  (n) = t;
  real x;
  (n, x, x) = t;
}
