//! Elementary functions with the same bits on every machine.
//!
//! Each is a chain of IEEE additions, multiplications, fused multiply-adds, divisions, square roots and bit moves, without tables or branches,
//! so that a loop over lanes is vectorised and gives the bits of the scalar call. Where a multiplication is fused with an addition is
//! written ([`fma`]), never left to the compiler. Errors are stated in units in the last place (ulp) and held by tests against an
//! arbitrary-precision reference.

mod exponential;
mod gamma_function;
mod hyperbolic;
mod logarithm;
mod power;
pub(crate) mod single;
mod trigonometric;

pub(crate) use exponential::has_plain_exp;
pub use exponential::{exp, exp_m1, plain_exp};
pub use gamma_function::ln_gamma;
pub use hyperbolic::{logistic, tanh};
pub(crate) use logarithm::has_plain_ln;
pub use logarithm::{ln, ln_1p, logit, plain_ln};
pub use power::power;
pub(crate) use power::{has_plain_power, plain_power};
pub use trigonometric::{cos, sin};

/// Adding and subtracting it rounds to the nearest whole number, halves to even, for |x| < 2^51.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// High part of ln 2, with 32 trailing zero bits, so that whole multiples up to 2^20 are exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238_164_90e-1;

/// ln 2 minus its high part.
const LN_2_LOW: f64 = 1.908_214_929_270_587_700_02e-10;

/// Returns a b + c, rounded once, as IEEE 754-2019 defines it: one instruction where the processor has it, a slow call elsewhere, with the
/// same bits.
#[inline(always)]
#[expect(clippy::disallowed_methods, reason = "the one place where it is asked for")]
pub(crate) fn fma(a: f64, b: f64, c: f64) -> f64 {
    a.mul_add(b, c)
}

/// Does the same in single precision.
#[inline(always)]
#[expect(clippy::disallowed_methods, reason = "the one place where it is asked for")]
pub(crate) fn fma_single(a: f32, b: f32, c: f32) -> f32 {
    a.mul_add(b, c)
}

/// Evaluates a polynomial of degree 1 at least, even and odd powers side by side, which halves the chain of dependent operations.
#[inline(always)]
pub(crate) fn in_halves<const N: usize, T: Copy + std::ops::Mul<Output = T>>(
    coefficients: [T; N],
    x: T,
    fma: impl Fn(T, T, T) -> T,
) -> T {
    let square = x * x;
    // Of even degrees, and of odd ones: the highest first.
    let mut halves = [coefficients[(N - 1) & !1], coefficients[(N - 2) | 1]];
    let mut degree = N - 2;
    while degree > 0 {
        degree -= 1;
        halves[degree % 2] = fma(halves[degree % 2], square, coefficients[degree]);
    }
    fma(halves[1], x, halves[0])
}

/// Returns `yes` where the condition holds, else `no`; compiles to a blend.
#[inline(always)]
pub(crate) fn choose(condition: bool, yes: f64, no: f64) -> f64 {
    if condition { yes } else { no }
}
