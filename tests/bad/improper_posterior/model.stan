parameters {
  real mu;
}
model {
}
