//! The one table of operations: name, operands, meaning. Folding, the machine and the oracle all go through it.

use crate::number::Number;

/// Hands the table of operations to a macro: documentation, name, printed form and scalar function, by number of operands.
macro_rules! with_operations {
    ($then:ident $($arguments:tt)*) => {
        $then! {
            [$($arguments)*]
            unary {
                /// -a.
                Negate "negate" meaning::negate;
                /// |a|.
                Abs "abs" meaning::abs;
                /// Square root.
                Sqrt "sqrt" meaning::sqrt;
                /// Exponential.
                Exp "exp" meaning::exp;
                /// Natural logarithm.
                Ln "ln" meaning::ln;
                /// Hyperbolic tangent.
                Tanh "tanh" meaning::tanh;
                /// Sine.
                Sin "sin" meaning::sin;
                /// Cosine.
                Cos "cos" meaning::cos;
                /// 1 / (1 + exp(-a)).
                Logistic "logistic" meaning::logistic;
                /// ln(a / (1 - a)).
                Logit "logit" meaning::logit;
                /// Greatest whole number not above.
                Floor "floor" meaning::floor;
                /// Least whole number not below.
                Ceil "ceil" meaning::ceil;
                /// Nearest whole number, halves to even.
                Round "round" meaning::round;
                /// Not true.
                Not "not" meaning::not;
                /// -ln(a).
                MinusLn "minus_ln" meaning::minus_ln;
                /// Standard normal distribution function.
                NormalCdf "normal_cdf" meaning::normal_cdf;
                /// Standard normal quantile of a.
                NormalQuantile "normal_quantile" meaning::normal_quantile;
            }
            binary {
                /// a + b.
                Add "add" meaning::add;
                /// a - b.
                Subtract "subtract" meaning::subtract;
                /// a * b.
                Multiply "multiply" meaning::multiply;
                /// a / b.
                Divide "divide" meaning::divide;
                /// a to the power of b.
                Power "power" meaning::power;
                /// The lesser, b of equals; a NaN operand gives NaN.
                Min "min" meaning::min;
                /// The greater, b of equals; a NaN operand gives NaN.
                Max "max" meaning::max;
                /// a < b.
                Less "less" meaning::less;
                /// a <= b.
                LessEqual "less_equal" meaning::less_equal;
                /// a == b.
                Equal "equal" meaning::equal;
                /// a != b.
                NotEqual "not_equal" meaning::not_equal;
                /// Both true.
                And "and" meaning::and;
                /// Either true.
                Or "or" meaning::or;
                /// |a - b|.
                SubtractAbs "subtract_abs" meaning::subtract_abs;
                /// The logarithm b ln a of a to the power of b; NaN if a is below zero.
                LnPower "ln_power" meaning::ln_power;
                /// exp(a b).
                MultiplyExp "multiply_exp" meaning::multiply_exp;
                /// exp(a) b.
                ExpMultiply "exp_multiply" meaning::exp_multiply;
                /// Gamma distribution function: shape a, at b (scale 1).
                GammaCdf "gamma_cdf" meaning::gamma_cdf;
                /// Gamma quantile: shape a, at probability b (scale 1).
                GammaQuantile "gamma_quantile" meaning::gamma_quantile;
                /// Student t distribution function: degrees of freedom a, at b.
                StudentTCdf "student_t_cdf" meaning::student_t_cdf;
                /// Student t quantile: degrees of freedom a, at probability b.
                StudentTQuantile "student_t_quantile" meaning::student_t_quantile;
                /// Poisson quantile: mean a, at probability b.
                PoissonQuantile "poisson_quantile" meaning::poisson_quantile;
            }
            ternary {
                /// b if a is true, else c.
                Select "select" meaning::select;
                /// Beta distribution function: shapes a, b, at c.
                BetaCdf "beta_cdf" meaning::beta_cdf;
                /// Beta quantile: shapes a, b, at probability c.
                BetaQuantile "beta_quantile" meaning::beta_quantile;
                /// Binomial quantile: n a, p b, at probability c.
                BinomialQuantile "binomial_quantile" meaning::binomial_quantile;
                /// b ln a + c, rounded three times.
                LnPowerAdd "ln_power_add" meaning::ln_power_add;
                /// (a + b) + c.
                AddAdd "add_add" meaning::add_add;
                /// (a - b) + c.
                SubtractAdd "subtract_add" meaning::subtract_add;
                /// a b + c, rounded twice.
                MultiplyAdd "multiply_add" meaning::multiply_add;
                /// (a + b) - c.
                AddSubtract "add_subtract" meaning::add_subtract;
                /// (a - b) - c.
                SubtractSubtract "subtract_subtract" meaning::subtract_subtract;
                /// a b - c, rounded twice.
                MultiplySubtract "multiply_subtract" meaning::multiply_subtract;
                /// c - (a + b).
                AddSubtractFrom "add_subtract_from" meaning::add_subtract_from;
                /// c - (a - b).
                SubtractSubtractFrom "subtract_subtract_from" meaning::subtract_subtract_from;
                /// c - a b, rounded twice.
                MultiplySubtractFrom "multiply_subtract_from" meaning::multiply_subtract_from;
                /// (a + b) c.
                AddMultiply "add_multiply" meaning::add_multiply;
                /// (a - b) c.
                SubtractMultiply "subtract_multiply" meaning::subtract_multiply;
                /// (a b) c.
                MultiplyMultiply "multiply_multiply" meaning::multiply_multiply;
                /// (a b) / c.
                MultiplyDivide "multiply_divide" meaning::multiply_divide;
                /// a / b + c.
                DivideAdd "divide_add" meaning::divide_add;
                /// (a / b) c.
                DivideMultiply "divide_multiply" meaning::divide_multiply;
                /// The greater of a - b and c.
                SubtractMax "subtract_max" meaning::subtract_max;
                /// The lesser of a b and c.
                MultiplyMin "multiply_min" meaning::multiply_min;
                /// The lesser of c and a b.
                MultiplyMinFrom "multiply_min_from" meaning::multiply_min_from;
                /// The lesser of the greater of a and b, and c.
                MaxMin "max_min" meaning::max_min;
            }
        }
    };
}
pub(crate) use with_operations;

