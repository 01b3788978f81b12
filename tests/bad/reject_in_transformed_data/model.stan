data {
  int n;
}
transformed data {
  if (n % 2 == 1) {
    reject("n must be even, but is ", n);
  }
}
parameters {
  real mu;
}
