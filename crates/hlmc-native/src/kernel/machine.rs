//! The machine that kernels are written for: lanes of numbers, their bits, and masks.
//!
//! A kernel (`exp`, `log1p`, ...) is one generic function over a [`Machine`]. [`Scalar`] computes with it, a number at a
//! time, and loops over it become vector instructions where the compiler sees the features; code generation emits
//! instructions with it. So there is one formula of each function, and what is tested of one machine holds for all.

/// Lanes of 64-bit numbers and what can be done with them. `&mut self` is there for machines that write down what
/// they are told.
pub trait Machine {
    /// One or more numbers.
    type Real: Copy;
    /// The bits of as many numbers.
    type Bits: Copy;
    /// A truth value for each of as many numbers.
    type Mask: Copy;

    /// The same number in all lanes.
    fn real(&mut self, x: f64) -> Self::Real;
    /// The same bits in all lanes.
    fn bits(&mut self, x: u64) -> Self::Bits;

    /// `x + y`
    fn add(&mut self, x: Self::Real, y: Self::Real) -> Self::Real;
    /// `x - y`
    fn subtract(&mut self, x: Self::Real, y: Self::Real) -> Self::Real;
    /// `x * y`
    fn multiply(&mut self, x: Self::Real, y: Self::Real) -> Self::Real;
    /// `x / y`
    fn divide(&mut self, x: Self::Real, y: Self::Real) -> Self::Real;
    /// `x * y + z`, rounded once where the hardware does that, else twice: kernels keep their bound either way.
    fn multiply_add(&mut self, x: Self::Real, y: Self::Real, z: Self::Real) -> Self::Real;
    /// True when `multiply_add` rounds once.
    fn is_fused(&self) -> bool;
    /// The square root, correctly rounded.
    fn sqrt(&mut self, x: Self::Real) -> Self::Real;
    /// `-x`
    fn negate(&mut self, x: Self::Real) -> Self::Real;
    /// `|x|`
    fn abs(&mut self, x: Self::Real) -> Self::Real;

    /// `x < y`; false where one is no number.
    fn less(&mut self, x: Self::Real, y: Self::Real) -> Self::Mask;
    /// `x == y`; false where one is no number.
    fn equal(&mut self, x: Self::Real, y: Self::Real) -> Self::Mask;
    /// `x` where the mask holds, else `y`.
    fn select(&mut self, mask: Self::Mask, x: Self::Real, y: Self::Real) -> Self::Real;

    /// The bits of numbers.
    fn to_bits(&mut self, x: Self::Real) -> Self::Bits;
    /// The numbers of these bits.
    fn as_real(&mut self, x: Self::Bits) -> Self::Real;
    /// `x + y` modulo 2^64
    fn add_bits(&mut self, x: Self::Bits, y: Self::Bits) -> Self::Bits;
    /// `x - y` modulo 2^64
    fn subtract_bits(&mut self, x: Self::Bits, y: Self::Bits) -> Self::Bits;
    /// Bits set in both.
    fn and_bits(&mut self, x: Self::Bits, y: Self::Bits) -> Self::Bits;
    /// Bits set in either.
    fn or_bits(&mut self, x: Self::Bits, y: Self::Bits) -> Self::Bits;
    /// Bits moved up by `n`, zeros from below.
    fn shift_left(&mut self, x: Self::Bits, n: u32) -> Self::Bits;
    /// Bits moved down by `n`, zeros from above.
    fn shift_right(&mut self, x: Self::Bits, n: u32) -> Self::Bits;
}

/// One number at a time, with multiplication and addition rounded once (`FUSED`) or twice.
#[derive(Clone, Copy, Debug, Default)]
pub struct Scalar<const FUSED: bool>;

impl<const FUSED: bool> Machine for Scalar<FUSED> {
    type Real = f64;
    type Bits = u64;
    type Mask = bool;

    #[inline(always)]
    fn real(&mut self, x: f64) -> f64 {
        x
    }

    #[inline(always)]
    fn bits(&mut self, x: u64) -> u64 {
        x
    }

    #[inline(always)]
    fn add(&mut self, x: f64, y: f64) -> f64 {
        x + y
    }

    #[inline(always)]
    fn subtract(&mut self, x: f64, y: f64) -> f64 {
        x - y
    }

    #[inline(always)]
    fn multiply(&mut self, x: f64, y: f64) -> f64 {
        x * y
    }

    #[inline(always)]
    fn divide(&mut self, x: f64, y: f64) -> f64 {
        x / y
    }

    #[inline(always)]
    fn multiply_add(&mut self, x: f64, y: f64, z: f64) -> f64 {
        if FUSED { x.mul_add(y, z) } else { x * y + z }
    }

    #[inline(always)]
    fn is_fused(&self) -> bool {
        FUSED
    }

    #[inline(always)]
    fn sqrt(&mut self, x: f64) -> f64 {
        x.sqrt()
    }

    #[inline(always)]
    fn negate(&mut self, x: f64) -> f64 {
        -x
    }

    #[inline(always)]
    fn abs(&mut self, x: f64) -> f64 {
        x.abs()
    }

    #[inline(always)]
    fn less(&mut self, x: f64, y: f64) -> bool {
        x < y
    }

    #[inline(always)]
    fn equal(&mut self, x: f64, y: f64) -> bool {
        x == y
    }

    #[inline(always)]
    fn select(&mut self, mask: bool, x: f64, y: f64) -> f64 {
        if mask { x } else { y }
    }

    #[inline(always)]
    fn to_bits(&mut self, x: f64) -> u64 {
        x.to_bits()
    }

    #[inline(always)]
    fn as_real(&mut self, x: u64) -> f64 {
        f64::from_bits(x)
    }

    #[inline(always)]
    fn add_bits(&mut self, x: u64, y: u64) -> u64 {
        x.wrapping_add(y)
    }

    #[inline(always)]
    fn subtract_bits(&mut self, x: u64, y: u64) -> u64 {
        x.wrapping_sub(y)
    }

    #[inline(always)]
    fn and_bits(&mut self, x: u64, y: u64) -> u64 {
        x & y
    }

    #[inline(always)]
    fn or_bits(&mut self, x: u64, y: u64) -> u64 {
        x | y
    }

    #[inline(always)]
    fn shift_left(&mut self, x: u64, n: u32) -> u64 {
        x << n
    }

    #[inline(always)]
    fn shift_right(&mut self, x: u64, n: u32) -> u64 {
        x >> n
    }
}
