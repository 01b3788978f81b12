data {
  int<lower=1> n_groups;
  array[4] int<lower=1, upper=n_groups> group;
  real<lower=0> scale;
}
parameters {
  real mu;
}
