transformed data {
  print("two plus two is ", 2 + 2);
}
parameters {
  real mu;
}
model {
  mu ~ normal(0, 1);
}
generated quantities {
  print("a draw");
}
