transformed data {
  print("n = );
}
