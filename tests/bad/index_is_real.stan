data {
  array[3] real x;
  real i;
}
transformed data {
  real y = x[i];
}
