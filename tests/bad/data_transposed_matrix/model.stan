data {
  matrix[2, 3] m;
}
parameters {
  real mu;
}
