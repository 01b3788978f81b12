data {
  int n;
}
model {
  if (n = 1) {
    print(n);
  }
}
