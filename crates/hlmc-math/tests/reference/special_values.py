"""Writes special_values.tsv: values and partial derivatives of the special functions, by mpmath with 450 digits.

One line a case: name, arguments, value, partial derivatives by central differences. Run: python3 special_values.py > special_values.tsv
"""
from mpmath import *

mp.dps = 450
EXACT = lambda x: mpf(float(x))  # the double itself, not the decimal

Phi = lambda x: erfc(-x / sqrt(2)) / 2


def bisect_root(f, low, high):
    sign = f(low) > 0
    for _ in range(900):
        mid = (low + high) / 2
        if (f(mid) > 0) == sign:
            low = mid
        else:
            high = mid
    return mid


def gamma_q(a, x):
    return gammainc(a, x, inf, regularized=True)


def gamma_p(a, x):
    return x**a * exp(-x) / gamma(a + 1) * hyp1f1(1, a + 1, x)


def beta_i(a, b, x):
    # The smaller of the two series, or the complement.
    if x <= (a + 1) / (a + b + 2):
        return x**a * (1 - x)**b / (a * beta(a, b)) * hyp2f1(a + b, 1, a + 1, x)
    return 1 - x**a * (1 - x)**b / (b * beta(a, b)) * hyp2f1(a + b, 1, b + 1, 1 - x)


def owen(h, a):
    return quad(lambda x: exp(-h * h * (1 + x * x) / 2) / (1 + x * x), linspace(0, a, 9)) / (2 * pi)


