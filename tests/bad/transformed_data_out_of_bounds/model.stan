data {
  int n;
}
transformed data {
  int<upper=5> k = 2 * n;
}
parameters {
  real mu;
}
