functions {
  real f(data real x) {
    return x;
  }
}
parameters {
  real theta;
}
model {
  target += f(theta);
}
