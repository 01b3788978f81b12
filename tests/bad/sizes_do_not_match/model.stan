data {
  vector[3] a;
  vector[2] b;
}
transformed data {
  vector[3] c = a + b;
}
parameters {
  real mu;
}
