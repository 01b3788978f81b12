data {
  vectr[3] x;
}
