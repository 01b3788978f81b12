data {
  vector[2] v;
}
model {
  if (v) {
    print("yes");
  }
}
