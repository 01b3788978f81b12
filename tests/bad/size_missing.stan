data {
  vector y;
}
