data {
  int n;
  vector[n] x;
  int k;
}
transformed data {
  print(x);
  print(k);
}
generated quantities {
  real y = 1;
}
