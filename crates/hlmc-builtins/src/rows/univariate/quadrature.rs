//! Gauss-Legendre quadrature of smooth integrands, generic over the number, for distribution functions that have no
//! closed form.

use hlmc_math::Real;

/// Integrands fall below rounding where they are smaller than their maximum by this exponent.
pub(super) const NEGLIGIBLE_EXPONENT: f64 = 42.0;

const N_PANELS: u32 = 6;

/// The positive nodes of the rule of 20 points, and their weights.
const NODES: [(f64, f64); 10] = [
    (0.076_526_521_133_497_34, 0.152_753_387_130_725_85),
    (0.227_785_851_141_645_08, 0.149_172_986_472_603_75),
    (0.373_706_088_715_419_56, 0.142_096_109_318_382_05),
    (0.510_867_001_950_827_1, 0.131_688_638_449_176_63),
    (0.636_053_680_726_515, 0.118_194_531_961_518_42),
    (0.746_331_906_460_150_8, 0.101_930_119_817_240_44),
    (0.839_116_971_822_218_8, 0.083_276_741_576_704_75),
    (0.912_234_428_251_326, 0.062_672_048_334_109_07),
    (0.963_971_927_277_913_8, 0.040_601_429_800_386_94),
    (0.993_128_599_185_094_9, 0.017_614_007_139_152_118),
];

/// The integral of `f` from `low` to `high` by a fixed number of panels: for integrands that are smooth on that scale.
pub(super) fn integrate<A: Real>(low: A, high: A, f: impl Fn(A) -> A) -> A {
    let half_width = (high - low) * (0.5 / f64::from(N_PANELS));
    let mut sum = A::zero();
    for panel in 0..N_PANELS {
        let middle = low + half_width * f64::from(2 * panel + 1);
        for (node, weight) in NODES {
            let offset = half_width * node;
            sum += (f(middle - offset) + f(middle + offset)) * weight;
        }
    }
    sum * half_width
}
