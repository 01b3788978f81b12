functions {
  real pick(array[] real x, int k) {
    return x[k];
  }
}
data {
  array[3] real y;
  int i;
}
parameters {
  real mu;
}
model {
  mu ~ normal(pick(y, i), 1);
}
