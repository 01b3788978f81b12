/* A block
 * comment, with // and "quotes" and ünïcödé in it. */
data { // after a brace
  int /* between */ n; // 🌱
}
/**/
model { /* the end */ }
