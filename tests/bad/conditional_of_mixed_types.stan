data {
  vector[2] v;
  int n;
}
transformed data {
  vector[2] w = n > 0 ? v : 0;
}
