parameters {
  real x;
}
model {
  print("x is ", x);
  x ~ normal(0, 1);
}
