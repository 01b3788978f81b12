data {
  array[3] real y;
  int i;
}
parameters {
  real mu;
}
model {
  mu ~ normal(0, 1);
}
generated quantities {
  real z = mu + y[i];
}
