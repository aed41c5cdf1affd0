//! The one table of operations: name, operands, meaning. Folding, the machine and the oracle all go through it.

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
                Exp "exp" crate::math::exp;
                /// Natural logarithm.
                Ln "ln" crate::math::ln;
                /// Hyperbolic tangent.
                Tanh "tanh" crate::math::tanh;
                /// Sine.
                Sin "sin" crate::math::sin;
                /// Cosine.
                Cos "cos" crate::math::cos;
                /// 1 / (1 + exp(-a)).
                Logistic "logistic" crate::math::logistic;
                /// ln(a / (1 - a)).
                Logit "logit" crate::math::logit;
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
                NormalCdf "normal_cdf" crate::distribution::normal::cdf;
                /// Standard normal quantile of a.
                NormalQuantile "normal_quantile" crate::distribution::normal::quantile;
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
                Power "power" crate::math::power;
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
                /// exp(a b).
                MultiplyExp "multiply_exp" meaning::multiply_exp;
                /// exp(a) b.
                ExpMultiply "exp_multiply" meaning::exp_multiply;
                /// Gamma distribution function: shape a, at b (scale 1).
                GammaCdf "gamma_cdf" crate::distribution::gamma::cdf;
                /// Gamma quantile: shape a, at probability b (scale 1).
                GammaQuantile "gamma_quantile" crate::distribution::gamma::quantile;
                /// Student t distribution function: degrees of freedom a, at b.
                StudentTCdf "student_t_cdf" crate::distribution::student_t::cdf;
                /// Student t quantile: degrees of freedom a, at probability b.
                StudentTQuantile "student_t_quantile" crate::distribution::student_t::quantile;
                /// Poisson quantile: mean a, at probability b.
                PoissonQuantile "poisson_quantile" crate::distribution::poisson::quantile;
            }
            ternary {
                /// b if a is true, else c.
                Select "select" meaning::select;
                /// Beta distribution function: shapes a, b, at c.
                BetaCdf "beta_cdf" crate::distribution::beta::cdf;
                /// Beta quantile: shapes a, b, at probability c.
                BetaQuantile "beta_quantile" crate::distribution::beta::quantile;
                /// Binomial quantile: n a, p b, at probability c.
                BinomialQuantile "binomial_quantile" crate::distribution::binomial::quantile;
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
            pub fn apply(self, operands: &[f64]) -> f64 {
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
    #[inline(always)]
    fn condition(holds: bool) -> f64 {
        if holds { 1.0 } else { 0.0 }
    }

    #[inline(always)]
    pub(crate) fn negate(a: f64) -> f64 {
        -a
    }

    #[inline(always)]
    pub(crate) fn abs(a: f64) -> f64 {
        a.abs()
    }

    #[inline(always)]
    pub(crate) fn subtract_abs(a: f64, b: f64) -> f64 {
        (a - b).abs()
    }

    #[inline(always)]
    pub(crate) fn multiply_exp(a: f64, b: f64) -> f64 {
        crate::math::exp(a * b)
    }

    #[inline(always)]
    pub(crate) fn exp_multiply(a: f64, b: f64) -> f64 {
        crate::math::exp(a) * b
    }

    #[inline(always)]
    pub(crate) fn has_plain_multiply_exp(a: f64, b: f64) -> bool {
        crate::math::has_plain_exp(a * b)
    }

    #[inline(always)]
    pub(crate) fn plain_multiply_exp(a: f64, b: f64) -> f64 {
        crate::math::plain_exp(a * b)
    }

    #[inline(always)]
    pub(crate) fn has_plain_exp_multiply(a: f64, _: f64) -> bool {
        crate::math::has_plain_exp(a)
    }

    #[inline(always)]
    pub(crate) fn plain_exp_multiply(a: f64, b: f64) -> f64 {
        crate::math::plain_exp(a) * b
    }

    #[inline(always)]
    pub(crate) fn minus_ln(a: f64) -> f64 {
        -crate::math::ln(a)
    }

    #[inline(always)]
    pub(crate) fn plain_minus_ln(a: f64) -> f64 {
        -crate::math::plain_ln(a)
    }

    #[inline(always)]
    pub(crate) fn sqrt(a: f64) -> f64 {
        a.sqrt()
    }

    #[inline(always)]
    pub(crate) fn floor(a: f64) -> f64 {
        let nearest = round(a);
        let below = if nearest > a { nearest - 1.0 } else { nearest };
        below.copysign(a)
    }

    #[inline(always)]
    pub(crate) fn ceil(a: f64) -> f64 {
        let nearest = round(a);
        let above = if nearest < a { nearest + 1.0 } else { nearest };
        above.copysign(a)
    }

    /// # Method
    /// Adding and taking away 2^52 leaves no room for a fraction; the processor's own rounding, halves to even, does the rest. Numbers
    /// of 2^52 and above are whole already.
    #[inline(always)]
    pub(crate) fn round(a: f64) -> f64 {
        const WHOLE: f64 = (1u64 << 52) as f64;
        let size = a.abs();
        let rounded = (size + WHOLE) - WHOLE;
        let rounded = if size < WHOLE { rounded } else { size };
        rounded.copysign(a)
    }

    #[inline(always)]
    pub(crate) fn not(a: f64) -> f64 {
        condition(a == 0.0)
    }

    #[inline(always)]
    pub(crate) fn add(a: f64, b: f64) -> f64 {
        a + b
    }

    #[inline(always)]
    pub(crate) fn subtract(a: f64, b: f64) -> f64 {
        a - b
    }

    #[inline(always)]
    pub(crate) fn multiply(a: f64, b: f64) -> f64 {
        a * b
    }

    #[inline(always)]
    pub(crate) fn divide(a: f64, b: f64) -> f64 {
        a / b
    }

    #[inline(always)]
    pub(crate) fn min(a: f64, b: f64) -> f64 {
        let lesser = if a < b { a } else { b };
        if a.is_nan() { a } else { lesser }
    }

    #[inline(always)]
    pub(crate) fn max(a: f64, b: f64) -> f64 {
        let greater = if a > b { a } else { b };
        if a.is_nan() { a } else { greater }
    }

    #[inline(always)]
    pub(crate) fn less(a: f64, b: f64) -> f64 {
        condition(a < b)
    }

    #[inline(always)]
    pub(crate) fn less_equal(a: f64, b: f64) -> f64 {
        condition(a <= b)
    }

    #[inline(always)]
    pub(crate) fn equal(a: f64, b: f64) -> f64 {
        condition(a == b)
    }

    #[inline(always)]
    pub(crate) fn not_equal(a: f64, b: f64) -> f64 {
        condition(a != b)
    }

    #[inline(always)]
    pub(crate) fn and(a: f64, b: f64) -> f64 {
        condition((a != 0.0) & (b != 0.0))
    }

    #[inline(always)]
    pub(crate) fn or(a: f64, b: f64) -> f64 {
        condition((a != 0.0) | (b != 0.0))
    }

    #[inline(always)]
    pub(crate) fn select(a: f64, b: f64, c: f64) -> f64 {
        if a != 0.0 { b } else { c }
    }

    /// Pairs of operations, each rounded by itself.
    macro_rules! pairs {
        ($($name:ident |$a:ident, $b:ident, $c:ident| $value:expr;)*) => {$(
            #[inline(always)]
            pub(crate) fn $name($a: f64, $b: f64, $c: f64) -> f64 {
                $value
            }
        )*};
    }

    pairs! {
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
