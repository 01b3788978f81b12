data {
  array[3] real y;
  int i;
}
transformed data {
  real first = y[1];
  real last = y[i - 4];
}
parameters {
  real mu;
}
