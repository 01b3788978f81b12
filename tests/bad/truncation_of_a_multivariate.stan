parameters {
  simplex[3] p;
}
model {
  p ~ dirichlet([1, 1, 1]') T[0, 1];
}
