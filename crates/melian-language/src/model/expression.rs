//! Expressions and distributions of a checked model.

use super::{ElementId, IndexId, MapId, QuantityId};

/// Stands for an element within an equation. Unique in the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BinderId(pub u32);

/// A subscript: an element, a bound name, or a map applied to a subscript.
#[derive(Clone, Debug, PartialEq)]
pub enum Subscript {
    /// This element.
    Element(ElementId),
    /// The element that the binder stands for.
    Binder(BinderId),
    /// The image under a map.
    Mapped(MapId, Box<Subscript>),
}

/// A quantity with a subscript for each of its indices.
#[derive(Clone, Debug, PartialEq)]
pub struct QuantityRef {
    /// The quantity.
    pub quantity: QuantityId,
    /// One per index of the quantity.
    pub subscripts: Vec<Subscript>,
}

/// An attribute of a stock.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributeRef {
    /// The attribute.
    pub attribute: QuantityId,
    /// The stock.
    pub stock: QuantityRef,
}

/// The stages of a flow's pipeline.
#[derive(Clone, Debug)]
pub struct PipelineOf {
    /// Number of stages, at least 1.
    pub order: u32,
    /// Mean time from end to end, days.
    pub mean_days: Expression,
}

/// An expression. Conditions are numbers, 1 for true and 0 for false.
#[derive(Clone, Debug)]
pub enum Expression {
    /// A number in base units. A date is the number of days since the start of the model.
    Number(f64),
    /// A constant, parameter, stock, flow (what moved, per day), derived quantity, noise, or (in claims and measures) measure or
    /// question.
    Quantity(QuantityRef),
    /// An attribute of a stock.
    Attribute(AttributeRef),
    /// A fact as an unnamed parameter; the same draw wherever it is mentioned.
    Fact(String, Box<Distribution>),
    /// One operand.
    Unary(Unary, Box<Expression>),
    /// Two operands.
    Binary(Binary, Box<Expression>, Box<Expression>),
    /// A function of plain values.
    Call(FunctionName, Vec<Expression>),
    /// `if C then A else B`.
    If(Box<Expression>, Box<Expression>, Box<Expression>),
    /// A reduction over elements.
    Reduce {
        /// Which.
        reduction: Reduction,
        /// Bound names and the index or subset they run over, outermost first.
        over: Vec<(BinderId, IndexId)>,
        /// Only tuples for which this holds; decided at compile time if it is about elements alone.
        filter: Option<Box<Expression>>,
        /// The body.
        body: Box<Expression>,
    },
    /// Whether two subscripts are the same element.
    SameElement(Subscript, Subscript),
    /// Whether a subscript lies in a subset.
    Member(Subscript, IndexId),
    /// Whether a choice stands at an option.
    Chosen(QuantityRef, u32),
    /// A calendar value.
    Calendar(Calendar),
    /// The value in the step before; the second in the first step.
    Previous(Box<Expression>, Box<Expression>),
    /// The value a time (days) ago; the third before that.
    Delay(Box<Expression>, Box<Expression>, Box<Expression>),
    /// Exponential smoothing: value, time constant (days), initial.
    Smooth(Box<Expression>, Box<Expression>, Box<Expression>),
    /// The integral (per day) up to the start of the step.
    Cumulative(Box<Expression>),
    /// The value in the first step.
    Initial(Box<Expression>),
    /// Whether an event happens in this step.
    Happened(QuantityRef),
    /// Whether an event has happened, this step included.
    Occurred(QuantityRef),
    /// How often an event has happened, this step included.
    Count(QuantityRef),
    /// Days since an event last happened; 0 in that step, infinite if it never has.
    Since(QuantityRef),
    /// What a flow asked for, per day.
    Wanted(QuantityRef),
    /// What is in a flow's pipeline.
    InTransit(QuantityRef),
    /// In measures: the value at the reading minus the value before the first step.
    ChangeOf(Box<Expression>),
    /// In measures: the integral up to the reading.
    TotalOf(Box<Expression>),
    /// In measures: the highest value at the end of any step up to the reading.
    HighestOf(Box<Expression>),
    /// In measures: the lowest value at the end of any step up to the reading.
    LowestOf(Box<Expression>),
    /// In measures: the mean over the ends of the steps up to the reading.
    AverageOf(Box<Expression>),
}

/// Operators of one operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unary {
    /// Minus.
    Negate,
    /// Logical not.
    Not,
}

/// Operators of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Binary {
    /// Plus.
    Add,
    /// Minus.
    Subtract,
    /// Times.
    Multiply,
    /// Divided by.
    Divide,
    /// To the power of.
    Power,
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
    /// Less.
    Less,
    /// Less or equal.
    LessEqual,
    /// Greater.
    Greater,
    /// Greater or equal.
    GreaterEqual,
    /// Both.
    And,
    /// Either.
    Or,
}

