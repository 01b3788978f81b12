functions {
  real f(real x) {
    return 1 + f(x);
  }
}
data {
  int n;
}
transformed data {
  real y = f(n);
}
parameters {
  real mu;
}
