//! Kernels over slices, with the vector instructions that the machine turns out to have.

use pulp::{Arch, Simd, WithSimd};

use super::{Machine, Scalar};
use crate::graph::Unary;

/// A function of one number for every machine.
trait Kernel {
    fn at<M: Machine>(m: &mut M, x: M::Real) -> M::Real;
}

macro_rules! kernels {
    ($($name:ident: $function:path),* $(,)?) => {
        $(
            struct $name;

            impl Kernel for $name {
                #[inline(always)]
                fn at<M: Machine>(m: &mut M, x: M::Real) -> M::Real {
                    $function(m, x)
                }
            }
        )*
    };
}

kernels! {
    Exp: super::exp,
    Expm1: super::expm1,
    Tanh: super::tanh,
    Log: super::log,
    Log1p: super::log1p,
    Log1pExp: super::log1p_exp,
    InvLogit: super::inv_logit,
    LogGamma: super::log_gamma,
    Digamma: super::digamma,
    Sin: super::sin,
    Cos: super::cos,
}

/// The values of an operation at every number of `x`. Where the kernel is not defined ([`super::gamma`],
/// [`super::trigonometric`]) the operation's own value stands.
pub fn unary_block(unary: Unary, x: &[f64], out: &mut [f64]) {
    match unary {
        Unary::Exp => run::<Exp>(x, out),
        Unary::Expm1 => run::<Expm1>(x, out),
        Unary::Tanh => run::<Tanh>(x, out),
        Unary::Log => run::<Log>(x, out),
        Unary::Log1p => run::<Log1p>(x, out),
        Unary::Log1pExp => run::<Log1pExp>(x, out),
        Unary::InvLogit => run::<InvLogit>(x, out),
        Unary::Digamma => run_repaired::<Digamma>(unary, x, out),
        Unary::Lgamma => run_repaired::<LogGamma>(unary, x, out),
        Unary::Sin => run_repaired::<Sin>(unary, x, out),
        Unary::Cos => run_repaired::<Cos>(unary, x, out),
        Unary::Negate => out.iter_mut().zip(x).for_each(|(out, x)| *out = -x),
        Unary::Square => out.iter_mut().zip(x).for_each(|(out, x)| *out = x * x),
        Unary::Reciprocal => out.iter_mut().zip(x).for_each(|(out, x)| *out = 1.0 / x),
        Unary::Sqrt => out.iter_mut().zip(x).for_each(|(out, x)| *out = x.sqrt()),
        Unary::Abs => out.iter_mut().zip(x).for_each(|(out, x)| *out = x.abs()),
        other => out.iter_mut().zip(x).for_each(|(out, x)| *out = other.value(*x)),
    }
}

/// The kernel, and the operation's own value where that gave no number.
fn run_repaired<K: Kernel>(unary: Unary, x: &[f64], out: &mut [f64]) {
    run::<K>(x, out);
    for (out, x) in out.iter_mut().zip(x).filter(|(out, _)| out.is_nan()) {
        *out = unary.value(*x);
    }
}

fn run<K: Kernel>(x: &[f64], out: &mut [f64]) {
    Arch::new().dispatch(Loop::<K> { x, out, kernel: std::marker::PhantomData });
}

/// A loop that is compiled once for every set of vector instructions.
struct Loop<'a, K> {
    x: &'a [f64],
    out: &'a mut [f64],
    kernel: std::marker::PhantomData<K>,
}

impl<K: Kernel> WithSimd for Loop<'_, K> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        // Without vector instructions a fused multiplication would be a call.
        if S::F64_LANES > 1 {
            apply::<K, true>(self.x, self.out);
        } else {
            apply::<K, false>(self.x, self.out);
        }
    }
}

#[inline(always)]
fn apply<K: Kernel, const FUSED: bool>(x: &[f64], out: &mut [f64]) {
    for (out, x) in out.iter_mut().zip(x) {
        *out = K::at(&mut Scalar::<FUSED>, *x);
    }
}
