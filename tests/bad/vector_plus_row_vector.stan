data {
  vector[2] v;
  row_vector[2] r;
}
transformed data {
  vector[2] s = v + r;
}
