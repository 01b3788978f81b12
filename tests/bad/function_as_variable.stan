transformed data {
  real y = exp;
}
