transformed data {
  print(“n = ”);
}
