parameters {
  real x;
}
model {
  target += -exq(x);
}
