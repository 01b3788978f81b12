data {
  vector[3] a;
}
transformed data {
  vector[2] b;
  b = a;
}
parameters {
  real mu;
}
