functions {
  real half(real x) {
    return 0.5 * x;
  }
  vector shifted(vector x, data real by) {
    return x + by;
  }
  real near_lpdf(real x, real centre) {
    return normal_lupdf(x | centre, 1);
  }
  tuple(real, int) pair(real x, int n) {
    return (x, n);
  }
}
data {
  int<lower=0> n;
  array[n] real y;
  matrix[n, 2] x;
  array[n] int<lower=1, upper=2> group;
}
transformed data {
  array[2] int count = {0, 0};
  for (g in group) {
    count[g] += 1;
  }
  print("groups: ", count);
  profile("nothing") {
    int k = n > 0 ? n %/% 1 : 0;
    while (k > 3) {
      k -= 1;
      if (k == 5) {
        continue;
      } else if (k < 0) {
        break;
      }
    }
  }
}
parameters {
  vector<lower=0>[2] beta;
  real<offset=1, multiplier=2> mu;
  real<lower=0, upper=10> sigma;
  simplex[2] p;
  ordered[2] c;
}
transformed parameters {
  vector[n] eta = x * beta + mu;
}
model {
  y ~ normal(eta, sigma);
  mu ~ near(half(1));
  beta ~ normal(0, 1);
  sigma ~ normal(0, 1) T[, 10];
  target += log(p[1]) + sum(square(c[1 : 2]));
  target += std_normal_lpdf(shifted(beta, 1.5)[{1, 2}]);
}
generated quantities {
  array[n] real y_new = normal_rng(eta, sigma);
  complex z = to_complex(1, 2) * 3i;
  tuple(real, int) t = pair(mu, n);
  real a;
  int b;
  (a, b) = t;
  real first = t.1;
}
