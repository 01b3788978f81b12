parameters {
  real x;
}
model {
  vector[1] y = ode_adjoint_tol_ctl(x);
}
