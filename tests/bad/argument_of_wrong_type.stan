data {
  vector[3] v;
}
transformed data {
  real d = log_determinant(v);
}
