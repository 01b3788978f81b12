//! Elementary functions of complex numbers, generic over [`Real`]; sums and products are `num_complex`'s.
//!
//! Branch cuts are those of C++ and Stan: along the negative real axis for logarithm, root and power, and those that
//! follow from it for the inverse functions.

use num_complex::Complex;

use crate::Real;
use crate::special::{atan2, cos, cosh, exp, hypot, log, sin, sinh, sqrt};

/// A complex number.
type C<T> = Complex<T>;

fn real<T: Real>(x: f64) -> C<T> {
    C::new(T::constant(x), T::constant(0.0))
}

/// i z.
fn turned<T: Real>(z: C<T>) -> C<T> {
    C::new(-z.im, z.re)
}

/// -i z.
fn turned_back<T: Real>(z: C<T>) -> C<T> {
    C::new(z.im, -z.re)
}

/// The modulus |z|.
pub fn abs<T: Real>(z: C<T>) -> T {
    hypot(z.re, z.im)
}

/// The angle of z, in (-π, π].
pub fn arg<T: Real>(z: C<T>) -> T {
    atan2(z.im, z.re)
}

/// |z|².
pub fn norm<T: Real>(z: C<T>) -> T {
    z.re * z.re + z.im * z.im
}

/// The number of this modulus and angle.
pub fn polar<T: Real>(modulus: T, angle: T) -> C<T> {
    C::new(modulus * cos(angle), modulus * sin(angle))
}

/// The projection on the Riemann sphere: all infinities become one, with the sign of their imaginary part on its zero.
pub fn proj<T: Real>(z: C<T>) -> C<T> {
    if z.re.value().is_infinite() || z.im.value().is_infinite() {
        return C::new(T::constant(f64::INFINITY), T::constant(0f64.copysign(z.im.value())));
    }
    z
}

/// e^z.
pub fn exp_complex<T: Real>(z: C<T>) -> C<T> {
    polar(exp(z.re), z.im)
}

/// The principal logarithm.
pub fn log_complex<T: Real>(z: C<T>) -> C<T> {
    C::new(log(abs(z)), arg(z))
}

/// The principal logarithm to base 10.
pub fn log10_complex<T: Real>(z: C<T>) -> C<T> {
    log_complex(z) / T::constant(std::f64::consts::LN_10)
}

/// The principal square root.
pub fn sqrt_complex<T: Real>(z: C<T>) -> C<T> {
    let (x, y) = (z.re.value(), z.im.value());
    if x == 0.0 && y == 0.0 {
        return C::new(sqrt(z.re), z.im);
    }
    // The part that needs no difference first; the other from the product of both.
    let large = sqrt((abs(z) + if x < 0.0 { -z.re } else { z.re }) * 0.5);
    let small = z.im / (large * 2.0);
    if x >= 0.0 {
        return C::new(large, small);
    }
    if y.is_sign_negative() { C::new(-small, -large) } else { C::new(small, large) }
}

/// z^w, the exponential of w log(z); 0 of 0 unless w is 0.
pub fn pow_complex<T: Real>(z: C<T>, w: C<T>) -> C<T> {
    let is_zero = |z: &C<T>| z.re.value() == 0.0 && z.im.value() == 0.0;
    match (is_zero(&z), is_zero(&w)) {
        (true, true) => real(1.0),
        (true, false) => real(0.0),
        _ => exp_complex(w * log_complex(z)),
    }
}

/// Hyperbolic sine.
pub fn sinh_complex<T: Real>(z: C<T>) -> C<T> {
    C::new(sinh(z.re) * cos(z.im), cosh(z.re) * sin(z.im))
}

/// Hyperbolic cosine.
pub fn cosh_complex<T: Real>(z: C<T>) -> C<T> {
    C::new(cosh(z.re) * cos(z.im), sinh(z.re) * sin(z.im))
}

/// Hyperbolic tangent.
pub fn tanh_complex<T: Real>(z: C<T>) -> C<T> {
    sinh_complex(z) / cosh_complex(z)
}

/// Sine.
pub fn sin_complex<T: Real>(z: C<T>) -> C<T> {
    turned_back(sinh_complex(turned(z)))
}

/// Cosine.
pub fn cos_complex<T: Real>(z: C<T>) -> C<T> {
    cosh_complex(turned(z))
}

