data {
  vector[2] v;
  vector[2] w;
}
model {
  if (v < w) {
    print("less");
  }
}
