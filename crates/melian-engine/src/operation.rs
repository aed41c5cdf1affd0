//! The one table of operations: name, number of operands, meaning. Folding, the machine and the oracle all go through it.

macro_rules! operations {
    ($( $(#[$doc:meta])* $name:ident / $arity:literal = $printed:literal; )*) => {
        /// A scalar operation. Conditions are 1 and 0; any number but 0 counts as true.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Operation { $( $(#[$doc])* $name, )* }

        impl Operation {
            /// All operations.
            pub const ALL: &'static [Operation] = &[$(Operation::$name),*];

            /// Returns the number of operands.
            pub fn arity(self) -> usize {
                match self { $(Operation::$name => $arity),* }
            }

            /// Returns the printed form.
            pub fn name(self) -> &'static str {
                match self { $(Operation::$name => $printed),* }
            }
        }
    };
}

operations! {
    /// a + b.
    Add / 2 = "add";
    /// a - b.
    Subtract / 2 = "subtract";
    /// a * b.
    Multiply / 2 = "multiply";
    /// a / b.
    Divide / 2 = "divide";
    /// a to the power of b.
    Power / 2 = "power";
    /// The lesser; a NaN operand gives NaN.
    Min / 2 = "min";
    /// The greater; a NaN operand gives NaN.
    Max / 2 = "max";
    /// -a.
    Negate / 1 = "negate";
    /// |a|.
    Abs / 1 = "abs";
    /// Square root.
    Sqrt / 1 = "sqrt";
    /// Exponential.
    Exp / 1 = "exp";
    /// Natural logarithm.
    Ln / 1 = "ln";
    /// Hyperbolic tangent.
    Tanh / 1 = "tanh";
    /// Sine.
    Sin / 1 = "sin";
    /// Cosine.
    Cos / 1 = "cos";
    /// 1 / (1 + exp(-a)).
    Logistic / 1 = "logistic";
    /// ln(a / (1 - a)).
    Logit / 1 = "logit";
    /// Greatest whole number not above.
    Floor / 1 = "floor";
    /// Least whole number not below.
    Ceil / 1 = "ceil";
    /// Nearest whole number, halves to even.
    Round / 1 = "round";
    /// a < b.
    Less / 2 = "less";
    /// a <= b.
    LessEqual / 2 = "less_equal";
    /// a == b.
    Equal / 2 = "equal";
    /// a != b.
    NotEqual / 2 = "not_equal";
    /// Both true.
    And / 2 = "and";
    /// Either true.
    Or / 2 = "or";
    /// Not true.
    Not / 1 = "not";
    /// b if a is true, else c.
    Select / 3 = "select";
    /// Standard normal distribution function.
    NormalCdf / 1 = "normal_cdf";
    /// Standard normal quantile of a.
    NormalQuantile / 1 = "normal_quantile";
    /// Gamma distribution function: shape a, at b (scale 1).
    GammaCdf / 2 = "gamma_cdf";
    /// Gamma quantile: shape a, at probability b (scale 1).
    GammaQuantile / 2 = "gamma_quantile";
    /// Beta distribution function: shapes a, b, at c.
    BetaCdf / 3 = "beta_cdf";
    /// Beta quantile: shapes a, b, at probability c.
    BetaQuantile / 3 = "beta_quantile";
    /// Student t distribution function: degrees of freedom a, at b.
    StudentTCdf / 2 = "student_t_cdf";
    /// Student t quantile: degrees of freedom a, at probability b.
    StudentTQuantile / 2 = "student_t_quantile";
    /// Poisson quantile: mean a, at probability b.
    PoissonQuantile / 2 = "poisson_quantile";
    /// Binomial quantile: n a, p b, at probability c.
    BinomialQuantile / 3 = "binomial_quantile";
}
