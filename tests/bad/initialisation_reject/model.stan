parameters {
  real mu;
}
model {
  reject("mu is ", mu);
}
