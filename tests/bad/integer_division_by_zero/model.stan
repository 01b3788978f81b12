data {
  int n;
}
transformed data {
  int k = 7 %/% n;
}
parameters {
  real mu;
}
