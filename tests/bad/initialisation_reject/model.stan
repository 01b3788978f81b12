parameters {
  real mu;
}
model {
  reject("mu is ", mu > 5 ? "large" : "small");
}