lse = lambda x, y: log(exp(x) + exp(y))
CASES = {
    "log1m": (lambda x: log(1 - x), [0.3, 1e-12, -5, 0.999]),
    "log1p_exp": (lambda x: log(1 + exp(x)), [-745, -40, -1, 0, 3, 40, 800]),
    "log1m_exp": (lambda x: log(1 - exp(x)), [-1e-10, -0.3, -0.7, -5, -40]),
    "inv_logit": (lambda x: 1 / (1 + exp(-x)), [-700, -40, -2, 0, 0.3, 5, 40]),
    "logit": (lambda x: log(x / (1 - x)), [1e-300, 0.2, 0.30001, 0.499999, 0.5000001, 0.6, 0.9, 0.999999]),
    "log_inv_logit": (lambda x: -log(1 + exp(-x)), [-800, -40, -1, 0, 2, 40, 300]),
    "log1m_inv_logit": (lambda x: -log(1 + exp(x)), [-300, -40, -1, 0, 2, 40, 800]),
    "cloglog": (lambda x: log(-log(1 - x)), [1e-20, 0.2, 0.9]),
    "inv_cloglog": (lambda x: 1 - exp(-exp(x)), [-20, -1, 0.3, 1.5]),
    "log_sum_exp2": (lse, [(-1000, -1001), (0.3, 0.3), (5, -40), (710, 709)]),
    "log_diff_exp": (lambda x, y: log(exp(x) - exp(y)), [(1, 0.5), (1000, 999), (0, -1e-8), (3, -60)]),
    "log_inv_logit_diff": (lambda x, y: log(1 / (1 + exp(-x)) - 1 / (1 + exp(-y))), [(0.5, 0.2), (3, -2), (-30, -31), (20, 19)]),
    "lmultiply": (lambda x, y: x * log(y), [(2, 3), (0.1, 1e-20), (-2, 5)]),
    "asinh": (asinh, [-3, 1e-9, 0.5, 1e6, 1e12]),
    "acosh": (acosh, [1.0000001, 1.5, 30, 1e12]),
    "atanh": (atanh, [-0.9, 1e-9, 0.3, 0.99999]),
    "tanh": (tanh, [-3, 1e-5, 2, 30]),
    "pow": (lambda x, y: x**y, [(2, 3), (0.3, -1.7), (10, 0), (1e-5, 0.5)]),
    "lgamma": (lambda x: log(abs(gamma(x))), [1e-5, 0.3, 1.7, 2.3, 5, 17.5, 1e5, -1.3, -7.9]),
    "tgamma": (gamma, [1e-3, 0.3, 1.5, 4.2, 50.3, 169.3, -1.5, -3.9]),
    "digamma": (lambda x: psi(0, x), [1e-5, 0.1, 0.9, 1.4, 3, 9.99, 25, 1e7, -0.3, -5.7]),
    "trigamma": (lambda x: psi(1, x), [1e-3, 0.1, 0.9, 1.4, 3, 25, 1e7, -0.3, -5.7]),
    "polygamma3": (lambda x: psi(3, x), [0.1, 1.4, 12, 300]),
    "lgamma1p": (lambda x: loggamma(1 + x), [1e-18, 1e-5, -0.1, 0.19, 0.21, 3]),
    "lgamma_difference": (lambda x, d: loggamma(x + d) - loggamma(x), [(3, 0.5), (0.2, 1e-5), (50, 0.5), (1e8, 0.5), (1e10, 30), (20, -15), (1e6, -0.3)]),
    "digamma_difference": (lambda x, d: psi(0, x + d) - psi(0, x), [(3, 0.5), (50, 1e-3), (1e5, 0.5), (20, -15), (0.3, 40)]),
    "lbeta": (lambda a, b: log(beta(a, b)), [(0.5, 0.7), (3, 4), (1e-3, 12), (5, 1e7), (12, 15), (1e5, 2e5), (40, 1e6)]),
    "lchoose": (lambda n, k: log(binomial(n, k)), [(5, 2), (30, 2.5), (30, 27.5), (1e6, 3), (1e6, 4e5), (7.3, 6.9)]),
    "log_falling_factorial": (lambda x, n: loggamma(x + 1) - loggamma(x - n + 1), [(5, 2), (1e7, 3), (20.5, 11.2)]),
    "log_rising_factorial": (lambda x, n: loggamma(x + n) - loggamma(x), [(5, 2), (1e7, 3), (0.1, 11.2)]),
    "lmgamma3": (lambda x: 3 * log(pi) / 2 + loggamma(x) + loggamma(x - 0.5) + loggamma(x - 1), [1.3, 4, 80]),
    "falling_factorial4": (lambda x: x * (x - 1) * (x - 2) * (x - 3), [0.5, 2, 7.5]),
    "rising_factorial4": (lambda x: x * (x + 1) * (x + 2) * (x + 3), [0.5, -2, 7.5]),
    "erf": (erf, [-2, 1e-9, 0.3, 1.1, 3]),
    "erfc": (erfc, [-2, 0.3, 1.1, 5, 20]),
    "phi": (Phi, [-35, -8, -1, 0, 0.5, 3, 8]),
    "std_normal_lcdf": (lambda x: log(Phi(x)), [-1e4, -40, -12, -5.01, -4.99, -1, -0.01, 0.7, 4, 9, 30]),
    "std_normal_lccdf": (lambda x: log(Phi(-x)), [-30, -8.5, -1, 0.3, 4, 8, 10, 12, 40, 300]),
    "inv_phi": (lambda p: bisect_root(lambda x: Phi(x) - p, mpf(-40), mpf(40)), [1e-300, 1e-20, 0.001, 0.07, 0.2, 0.5001, 0.8, 0.99999]),
    "std_normal_log_qf": (lambda p: bisect_root(lambda x: log(Phi(x)) - p, mpf(-200), mpf(60)), [-10000, -800, -30, -2.1, -1.9, -0.5, -1e-3, -1e-20, -1e-200]),
    "inv_erfc": (lambda p: bisect_root(lambda x: erfc(x) - p, mpf(-30), mpf(30)), [1e-200, 0.01, 0.9, 1.3, 1.99]),
    "owens_t": (owen, [(0.3, 0.7), (1, 1), (2, 5), (5, 0.2), (0, 3), (-1, 2.5), (1, -0.3), (8, 0.9), (0.1, 50)]),
    "gamma_p": (gamma_p, [(0.5, 0.2), (3, 2), (0.05, 0.4), (30, 42), (8, 0.01), (2, 12), (200, 190), (200, 230), (1e4, 9.9e3), (1e-3, 1e-5), (1e5, 100200)]),
    "gamma_q": (gamma_q, [(0.5, 0.2), (3, 2), (0.05, 0.4), (1e-6, 0.4), (1e-6, 1.0005), (30, 42), (8, 0.01), (2, 12), (2, 300), (200, 190), (200, 230), (1e4, 1.01e4), (0.7, 1.5)]),
    "log_gamma_p": (lambda a, x: log(gamma_p(a, x)), [(300, 1), (40, 3), (3, 2), (30, 42), (2, 30)]),
    "log_gamma_q": (lambda a, x: log(gamma_q(a, x)), [(2, 1500), (0.3, 900), (25, 20), (3, 2), (30, 42), (1e-8, 0.1)]),
    "inc_beta": (beta_i, [(0.6, 0.7, 0.3), (2, 3, 0.9), (0.3, 12, 0.01), (30, 40, 0.5), (30, 40, 0.2), (300, 400, 0.43), (1e4, 2e4, 0.334), (5, 0.5, 0.9999), (50, 3, 0.999), (0.5, 0.5, 1e-10)]),
    "log_inc_beta": (lambda a, b, x: log(beta_i(a, b, x)), [(300, 2, 1e-3), (30, 40, 0.1), (2, 3, 0.9), (2, 300, 0.2)]),
    "log_inc_beta_complement": (lambda a, b, x: log(beta_i(b, a, 1 - x)), [(300, 2, 0.1), (30, 40, 0.8), (2, 300, 0.9), (2, 3, 0.1)]),
    "inv_inc_beta": (lambda a, b, p: bisect_root(lambda x: beta_i(a, b, x) - p, mpf(0), mpf(1)), [(2, 3, 0.4), (0.5, 0.4, 0.2), (12, 3, 0.999), (0.2, 7, 1e-3)]),
    "bessel_first_kind0": (lambda x: besselj(0, x), [0.3, 2, 17]),
    "bessel_first_kind3": (lambda x: besselj(3, x), [0.3, 2, 17]),
    "bessel_second_kind0": (lambda x: bessely(0, x), [0.3, 2, 17]),
    "bessel_second_kind3": (lambda x: bessely(3, x), [0.3, 2, 17]),
    "modified_bessel_first_kind0": (lambda x: besseli(0, x), [0.01, 2, 17, 45, 300]),
    "modified_bessel_first_kind3": (lambda x: besseli(3, x), [0.01, 2, -2, 17, 45, 300]),
    "modified_bessel_second_kind0": (lambda x: besselk(0, x), [1e-5, 0.3, 2, 17, 300]),
    "modified_bessel_second_kind3": (lambda x: besselk(3, x), [1e-5, 0.3, 2, 17, 300]),
    "log_modified_bessel_first_kind": (lambda v, z: log(besseli(v, z)), [(0.1, 0.3), (2.5, 17), (0.7, 45), (12, 100), (300, 20), (100, 2000), (3.3, 1e5), (20, 1000)]),
    "log_modified_bessel_second_kind2.5": (lambda z: log(besselk(mpf("2.5"), z)), [1e-8, 0.5, 17, 2000]),
    "lambert_w0": (lambda x: lambertw(x, 0).real, [-0.36, -0.2, -1e-9, 0.5, 2, 3.5, 1e10]),
    "lambert_wm1": (lambda x: lambertw(x, -1).real, [-0.3678, -0.36, -0.2, -0.01, -1e-200]),
}


def show(v):
    return nstr(v, 20, strip_zeros=False)


for name, (f, points) in CASES.items():
    for point in points:
        args = [EXACT(x) for x in (point if isinstance(point, tuple) else (point,))]
        value = f(*args)
        partials = []
        for k, x in enumerate(args):
            h = mpf(10)**-25 * (abs(x) or 1)
            at = lambda t: f(*[t if i == k else y for i, y in enumerate(args)])
            partials.append(show((at(x + h) - at(x - h)) / (2 * h)))
        print(name, ",".join(repr(float(x)) for x in args), show(value), ",".join(partials), sep="\t", flush=True)