/// Tangent.
pub fn tan_complex<T: Real>(z: C<T>) -> C<T> {
    turned_back(tanh_complex(turned(z)))
}

/// Inverse hyperbolic sine.
pub fn asinh_complex<T: Real>(z: C<T>) -> C<T> {
    // sqrt(1 + iz) sqrt(1 - iz) has the branch cuts that sqrt(1 + z²) has not. The half planes mirror each other, and in
    // the right one nothing cancels.
    if z.re.value() < 0.0 {
        return -asinh_complex(-z);
    }
    let root = sqrt_complex(turned(z) + real(1.0)) * sqrt_complex(turned_back(z) + real(1.0));
    log_complex(z + root)
}

/// Inverse hyperbolic cosine.
pub fn acosh_complex<T: Real>(z: C<T>) -> C<T> {
    log_complex(z + sqrt_complex(z + real(1.0)) * sqrt_complex(z - real(1.0)))
}

/// Inverse hyperbolic tangent.
pub fn atanh_complex<T: Real>(z: C<T>) -> C<T> {
    (log_complex(z + real(1.0)) - log_complex(-z + real(1.0))) / T::constant(2.0)
}

/// Arc sine.
pub fn asin_complex<T: Real>(z: C<T>) -> C<T> {
    turned_back(asinh_complex(turned(z)))
}

/// Arc cosine.
pub fn acos_complex<T: Real>(z: C<T>) -> C<T> {
    -asin_complex(z) + real(std::f64::consts::FRAC_PI_2)
}

/// Arc tangent.
pub fn atan_complex<T: Real>(z: C<T>) -> C<T> {
    turned_back(atanh_complex(turned(z)))
}

/// The discrete Fourier transform Σ z_k exp(-2πi jk / n), or its inverse, which divides by n.
pub fn fourier<T: Real>(z: &[C<T>], is_inverse: bool) -> Vec<C<T>> {
    let n = z.len();
    let sign = if is_inverse { 1.0 } else { -1.0 };
    let root = |k: usize| {
        let angle = sign * std::f64::consts::TAU * k as f64 / n as f64;
        C::new(T::constant(angle.cos()), T::constant(angle.sin()))
    };
    let roots: Vec<C<T>> = (0..n).map(root).collect();
    let scale = T::constant(if is_inverse { 1.0 / n as f64 } else { 1.0 });
    let entry = |j: usize| {
        let terms = z.iter().zip((0..n).map(|k| roots[j * k % n]));
        terms.fold(real(0.0), |sum: C<T>, (z, root)| sum + *z * root) * scale
    };
    (0..n).map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(found: Complex<f64>, expected: Complex<f64>) {
        assert!((found - expected).norm() < 1e-13 * (1.0 + expected.norm()), "{found} {expected}");
    }

    #[test]
    fn values_are_those_of_num_complex_in_all_quadrants() {
        for (x, y) in [(0.7, 0.4), (-0.7, 0.4), (-1.3, -2.1), (0.2, -3.0), (2.5, 0.1)] {
            let z = Complex::new(x, y);
            assert_close(exp_complex(z), z.exp());
            assert_close(log_complex(z), z.ln());
            assert_close(sqrt_complex(z), z.sqrt());
            assert_close(sin_complex(z), z.sin());
            assert_close(cos_complex(z), z.cos());
            assert_close(tan_complex(z), z.tan());
            assert_close(tanh_complex(z), z.tanh());
            assert_close(asin_complex(z), z.asin());
            assert_close(acos_complex(z), z.acos());
            assert_close(atan_complex(z), z.atan());
            assert_close(asinh_complex(z), z.asinh());
            assert_close(acosh_complex(z), z.acosh());
            assert_close(atanh_complex(z), z.atanh());
            assert_close(pow_complex(z, Complex::new(0.5, 1.0)), z.powc(Complex::new(0.5, 1.0)));
        }
    }

    #[test]
    fn the_inverse_fourier_transform_undoes_the_transform() {
        let z: Vec<Complex<f64>> = (0..7).map(|k| Complex::new(f64::from(k).sin(), f64::from(k * k).cos())).collect();
        let back = fourier(&fourier(&z, false), true);
        z.iter().zip(back).for_each(|(z, back)| assert_close(back, *z));
        assert_close(fourier(&z, false)[0], z.iter().sum());
    }
}
