data {
  array[3] real y;
  int i;
}
parameters {
  real mu;
}
model {
  mu ~ normal(y[i], 1);
}
