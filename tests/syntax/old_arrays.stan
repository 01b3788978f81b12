// Declarations of before 2.33.
data {
  int n;
  real y[n];
  int tray[n, 2];
  vector<lower=0>[3] v[n];
}
transformed data {
  real twice[n] = y;
}
parameters {
  simplex[3] theta[2];
}
model {
  matrix[2, 2] a[3, 4];
  for (i in 1:n) y[i] ~ normal(theta[1, 1], 1);
}
