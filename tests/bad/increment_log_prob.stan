parameters {
  real x;
}
model {
  increment_log_prob(-0.5 * x^2);
}
