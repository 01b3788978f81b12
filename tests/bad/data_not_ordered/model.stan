data {
  simplex[3] p;
  ordered[3] c;
  cov_matrix[2] S;
}
parameters {
  real mu;
}
