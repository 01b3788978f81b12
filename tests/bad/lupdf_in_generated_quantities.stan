parameters {
  real x;
}
model {
  x ~ normal(0, 1);
}
generated quantities {
  real lp = normal_lupdf(x | 0, 1);
}
