//! The two kinds of numbers that a lane may hold, and what the machine asks of them.

use std::fmt::Debug;
use std::ops::{Add, Div, Mul, Neg, Sub};

use crate::math::single;

/// How exact the numbers of futures are. Parameters are drawn, constants folded and answers summed in double precision in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// 64 bits, about 16 digits.
    #[default]
    Double,
    /// 32 bits, about 7 digits: twice as many lanes in an instruction.
    Single,
}

/// A number of a lane.
///
/// Sums, products, quotients and square roots are rounded as IEEE 754-2019 says; the functions here have the same bits on every machine.
/// Those called plain leave out special cases, and have the bits of the others where the question before them is answered with yes.
pub trait Number:
    Copy
    + Debug
    + PartialEq
    + PartialOrd
    + Send
    + Sync
    + 'static
    + bytemuck::Pod
    + Neg<Output = Self>
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
{
    /// The least number from which on all are whole.
    const WHOLE: Self;

    /// Returns the nearest number.
    fn of(value: f64) -> Self;
    /// Returns the same number in double precision.
    fn to_f64(self) -> f64;
    /// Returns values in double precision; a buffer is there to be filled, as long as they are.
    fn in_double<'a>(values: &'a [Self], buffer: &'a mut [f64]) -> &'a [f64];
    /// Returns the number strictly between 0 and 1 of two words, the first of which decides most.
    fn open_unit(first: u32, second: u32) -> Self;
    /// |a|.
    fn abs(self) -> Self;
    /// |a| with the sign of another.
    fn copysign(self, sign: Self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// e^a.
    fn exp(self) -> Self;
    /// Whether [`Number::plain_exp`] may be asked.
    fn has_plain_exp(self) -> bool;
    /// e^a.
    fn plain_exp(self) -> Self;
    /// Natural logarithm.
    fn ln(self) -> Self;
    /// Whether [`Number::plain_ln`] may be asked.
    fn has_plain_ln(self) -> bool;
    /// Natural logarithm.
    fn plain_ln(self) -> Self;
    /// a to the power of b.
    fn power(self, exponent: Self) -> Self;
    /// Whether [`Number::plain_power`] may be asked.
    fn has_plain_power(self, exponent: Self) -> bool;
    /// a to the power of b.
    fn plain_power(self, exponent: Self) -> Self;
    /// Hyperbolic tangent.
    fn tanh(self) -> Self;
    /// Standard normal quantile.
    fn normal_quantile(self) -> Self;
    /// Whether [`Number::plain_normal_quantile`] may be asked.
    fn has_plain_normal_quantile(self) -> bool;
    /// Standard normal quantile.
    fn plain_normal_quantile(self) -> Self;

    /// Whether it is no number.
    #[inline(always)]
    #[expect(clippy::eq_op, reason = "this is what no number is")]
    fn is_nan(self) -> bool {
        self != self
    }
}

/// The functions of a module of that name for every function of [`Number`] that is not arithmetic.
macro_rules! functions_of {
    ($module:ident) => {
        functions_of! { $module:
            exp() -> Self;
            has_plain_exp() -> bool;
            plain_exp() -> Self;
            ln() -> Self;
            has_plain_ln() -> bool;
            plain_ln() -> Self;
            power(exponent) -> Self;
            has_plain_power(exponent) -> bool;
            plain_power(exponent) -> Self;
            tanh() -> Self;
            normal_quantile() -> Self;
            has_plain_normal_quantile() -> bool;
            plain_normal_quantile() -> Self;
        }
    };
    ($module:ident: $($name:ident($($operand:ident)?) -> $result:ty;)*) => { $(
        #[inline(always)]
        fn $name(self $(, $operand: Self)?) -> $result {
            $module::$name(self $(, $operand)?)
        }
    )* };
}

/// The functions of double precision under the names that those of single precision have.
mod double {
    pub(super) use crate::distribution::normal::{
        has_plain_quantile as has_plain_normal_quantile, plain_quantile as plain_normal_quantile,
        quantile as normal_quantile,
    };
    pub(super) use crate::math::{
        exp, has_plain_exp, has_plain_ln, has_plain_power, ln, plain_exp, plain_ln, plain_power, power, tanh,
    };
}

impl Number for f64 {
    const WHOLE: f64 = (1_u64 << 52) as f64;

    #[inline(always)]
    fn of(value: f64) -> f64 {
        value
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }
    #[inline(always)]
    fn in_double<'a>(values: &'a [f64], _: &'a mut [f64]) -> &'a [f64] {
        values
    }
    #[inline(always)]
    fn open_unit(first: u32, second: u32) -> f64 {
        let bits = (u64::from(first) << 20) | u64::from(second >> 12);
        // 1 + bits 2^-52, so that no conversion of integers is needed; both sums are exact.
        (f64::from_bits(0x3ff0_0000_0000_0000 | bits) - 1.0) + 0.5 * f64::EPSILON
    }
    #[inline(always)]
    fn abs(self) -> f64 {
        f64::abs(self)
    }
    #[inline(always)]
    fn copysign(self, sign: f64) -> f64 {
        f64::copysign(self, sign)
    }
    #[inline(always)]
    fn sqrt(self) -> f64 {
        f64::sqrt(self)
    }
    functions_of!(double);
}

impl Number for f32 {
    const WHOLE: f32 = (1_u32 << 23) as f32;

    #[inline(always)]
    fn of(value: f64) -> f32 {
        value as f32
    }
    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn in_double<'a>(values: &'a [f32], buffer: &'a mut [f64]) -> &'a [f64] {
        let buffer = &mut buffer[..values.len()];
        for (to, &value) in buffer.iter_mut().zip(values) {
            *to = f64::from(value);
        }
        buffer
    }
    /// The first 23 bits of what it is in double precision, and half a unit more.
    #[inline(always)]
    fn open_unit(first: u32, _: u32) -> f32 {
        (f32::from_bits(0x3f80_0000 | first >> 9) - 1.0) + 0.5 * f32::EPSILON
    }
    #[inline(always)]
    fn abs(self) -> f32 {
        f32::abs(self)
    }
    #[inline(always)]
    fn copysign(self, sign: f32) -> f32 {
        f32::copysign(self, sign)
    }
    #[inline(always)]
    fn sqrt(self) -> f32 {
        f32::sqrt(self)
    }
    functions_of!(single);
}
