parameters {
  real mu;
}
model {
  mu ~ uniform(10, 20);
}
