data {
  vector[3] v;
}
transformed data {
  row_vector[3] r;
  r = v;
}