macro_rules! define {
    (
        []
        unary { $( $(#[$doc_1:meta])* $unary:ident $name_1:literal $apply_1:path; )* }
        binary { $( $(#[$doc_2:meta])* $binary:ident $name_2:literal $apply_2:path; )* }
        ternary { $( $(#[$doc_3:meta])* $ternary:ident $name_3:literal $apply_3:path; )* }
    ) => {
        /// A scalar operation. Conditions are 1 and 0; any number but 0 counts as true, and so does NaN.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Operation {
            $( $(#[$doc_1])* $unary, )*
            $( $(#[$doc_2])* $binary, )*
            $( $(#[$doc_3])* $ternary, )*
        }

        impl Operation {
            /// All operations.
            pub const ALL: &'static [Operation] =
                &[$(Operation::$unary,)* $(Operation::$binary,)* $(Operation::$ternary,)*];

            /// Returns the number of operands.
            pub fn arity(self) -> usize {
                match self {
                    $(Operation::$unary => 1,)*
                    $(Operation::$binary => 2,)*
                    $(Operation::$ternary => 3,)*
                }
            }

            /// Returns the printed form.
            pub fn name(self) -> &'static str {
                match self {
                    $(Operation::$unary => $name_1,)*
                    $(Operation::$binary => $name_2,)*
                    $(Operation::$ternary => $name_3,)*
                }
            }

            /// Returns the value for these operands, as many as [`Operation::arity`].
            pub fn apply<N: Number>(self, operands: &[N]) -> N {
                match (self, operands) {
                    $((Operation::$unary, &[a]) => $apply_1(a),)*
                    $((Operation::$binary, &[a, b]) => $apply_2(a, b),)*
                    $((Operation::$ternary, &[a, b, c]) => $apply_3(a, b, c),)*
                    _ => panic!("{} takes {} operands, not {}", self.name(), self.arity(), operands.len()),
                }
            }
        }
    };
}

with_operations!(define);

/// What the elementary operations mean. All are without branches, so that loops over lanes become vector instructions.
pub(crate) mod meaning {
    use crate::distribution::{beta, binomial, gamma, normal, poisson, student_t};
    use crate::math;
    use crate::number::Number;

    #[inline(always)]
    fn zero<N: Number>() -> N {
        N::of(0.0)
    }

    #[inline(always)]
    fn one<N: Number>() -> N {
        N::of(1.0)
    }

    #[inline(always)]
    fn condition<N: Number>(holds: bool) -> N {
        if holds { one() } else { zero() }
    }

    #[inline(always)]
    pub(crate) fn negate<N: Number>(a: N) -> N {
        -a
    }

    #[inline(always)]
    pub(crate) fn abs<N: Number>(a: N) -> N {
        a.abs()
    }

    #[inline(always)]
    pub(crate) fn subtract_abs<N: Number>(a: N, b: N) -> N {
        (a - b).abs()
    }

    #[inline(always)]
    pub(crate) fn multiply_exp<N: Number>(a: N, b: N) -> N {
        (a * b).exp()
    }

    #[inline(always)]
    pub(crate) fn exp_multiply<N: Number>(a: N, b: N) -> N {
        a.exp() * b
    }

    #[inline(always)]
    pub(crate) fn has_plain_multiply_exp<N: Number>(a: N, b: N) -> bool {
        (a * b).has_plain_exp()
    }

    #[inline(always)]
    pub(crate) fn plain_multiply_exp<N: Number>(a: N, b: N) -> N {
        (a * b).plain_exp()
    }

    #[inline(always)]
    pub(crate) fn has_plain_exp_multiply<N: Number>(a: N, _: N) -> bool {
        a.has_plain_exp()
    }

    #[inline(always)]
    pub(crate) fn plain_exp_multiply<N: Number>(a: N, b: N) -> N {
        a.plain_exp() * b
    }

    #[inline(always)]
    pub(crate) fn minus_ln<N: Number>(a: N) -> N {
        -a.ln()
    }

    #[inline(always)]
    pub(crate) fn plain_minus_ln<N: Number>(a: N) -> N {
        -a.plain_ln()
    }

    /// 0^0 and infinity^0 are 1, so their logarithm is 0.
    #[inline(always)]
    pub(crate) fn ln_power<N: Number>(a: N, b: N) -> N {
        let value = b * a.ln();
        let ends = (a == zero()) | (a == N::of(f64::INFINITY));
        if ends & (b == zero()) { zero() } else { value }
    }

    #[inline(always)]
    pub(crate) fn has_plain_ln_power<N: Number>(a: N, _: N) -> bool {
        a.has_plain_ln()
    }

    #[inline(always)]
    pub(crate) fn plain_ln_power<N: Number>(a: N, b: N) -> N {
        b * a.plain_ln()
    }

    #[inline(always)]
    pub(crate) fn has_plain_ln_power_add<N: Number>(a: N, _: N, _: N) -> bool {
        a.has_plain_ln()
    }

    #[inline(always)]
    pub(crate) fn plain_ln_power_add<N: Number>(a: N, b: N, c: N) -> N {
        b * a.plain_ln() + c
    }

    #[inline(always)]
    pub(crate) fn sqrt<N: Number>(a: N) -> N {
        a.sqrt()
    }

    #[inline(always)]
    pub(crate) fn floor<N: Number>(a: N) -> N {
        let nearest = round(a);
        let below = if nearest > a { nearest - one() } else { nearest };
        below.copysign(a)
    }

    #[inline(always)]
    pub(crate) fn ceil<N: Number>(a: N) -> N {
        let nearest = round(a);
        let above = if nearest < a { nearest + one() } else { nearest };
        above.copysign(a)
    }

    /// # Method
    /// Adding and taking away the least number from which on all are whole leaves no room for a fraction; the processor's own rounding, halves
    /// to even, does the rest.
    #[inline(always)]
    pub(crate) fn round<N: Number>(a: N) -> N {
        let size = a.abs();
        let rounded = (size + N::WHOLE) - N::WHOLE;
        let rounded = if size < N::WHOLE { rounded } else { size };
        rounded.copysign(a)
    }

    #[inline(always)]
    pub(crate) fn not<N: Number>(a: N) -> N {
        condition(a == zero())
    }

    #[inline(always)]
    pub(crate) fn add<N: Number>(a: N, b: N) -> N {
        a + b
    }

    #[inline(always)]
    pub(crate) fn subtract<N: Number>(a: N, b: N) -> N {
        a - b
    }

    #[inline(always)]
    pub(crate) fn multiply<N: Number>(a: N, b: N) -> N {
        a * b
    }

    #[inline(always)]
    pub(crate) fn divide<N: Number>(a: N, b: N) -> N {
        a / b
    }

    #[inline(always)]
    pub(crate) fn min<N: Number>(a: N, b: N) -> N {
        let lesser = if a < b { a } else { b };
        if a.is_nan() { a } else { lesser }
    }

    #[inline(always)]
    pub(crate) fn max<N: Number>(a: N, b: N) -> N {
        let greater = if a > b { a } else { b };
        if a.is_nan() { a } else { greater }
    }

    #[inline(always)]
    pub(crate) fn less<N: Number>(a: N, b: N) -> N {
        condition(a < b)
    }

    #[inline(always)]
    pub(crate) fn less_equal<N: Number>(a: N, b: N) -> N {
        condition(a <= b)
    }

    #[inline(always)]
    pub(crate) fn equal<N: Number>(a: N, b: N) -> N {
        condition(a == b)
    }

    #[inline(always)]
    pub(crate) fn not_equal<N: Number>(a: N, b: N) -> N {
        condition(a != b)
    }

    #[inline(always)]
    pub(crate) fn and<N: Number>(a: N, b: N) -> N {
        condition((a != zero()) & (b != zero()))
    }

    #[inline(always)]
    pub(crate) fn or<N: Number>(a: N, b: N) -> N {
        condition((a != zero()) | (b != zero()))
    }

    #[inline(always)]
    pub(crate) fn select<N: Number>(a: N, b: N, c: N) -> N {
        if a != zero() { b } else { c }
    }

    #[inline(always)]
    pub(crate) fn exp<N: Number>(a: N) -> N {
        a.exp()
    }

    #[inline(always)]
    pub(crate) fn ln<N: Number>(a: N) -> N {
        a.ln()
    }

    #[inline(always)]
    pub(crate) fn tanh<N: Number>(a: N) -> N {
        a.tanh()
    }

    #[inline(always)]
    pub(crate) fn power<N: Number>(a: N, b: N) -> N {
        a.power(b)
    }

    #[inline(always)]
    pub(crate) fn normal_quantile<N: Number>(a: N) -> N {
        a.normal_quantile()
    }

    /// Functions that are computed in double precision and rounded once.
    macro_rules! in_double {
        ($($name:ident($($operand:ident),*) $function:path;)*) => {$(
            #[inline(always)]
            pub(crate) fn $name<N: Number>($($operand: N),*) -> N {
                N::of($function($($operand.to_f64()),*))
            }
        )*};
    }

    in_double! {
        sin(a) math::sin;
        cos(a) math::cos;
        logistic(a) math::logistic;
        logit(a) math::logit;
        normal_cdf(a) normal::cdf;
        gamma_cdf(a, b) gamma::cdf;
        gamma_quantile(a, b) gamma::quantile;
        student_t_cdf(a, b) student_t::cdf;
        student_t_quantile(a, b) student_t::quantile;
        poisson_quantile(a, b) poisson::quantile;
        beta_cdf(a, b, c) beta::cdf;
        beta_quantile(a, b, c) beta::quantile;
        binomial_quantile(a, b, c) binomial::quantile;
    }

    /// Pairs of operations, each rounded by itself.
    macro_rules! pairs {
        ($($name:ident |$a:ident, $b:ident, $c:ident| $value:expr;)*) => {$(
            #[inline(always)]
            pub(crate) fn $name<N: Number>($a: N, $b: N, $c: N) -> N {
                $value
            }
        )*};
    }

    pairs! {
        ln_power_add |a, b, c| ln_power(a, b) + c;
        add_add |a, b, c| (a + b) + c;
        subtract_add |a, b, c| (a - b) + c;
        multiply_add |a, b, c| a * b + c;
        add_subtract |a, b, c| (a + b) - c;
        subtract_subtract |a, b, c| (a - b) - c;
        multiply_subtract |a, b, c| a * b - c;
        add_subtract_from |a, b, c| c - (a + b);
        subtract_subtract_from |a, b, c| c - (a - b);
        multiply_subtract_from |a, b, c| c - a * b;
        add_multiply |a, b, c| (a + b) * c;
        subtract_multiply |a, b, c| (a - b) * c;
        multiply_multiply |a, b, c| (a * b) * c;
        multiply_divide |a, b, c| (a * b) / c;
        divide_add |a, b, c| a / b + c;
        divide_multiply |a, b, c| (a / b) * c;
        subtract_max |a, b, c| max(a - b, c);
        multiply_min |a, b, c| min(a * b, c);
        multiply_min_from |a, b, c| min(c, a * b);
        max_min |a, b, c| min(max(a, b), c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(operation: Operation, operands: &[f64], expect: f64) {
        let value = operation.apply(operands);
        assert!(
            value.to_bits() == expect.to_bits() || value.is_nan() && expect.is_nan(),
            "{} {operands:?} gives {value:?}, not {expect:?}",
            operation.name()
        );
    }

    #[test]
    fn halves_round_to_even() {
        for (a, expect) in [
            (0.5, 0.0),
            (1.5, 2.0),
            (2.5, 2.0),
            (-0.5, -0.0),
            (-1.5, -2.0),
            (0.49999999999999994, 0.0),
        ] {
            check(Operation::Round, &[a], expect);
        }
        for a in [
            4503599627370495.5,
            4503599627370497.0,
            -1e300,
            f64::INFINITY,
            f64::NAN,
            -0.0,
            1e-310,
        ] {
            check(Operation::Round, &[a], a.round_ties_even());
        }
    }

    #[test]
    fn floor_and_ceil_are_exact() {
        for a in [
            0.0,
            -0.0,
            0.3,
            -0.3,
            0.5,
            1.0,
            -1.0,
            2.7,
            -2.7,
            4503599627370495.5,
            1e300,
            f64::NEG_INFINITY,
            f64::NAN,
        ] {
            check(Operation::Floor, &[a], a.floor());
            check(Operation::Ceil, &[a], a.ceil());
        }
    }

    #[test]
    fn not_a_number_is_never_hidden_by_min_and_max() {
        for operation in [Operation::Min, Operation::Max] {
            check(operation, &[f64::NAN, 1.0], f64::NAN);
            check(operation, &[1.0, f64::NAN], f64::NAN);
        }
        check(Operation::Min, &[1.0, 2.0], 1.0);
        check(Operation::Max, &[1.0, 2.0], 2.0);
        check(Operation::Min, &[0.0, -0.0], -0.0);
        check(Operation::Max, &[-0.0, 0.0], 0.0);
    }

    #[test]
    fn anything_but_zero_is_true() {
        check(Operation::And, &[2.0, -1.0], 1.0);
        check(Operation::And, &[f64::NAN, 0.0], 0.0);
        check(Operation::Or, &[0.0, -0.0], 0.0);
        check(Operation::Not, &[-0.0], 1.0);
        check(Operation::Select, &[f64::NAN, 1.0, 2.0], 1.0);
    }
}
