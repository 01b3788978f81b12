// Two hidden states with means of their own, summed out from the front.
data {
  int<lower=1> n;
  vector[n] y;
}
parameters {
  array[2] simplex[2] transition;
  ordered[2] mu;
}
model {
  array[2] real forward;
  mu ~ normal(0, 5);
  for (k in 1:2)
    forward[k] = normal_lpdf(y[1] | mu[k], 1);
  for (t in 2:n) {
    array[2] real next;
    for (k in 1:2) {
      array[2] real from;
      for (j in 1:2)
        from[j] = forward[j] + log(transition[j, k]) + normal_lpdf(y[t] | mu[k], 1);
      next[k] = log_sum_exp(from);
    }
    forward = next;
  }
  target += log_sum_exp(forward);
}
