data {
  vector[2] v;
}
transformed data {
  array[2] vector[2] a = {v, {1, 2}};
}
