data {
  vector[2] v;
  int<lower=v> n;
}
