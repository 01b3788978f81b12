data {
  int n;
}
parameters {
  real n;
}
