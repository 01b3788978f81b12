parameters {
  real x;
}
model {
  x ~ nromal(0, 1);
}