impl Binary {
    /// Returns the operator as it is written.
    pub fn sign(self) -> &'static str {
        match self {
            Binary::Add => "+",
            Binary::Subtract => "-",
            Binary::Multiply => "*",
            Binary::Divide => "/",
            Binary::Power => "^",
            Binary::Equal => "==",
            Binary::NotEqual => "!=",
            Binary::Less => "<",
            Binary::LessEqual => "<=",
            Binary::Greater => ">",
            Binary::GreaterEqual => ">=",
            Binary::And => "and",
            Binary::Or => "or",
        }
    }
}

/// Functions of plain values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionName {
    /// Absolute value.
    Abs,
    /// Square root.
    Sqrt,
    /// Exponential.
    Exp,
    /// Natural logarithm.
    Ln,
    /// Hyperbolic tangent.
    Tanh,
    /// 1 / (1 + exp(-x)).
    Logistic,
    /// ln(p / (1 - p)).
    Logit,
    /// Sine of radians.
    Sin,
    /// Cosine of radians.
    Cos,
    /// Least of its arguments.
    Min,
    /// Greatest of its arguments.
    Max,
    /// The first argument, kept between the second and the third.
    Clamp,
    /// Greatest whole number not above.
    Floor,
    /// Least whole number not below.
    Ceil,
    /// Nearest whole number, halves to even.
    Round,
    /// Standard normal distribution function.
    NormalCdf,
}

/// Reductions over elements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// Sum; 0 if there are none.
    Sum,
    /// Product; 1 if there are none.
    Product,
    /// Least.
    Min,
    /// Greatest.
    Max,
    /// Mean.
    Mean,
    /// Whether any holds.
    Any,
    /// Whether all hold.
    All,
    /// How many hold.
    Count,
}

/// Values of the calendar, the same in every future.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Calendar {
    /// The date on which the step begins: days since the start of the model.
    Now,
    /// Time since the start, days (the same number as [`Calendar::Now`]).
    Elapsed,
    /// Share of the calendar year gone by on the first day of the step, 0 on 1 January.
    YearShare,
    /// Month of the first day of the step, 1 to 12.
    Month,
    /// Whether the step contains the first day of a month.
    MonthStarts,
}

/// A distribution in canonical parameters, in base units.
#[derive(Clone, Debug)]
pub enum Distribution {
    /// A single value.
    Constant(Expression),
    /// Normal.
    Normal {
        /// Mean.
        mean: Expression,
        /// Standard deviation, at least 0.
        sd: Expression,
    },
    /// Lognormal: `median * exp(sigma * z)`.
    Lognormal {
        /// Median, above 0.
        median: Expression,
        /// Standard deviation of the logarithm, at least 0.
        sigma: Expression,
    },
    /// Split normal of a fact.
    SplitNormal {
        /// On which scale.
        scale: FactScale,
        /// 5% point.
        low: f64,
        /// Median.
        central: f64,
        /// 95% point.
        high: f64,
    },
    /// Uniform.
    Uniform {
        /// Lower end.
        low: Expression,
        /// Upper end.
        high: Expression,
    },
    /// Triangular.
    Triangular {
        /// Lower end.
        low: Expression,
        /// Mode.
        mode: Expression,
        /// Upper end.
        high: Expression,
    },
    /// Beta, scaled from `low` to `high` (PERT is one).
    Beta {
        /// First shape, above 0.
        alpha: Expression,
        /// Second shape, above 0.
        beta: Expression,
        /// Lower end.
        low: Expression,
        /// Upper end.
        high: Expression,
    },
    /// Gamma.
    Gamma {
        /// Shape, above 0.
        shape: Expression,
        /// Scale, above 0.
        scale: Expression,
    },
    /// Exponential.
    Exponential {
        /// Mean, above 0.
        mean: Expression,
    },
    /// Weibull.
    Weibull {
        /// Shape, above 0.
        shape: Expression,
        /// Scale, above 0.
        scale: Expression,
    },
    /// Student's t.
    StudentT {
        /// Degrees of freedom, above 0.
        df: Expression,
        /// Location.
        location: Expression,
        /// Scale, above 0.
        scale: Expression,
    },
    /// Gumbel (maximum).
    Gumbel {
        /// Location.
        location: Expression,
        /// Scale, above 0.
        scale: Expression,
    },
    /// Logistic.
    Logistic {
        /// Location.
        location: Expression,
        /// Scale, above 0.
        scale: Expression,
    },
    /// Poisson.
    Poisson {
        /// Mean, at least 0.
        mean: Expression,
    },
    /// Binomial.
    Binomial {
        /// Number of trials.
        n: Expression,
        /// Probability.
        p: Expression,
    },
    /// 1 with a probability, else 0.
    Bernoulli {
        /// Probability.
        p: Expression,
    },
    /// Values with weights that add up to 1, in the order written.
    Discrete(Vec<(Expression, f64)>),
    /// One of several distributions, with weights that add up to 1.
    Mixture(Vec<(Expression, Distribution)>),
    /// A distribution given that it lies between two ends.
    Truncated {
        /// The distribution; continuous.
        of: Box<Distribution>,
        /// Lower end.
        low: Expression,
        /// Upper end.
        high: Expression,
    },
}

/// On which scale a fact is split normal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub enum FactScale {
    /// As it is.
    Natural,
    /// Its logarithm.
    Log,
    /// Its log odds.
    Logit,
}
