//! Distributions as quantile functions of one uniform number each.
//!
//! One uniform and a monotone function of it, so that a changed parameter moves a value and never reshuffles luck.

use melian_language::model::{Distribution, Expression, expression::FactScale};

use super::item::Mode;
use super::plan::{Env, Scalar};
use super::world::{Expansion, UNKNOWN};
use crate::graph::{Node, NodeId};
use crate::operation::Operation;

/// The standard normal quantile of 0.95: facts give 5% and 95% points.
const Z_95: f64 = 1.644_853_626_951_472_2;

/// The least and the greatest double strictly between 0 and 1 that a rescaled uniform may be: what is drawn is never 0 or 1, whose quantiles may be
/// infinite, and rescaling must not round it to either.
const LEAST: f64 = f64::EPSILON / 4.0;
const GREATEST: f64 = 1.0 - f64::EPSILON / 2.0;

impl<'m> Expansion<'_, 'm> {
    /// Returns the uniform number of a parameter or noise; `draw` makes the one of a site.
    ///
    /// # Method
    /// A Gaussian copula: with z_j the standard normal quantiles of the members' own uniform numbers and L the factor of their correlations, the i-th
    /// member has u_i = Phi(sum over j <= i of L_ij z_j). What has only one weight, and that 1, has the uniform number of that member to the bit.
    ///
    /// # Source
    /// Nelsen (2006), An Introduction to Copulas, 2nd edition, sections 2.3 (Sklar's theorem) and 2.9; Devroye (1986), Non-Uniform Random Variate
    /// Generation, section XI.2.1, for the multinormal vector as L z.
    pub fn luck(&mut self, scalar: Scalar, draw: fn(u64) -> Node) -> NodeId {
        let plan = self.plan;
        let weighted = plan.correlation(scalar).unwrap_or_else(|| vec![(scalar, 1.0)]);
        let mut own = |scalar| {
            let site = self.site(plan.name(scalar), scalar);
            self.nodes.add(draw(site))
        };
        if let [(only, 1.0)] = weighted[..] {
            return own(only);
        }
        let uniforms: Vec<NodeId> = weighted.iter().map(|&(member, _)| own(member)).collect();
        let terms: Vec<NodeId> = uniforms
            .into_iter()
            .zip(weighted)
            .map(|(uniform, (_, weight))| {
                let z = self.apply(Operation::NormalQuantile, &[uniform]);
                let weight = self.number(weight);
                self.apply(Operation::Multiply, &[weight, z])
            })
            .collect();
        let z = self.chain(Operation::Add, &terms);
        let uniform = self.apply(Operation::NormalCdf, &[z]);
        self.inside(uniform)
    }

    /// Returns a fact as an unnamed parameter.
    pub fn fact(&mut self, id: &str, prior: &'m Distribution, env: &Env) -> NodeId {
        let span = self.plan.model.quantities.first().map(|quantity| quantity.span);
        let site = self.sites.of(
            format!("fact:{id}"),
            span.expect("a fact is mentioned by a quantity"),
        );
        let uniform = self.nodes.add(Node::Parameter(site));
        self.quantile(prior, uniform, env, Mode::Start)
    }

    /// Returns -ln(-ln(u)), a standard Gumbel variate.
    pub fn standard_gumbel(&mut self, uniform: NodeId) -> NodeId {
        let inner = self.minus_ln(uniform);
        self.minus_ln(inner)
    }

    fn minus_ln(&mut self, a: NodeId) -> NodeId {
        let ln = self.apply(Operation::Ln, &[a]);
        self.apply(Operation::Negate, &[ln])
    }

    fn one_minus(&mut self, a: NodeId) -> NodeId {
        let one = self.number(1.0);
        self.apply(Operation::Subtract, &[one, a])
    }

    /// Returns location + scale * standard.
    fn located(&mut self, location: NodeId, scale: NodeId, standard: NodeId) -> NodeId {
        let scaled = self.apply(Operation::Multiply, &[scale, standard]);
        // No sum, where nothing is added: it would differ in the sign of a zero that no quantile gives.
        if location != UNKNOWN && self.constant(location) == Some(0.0) {
            return scaled;
        }
        self.apply(Operation::Add, &[location, scaled])
    }

    /// Returns the quantile of a distribution at a probability.
    pub fn quantile(&mut self, distribution: &'m Distribution, u: NodeId, env: &Env, mode: Mode) -> NodeId {
        let mut get = |e: &'m Expression| self.eval(e, env, mode);
        match distribution {
            Distribution::Constant(value) => get(value),
            Distribution::Normal { mean, sd } => {
                let (mean, sd) = (get(mean), get(sd));
                let z = self.apply(Operation::NormalQuantile, &[u]);
                self.located(mean, sd, z)
            }
            Distribution::Lognormal { median, sigma } => {
                let (median, sigma) = (get(median), get(sigma));
                let z = self.apply(Operation::NormalQuantile, &[u]);
                let exponent = self.apply(Operation::Multiply, &[sigma, z]);
                let factor = self.apply(Operation::Exp, &[exponent]);
                self.apply(Operation::Multiply, &[median, factor])
            }
            Distribution::SplitNormal {
                scale,
                low,
                central,
                high,
            } => self.split_normal(*scale, [*low, *central, *high], u),
            Distribution::Uniform { low, high } => {
                let (low, high) = (get(low), get(high));
                let width = self.apply(Operation::Subtract, &[high, low]);
                self.located(low, width, u)
            }
            Distribution::Triangular {
                low,
                mode: peak,
                high,
            } => {
                let ends = [get(low), get(peak), get(high)];
                self.triangular(ends, u)
            }
            Distribution::Beta {
                alpha,
                beta,
                low,
                high,
            } => {
                let (alpha, beta, low, high) = (get(alpha), get(beta), get(low), get(high));
                let share = self.apply(Operation::BetaQuantile, &[alpha, beta, u]);
                let width = self.apply(Operation::Subtract, &[high, low]);
                self.located(low, width, share)
            }
            Distribution::Gamma { shape, scale } => {
                let (shape, scale) = (get(shape), get(scale));
                let standard = self.apply(Operation::GammaQuantile, &[shape, u]);
                self.apply(Operation::Multiply, &[scale, standard])
            }
            Distribution::Exponential { mean } => {
                let mean = get(mean);
                let rest = self.one_minus(u);
                let standard = self.minus_ln(rest);
                self.apply(Operation::Multiply, &[mean, standard])
            }
            Distribution::Weibull { shape, scale } => {
                let (shape, scale) = (get(shape), get(scale));
                let rest = self.one_minus(u);
                let (standard, one) = (self.minus_ln(rest), self.number(1.0));
                let exponent = self.apply(Operation::Divide, &[one, shape]);
                let factor = self.apply(Operation::Power, &[standard, exponent]);
                self.apply(Operation::Multiply, &[scale, factor])
            }
            Distribution::StudentT { df, location, scale } => {
                let (df, location, scale) = (get(df), get(location), get(scale));
                let standard = self.apply(Operation::StudentTQuantile, &[df, u]);
                self.located(location, scale, standard)
            }
            Distribution::Gumbel { location, scale } => {
                let (location, scale) = (get(location), get(scale));
                let standard = self.standard_gumbel(u);
                self.located(location, scale, standard)
            }
            Distribution::Logistic { location, scale } => {
                let (location, scale) = (get(location), get(scale));
                let standard = self.apply(Operation::Logit, &[u]);
                self.located(location, scale, standard)
            }
            Distribution::Poisson { mean } => {
                let mean = get(mean);
                self.apply(Operation::PoissonQuantile, &[mean, u])
            }
            Distribution::Binomial { n, p } => {
                let (n, p) = (get(n), get(p));
                self.apply(Operation::BinomialQuantile, &[n, p, u])
            }
            Distribution::Bernoulli { p } => {
                let p = get(p);
                let rest = self.one_minus(p);
                self.apply(Operation::Less, &[rest, u])
            }
            Distribution::Discrete(values) => self.discrete(values, u, env, mode),
            Distribution::Mixture(parts) => self.mixture(parts, u, env, mode),
            Distribution::Truncated { of, low, high } => {
                let (low, high) = (get(low), get(high));
                let below = self.distribution_function(of, low, env, mode);
                let up_to = self.distribution_function(of, high, env, mode);
                let width = self.apply(Operation::Subtract, &[up_to, below]);
                let within = self.located(below, width, u);
                let within = self.inside(within);
                let value = self.quantile(of, within, env, mode);
                let raised = self.apply(Operation::Max, &[value, low]);
                self.apply(Operation::Min, &[raised, high])
            }
        }
    }

    /// Returns a probability kept strictly between 0 and 1.
    fn inside(&mut self, probability: NodeId) -> NodeId {
        let (least, greatest) = (self.number(LEAST), self.number(GREATEST));
        let raised = self.apply(Operation::Max, &[probability, least]);
        self.apply(Operation::Min, &[raised, greatest])
    }

    fn split_normal(&mut self, scale: FactScale, points: [f64; 3], u: NodeId) -> NodeId {
        let [low, central, high] = points.map(|point| self.number(point));
        if points[0] == points[1] && points[1] == points[2] {
            return central;
        }
        let on_scale = |expansion: &mut Self, point| match scale {
            FactScale::Natural => point,
            FactScale::Log => expansion.apply(Operation::Ln, &[point]),
            FactScale::Logit => expansion.apply(Operation::Logit, &[point]),
        };
        let [low, middle, high] = [low, central, high].map(|point| on_scale(self, point));
        let z_95 = self.number(Z_95);
        let below = self.apply(Operation::Subtract, &[middle, low]);
        let below = self.apply(Operation::Divide, &[below, z_95]);
        let above = self.apply(Operation::Subtract, &[high, middle]);
        let above = self.apply(Operation::Divide, &[above, z_95]);
        let z = self.apply(Operation::NormalQuantile, &[u]);
        let zero = self.number(0.0);
        let is_below = self.apply(Operation::Less, &[z, zero]);
        let sd = self.apply(Operation::Select, &[is_below, below, above]);
        match scale {
            FactScale::Natural => self.located(central, sd, z),
            FactScale::Log => {
                let exponent = self.apply(Operation::Multiply, &[sd, z]);
                let factor = self.apply(Operation::Exp, &[exponent]);
                self.apply(Operation::Multiply, &[central, factor])
            }
            FactScale::Logit => {
                let odds = self.located(middle, sd, z);
                self.apply(Operation::Logistic, &[odds])
            }
        }
    }

    fn triangular(&mut self, [low, peak, high]: [NodeId; 3], u: NodeId) -> NodeId {
        let width = self.apply(Operation::Subtract, &[high, low]);
        let rising = self.apply(Operation::Subtract, &[peak, low]);
        let falling = self.apply(Operation::Subtract, &[high, peak]);
        let at_peak = self.apply(Operation::Divide, &[rising, width]);
        let left = self.chain(Operation::Multiply, &[u, width, rising]);
        let left = self.apply(Operation::Sqrt, &[left]);
        let left = self.apply(Operation::Add, &[low, left]);
        let rest = self.one_minus(u);
        let right = self.chain(Operation::Multiply, &[rest, width, falling]);
        let right = self.apply(Operation::Sqrt, &[right]);
        let right = self.apply(Operation::Subtract, &[high, right]);
        let is_left = self.apply(Operation::Less, &[u, at_peak]);
        self.apply(Operation::Select, &[is_left, left, right])
    }

    /// Returns a value with its weight, in the order of the values where all are constants, so that it rises with `u`.
    fn discrete(&mut self, values: &'m [(Expression, f64)], u: NodeId, env: &Env, mode: Mode) -> NodeId {
        let mut parts: Vec<(NodeId, f64)> = values
            .iter()
            .map(|(value, weight)| (self.eval(value, env, mode), *weight))
            .collect();
        if parts.iter().any(|&(value, _)| value == UNKNOWN) {
            return UNKNOWN;
        }
        let constants: Option<Vec<f64>> = parts.iter().map(|&(value, _)| self.constant(value)).collect();
        if let Some(constants) = constants {
            let mut order: Vec<usize> = (0..parts.len()).collect();
            order.sort_by(|&a, &b| constants[a].total_cmp(&constants[b]));
            parts = order.into_iter().map(|i| parts[i]).collect();
        }
        let mut up_to = 0.0;
        let steps: Vec<(NodeId, f64)> = parts
            .into_iter()
            .map(|(value, weight)| {
                up_to += weight;
                (value, up_to)
            })
            .collect();
        let (last, others) = steps
            .split_last()
            .expect("a checked discrete distribution has values");
        others.iter().rev().fold(last.0, |rest, &(value, up_to)| {
            let up_to = self.number(up_to);
            let is_here = self.apply(Operation::Less, &[u, up_to]);
            self.apply(Operation::Select, &[is_here, value, rest])
        })
    }

    /// Returns the number that a node made of constants is.
    fn constant(&self, node: NodeId) -> Option<f64> {
        match self.nodes.get(node) {
            Node::Constant(bits) => Some(f64::from_bits(*bits)),
            Node::Apply(operation, operands) => {
                let operands: Option<Vec<f64>> =
                    operands.iter().map(|&operand| self.constant(operand)).collect();
                match (operation, operands?.as_slice()) {
                    (Operation::Negate, [a]) => Some(-a),
                    (Operation::Add, [a, b]) => Some(a + b),
                    (Operation::Subtract, [a, b]) => Some(a - b),
                    (Operation::Multiply, [a, b]) => Some(a * b),
                    (Operation::Divide, [a, b]) => Some(a / b),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn mixture(
        &mut self,
        parts: &'m [(Expression, Distribution)],
        u: NodeId,
        env: &Env,
        mode: Mode,
    ) -> NodeId {
        let zero = self.number(0.0);
        let mut below = zero;
        let mut steps = Vec::new();
        for (weight, part) in parts {
            let weight = self.eval(weight, env, mode);
            let passed = self.apply(Operation::Subtract, &[u, below]);
            let within = self.apply(Operation::Divide, &[passed, weight]);
            let within = self.inside(within);
            let value = self.quantile(part, within, env, mode);
            below = self.apply(Operation::Add, &[below, weight]);
            steps.push((value, below));
        }
        let (last, others) = steps.split_last().expect("a checked mixture has parts");
        others.iter().rev().fold(last.0, |rest, &(value, up_to)| {
            let is_here = self.apply(Operation::Less, &[u, up_to]);
            self.apply(Operation::Select, &[is_here, value, rest])
        })
    }

    /// Returns the probability that a continuous distribution gives to values up to `x`.
    fn distribution_function(&mut self, of: &'m Distribution, x: NodeId, env: &Env, mode: Mode) -> NodeId {
        let mut get = |e: &'m Expression| self.eval(e, env, mode);
        match of {
            Distribution::Normal { mean, sd } => {
                let (mean, sd) = (get(mean), get(sd));
                let z = self.standardized(x, mean, sd);
                self.apply(Operation::NormalCdf, &[z])
            }
            Distribution::Lognormal { median, sigma } => {
                let (median, sigma) = (get(median), get(sigma));
                let ratio = self.apply(Operation::Divide, &[x, median]);
                let ratio = self.not_below_zero(ratio);
                let log = self.apply(Operation::Ln, &[ratio]);
                let z = self.apply(Operation::Divide, &[log, sigma]);
                self.apply(Operation::NormalCdf, &[z])
            }
            Distribution::Uniform { low, high } => {
                let (low, high) = (get(low), get(high));
                let width = self.apply(Operation::Subtract, &[high, low]);
                let share = self.standardized(x, low, width);
                self.probability(share)
            }
            Distribution::Triangular {
                low,
                mode: peak,
                high,
            } => {
                let ends = [get(low), get(peak), get(high)];
                self.triangular_cdf(ends, x)
            }
            Distribution::Beta {
                alpha,
                beta,
                low,
                high,
            } => {
                let (alpha, beta, low, high) = (get(alpha), get(beta), get(low), get(high));
                let width = self.apply(Operation::Subtract, &[high, low]);
                let share = self.standardized(x, low, width);
                let share = self.probability(share);
                self.apply(Operation::BetaCdf, &[alpha, beta, share])
            }
            Distribution::Gamma { shape, scale } => {
                let (shape, scale) = (get(shape), get(scale));
                let standard = self.apply(Operation::Divide, &[x, scale]);
                let standard = self.not_below_zero(standard);
                self.apply(Operation::GammaCdf, &[shape, standard])
            }
            Distribution::Exponential { mean } => {
                let mean = get(mean);
                let standard = self.apply(Operation::Divide, &[x, mean]);
                let standard = self.not_below_zero(standard);
                self.share_of_exposure(standard)
            }
            Distribution::Weibull { shape, scale } => {
                let (shape, scale) = (get(shape), get(scale));
                let standard = self.apply(Operation::Divide, &[x, scale]);
                let standard = self.not_below_zero(standard);
                let exposure = self.apply(Operation::Power, &[standard, shape]);
                self.share_of_exposure(exposure)
            }
            Distribution::StudentT { df, location, scale } => {
                let (df, location, scale) = (get(df), get(location), get(scale));
                let standard = self.standardized(x, location, scale);
                self.apply(Operation::StudentTCdf, &[df, standard])
            }
            Distribution::Gumbel { location, scale } => {
                let (location, scale) = (get(location), get(scale));
                let standard = self.standardized(x, location, scale);
                let negative = self.apply(Operation::Negate, &[standard]);
                let inner = self.apply(Operation::Exp, &[negative]);
                let negative = self.apply(Operation::Negate, &[inner]);
                self.apply(Operation::Exp, &[negative])
            }
            Distribution::Logistic { location, scale } => {
                let (location, scale) = (get(location), get(scale));
                let standard = self.standardized(x, location, scale);
                self.apply(Operation::Logistic, &[standard])
            }
            Distribution::SplitNormal {
                scale,
                low,
                central,
                high,
            } => self.split_normal_cdf(*scale, [*low, *central, *high], x),
            Distribution::Mixture(parts) => {
                let mut sum = None;
                for (weight, part) in parts {
                    let weight = self.eval(weight, env, mode);
                    let share = self.distribution_function(part, x, env, mode);
                    let term = self.apply(Operation::Multiply, &[weight, share]);
                    sum = Some(sum.map_or(term, |sum| self.apply(Operation::Add, &[sum, term])));
                }
                sum.expect("a checked mixture has parts")
            }
            Distribution::Truncated { of, low, high } => {
                let (low, high) = (get(low), get(high));
                let [below, up_to, here] =
                    [low, high, x].map(|x| self.distribution_function(of, x, env, mode));
                let width = self.apply(Operation::Subtract, &[up_to, below]);
                let share = self.standardized(here, below, width);
                self.probability(share)
            }
            Distribution::Constant(_)
            | Distribution::Poisson { .. }
            | Distribution::Binomial { .. }
            | Distribution::Bernoulli { .. }
            | Distribution::Discrete(_) => unreachable!("a checked truncated distribution is continuous"),
        }
    }

    /// Returns (x - location) / scale.
    fn standardized(&mut self, x: NodeId, location: NodeId, scale: NodeId) -> NodeId {
        let distance = self.apply(Operation::Subtract, &[x, location]);
        self.apply(Operation::Divide, &[distance, scale])
    }

    /// Returns a number kept between 0 and 1.
    fn probability(&mut self, share: NodeId) -> NodeId {
        let (zero, one) = (self.number(0.0), self.number(1.0));
        let raised = self.apply(Operation::Max, &[share, zero]);
        self.apply(Operation::Min, &[raised, one])
    }

    fn triangular_cdf(&mut self, [low, peak, high]: [NodeId; 3], x: NodeId) -> NodeId {
        let raised = self.apply(Operation::Max, &[x, low]);
        let x = self.apply(Operation::Min, &[raised, high]);
        let width = self.apply(Operation::Subtract, &[high, low]);
        let rising = self.apply(Operation::Subtract, &[peak, low]);
        let falling = self.apply(Operation::Subtract, &[high, peak]);
        let from_low = self.apply(Operation::Subtract, &[x, low]);
        let to_high = self.apply(Operation::Subtract, &[high, x]);
        let square = self.apply(Operation::Multiply, &[from_low, from_low]);
        let area = self.apply(Operation::Multiply, &[width, rising]);
        let left = self.apply(Operation::Divide, &[square, area]);
        let square = self.apply(Operation::Multiply, &[to_high, to_high]);
        let area = self.apply(Operation::Multiply, &[width, falling]);
        let rest = self.apply(Operation::Divide, &[square, area]);
        let right = self.one_minus(rest);
        let is_left = self.apply(Operation::Less, &[x, peak]);
        let is_end = self.apply(Operation::LessEqual, &[high, x]);
        let one = self.number(1.0);
        let right = self.apply(Operation::Select, &[is_end, one, right]);
        self.apply(Operation::Select, &[is_left, left, right])
    }

    fn split_normal_cdf(&mut self, scale: FactScale, points: [f64; 3], x: NodeId) -> NodeId {
        let operation = match scale {
            FactScale::Natural => None,
            FactScale::Log => Some(Operation::Ln),
            FactScale::Logit => Some(Operation::Logit),
        };
        let points = points.map(|point| self.number(point));
        let x = match scale {
            FactScale::Natural => x,
            FactScale::Log => self.not_below_zero(x),
            FactScale::Logit => self.probability(x),
        };
        let [low, middle, high, x] = [points[0], points[1], points[2], x]
            .map(|point| operation.map_or(point, |operation| self.apply(operation, &[point])));
        let is_below = self.apply(Operation::Less, &[x, middle]);
        let below = self.apply(Operation::Subtract, &[middle, low]);
        let above = self.apply(Operation::Subtract, &[high, middle]);
        let distance = self.apply(Operation::Select, &[is_below, below, above]);
        let z = self.standardized(x, middle, distance);
        let z_95 = self.number(Z_95);
        let z = self.apply(Operation::Multiply, &[z, z_95]);
        self.apply(Operation::NormalCdf, &[z])
    }
}
