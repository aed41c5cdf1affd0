//! Anchors: finds the values of parameters at which questions have their elicited probabilities, all together, on common noise.

use std::cell::Cell;
use std::collections::BTreeMap;

use melian_engine::ensemble::{self, Column, RunError, Size, meaning};
use melian_engine::expand::World;
use melian_engine::{compile_for, math};
use melian_language::diagnostic::{Diagnostic, Severity};
use melian_language::lock::{LOCK_FILE, Lock, Solved};
use melian_language::model::{
    Action, Anchor, Change, Distribution, Expression, FactScale, Intervention, InterventionId, Model,
    PerElement, Quantity, QuantityId, QuantityKind, QuantityRef, Reading, Unit, ValueKind, When,
};

use crate::estimate::{Estimate, KNOWLEDGE_POINTS, quantiles};
use crate::sample::Sample;

/// Why there is no solution.
#[derive(Debug)]
pub enum SolveError {
    /// What the model's author can mend.
    Unsound(Vec<Diagnostic>),
    /// What the machine or the user can.
    Run(RunError),
}

/// How far the work is.
#[derive(Clone, Copy, Debug)]
pub struct Doing<'a> {
    /// The parameter that is solved for; none while the whole is tried.
    pub parameter: Option<&'a str>,
    /// How many runs came before this one.
    pub runs: usize,
    /// Futures of this run that are done.
    pub done: u64,
    /// Futures of this run.
    pub all: u64,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Solution {
    /// What `anchors.lock` is to hold.
    pub lock: Lock,
    /// How often a parameter was solved for, the last time to see that it stays.
    pub turns: usize,
    /// How many runs it took.
    pub runs: usize,
}

/// Solves for the values of the anchored parameters.
///
/// `told` hears, from any thread, how far the work is; when it returns false, the work ends.
///
/// # Method
/// Let p(x) be the probability of a question with its parameter held at x and all else, the other anchored parameters included, drawn from its
/// prior. For each anchor p(x) = q is solved where q is the 5% point, the median and the 95% point of what was elicited. As the futures are the same at
/// every x, p is a step function without noise; it is taken to rise or to fall throughout. From the points tried so far the next is
/// interpolated between the two that enclose q, straight on the log odds of p, every fourth time at half way; until two enclose it, further out.
/// The parameter then is split normal through the three values. One anchor after another is solved, as often as another that its
/// question hangs on has moved since (Gauss and Seidel's iteration), first on an eighth of the draws. An x is near enough where p misses q
/// by less than a quarter of the Monte Carlo error of as many independent futures, and stays where it is until p misses by half of it.
///
/// # Source
/// Ortega, J. M. and Rheinboldt, W. C. (1970), *Iterative Solution of Nonlinear Equations in Several Variables*, section 7.4: nonlinear
/// Gauss-Seidel.
///
/// # Errors
/// An elicited probability cannot be met, the model cannot be compiled, or a run fails or is interrupted.
pub fn solve(
    model: &Model,
    size: Size,
    threads: usize,
    told: &(dyn Fn(Doing) -> bool + Sync),
) -> Result<Solution, SolveError> {
    let ground = as_declared(model);
    let elicitation = Elicitation::of(&ground)?;
    let mut solver = Solver {
        unknowns: elicitation.unknowns,
        model: ground,
        threads,
        told,
        runs: Cell::new(0),
        turns: 0,
    };
    let coarse = Size {
        draws: (size.draws / 8).max(FEWEST_COARSE_DRAWS).min(size.draws),
        ..size
    };
    if coarse != size {
        solver.settle(coarse)?;
    }
    solver.settle(size)?;
    let run = solver.whole(size)?;
    let anchors = solver.unknowns.iter().zip(run);
    let lock = Lock {
        depends_on: elicitation.depends_on,
        draws: size.draws,
        replications: size.replications,
        seed: size.seed,
        anchors: anchors.map(|(unknown, run)| unknown.solved(run)).collect(),
    };
    Ok(Solution {
        lock,
        turns: solver.turns,
        runs: solver.runs.get(),
    })
}

/// Returns what is to be said of a lock that was solved for another model, if it was.
///
/// # Errors
/// The model cannot be expanded.
pub fn stale(model: &Model) -> Result<Option<Diagnostic>, Vec<Diagnostic>> {
    let Some(lock) = &model.lock else {
        return Ok(None);
    };
    let help = "solve again: `melian anchor` and the model's folder";
    let warning = |message: String| Diagnostic {
        severity: Severity::Warning,
        ..Diagnostic::of_folder("W1011", message)
    };
    let Some(first) = model.anchors.first() else {
        let diagnostic = warning(format!(
            "`{LOCK_FILE}` solves for anchors, and the model has none"
        ));
        return Ok(Some(diagnostic.help(format!("delete `{LOCK_FILE}`"))));
    };
    if model.anchors.iter().any(|anchor| model.solved(anchor).is_none()) {
        // Checking has said that they are not solved, which has the same remedy.
        return Ok(None);
    }
    let same =
        lock.anchors.len() == model.anchors.len() && depends_on(&as_declared(model))? == lock.depends_on;
    let diagnostic = Diagnostic::warning(
        "W1011",
        format!("`{LOCK_FILE}` was solved for another version of this model"),
        first.span,
    )
    .note("what the anchored questions rest on has changed since, or what was elicited; the old values are used")
    .help(help);
    Ok((!same).then_some(diagnostic))
}

/// No fewer draws are worth a first approach.
const FEWEST_COARSE_DRAWS: u32 = 64;

/// Draws from which points and means of what was elicited, and points of declared priors, are read.
const DRAWS_OF_PRIORS: u32 = 8192;

/// How many times as far from the median as the 5% and 95% points a parameter without ends is looked for (a choice by judgement).
const REACH: f64 = 8.0;

/// Turns per anchor after which anchors that push one another are given up.
const MOST_TURNS: usize = 24;

/// Points that are tried for one anchor in one turn, before it is given up.
const MOST_TRIES: usize = 60;

/// An interval of this share of the reach is not divided any further: p jumps in it.
const NARROWEST: f64 = 1e-9;

/// Returns the model as it is declared: without what was solved, and without what only asks.
fn as_declared(model: &Model) -> Model {
    let mut ground = model.clone();
    ground.claims.clear();
    ground.headlines.clear();
    ground.checks.clear();
    ground.interventions.clear();
    ground.lock = None;
    for anchor in &model.anchors {
        set_prior(&mut ground, anchor.parameter, anchor.declared.clone());
    }
    ground
}

fn set_prior(model: &mut Model, parameter: QuantityId, distribution: Distribution) {
    if let QuantityKind::Parameter { prior, .. } = &mut model.quantities[parameter.position()].kind {
        *prior = PerElement::Same(distribution);
    }
}

/// Returns the identity of all that a solution depends on.
fn depends_on(ground: &Model) -> Result<String, Vec<Diagnostic>> {
    Ok(Asked::of(ground).identity()?.to_string())
}

/// The model with everything that is asked of it before it is solved: the questions, what was elicited, and the declared priors with their ends.
struct Asked {
    model: Model,
    questions: Vec<QuantityId>,
    /// For each anchor.
    measures: Vec<Measures>,
}

/// Measures of one anchor.
struct Measures {
    elicited: QuantityId,
    /// The declared prior.
    declared: QuantityId,
    /// Its ends, if the parameter is solved within them.
    ends: Option<(QuantityId, QuantityId)>,
}

impl Asked {
    fn of(ground: &Model) -> Asked {
        let mut model = ground.clone();
        let mut measures = Vec::new();
        for anchor in &ground.anchors {
            let name = ground.quantity(anchor.parameter).name.clone();
            let elicited = add(
                &mut model,
                format!("elicited {name}"),
                QuantityKind::Parameter {
                    prior: PerElement::Same(anchor.target.clone()),
                    fact: None,
                },
            );
            let elicited = add_measure(&mut model, format!("read elicited {name}"), value_of(elicited));
            let declared = add_measure(&mut model, format!("read {name}"), value_of(anchor.parameter));
            let ends = anchor
                .declared
                .solved_on()
                .and_then(|on| on.within)
                .map(|(low, high)| {
                    let mut end = |end: &Expression, which| {
                        add_measure(&mut model, format!("{which} of {name}"), end.clone())
                    };
                    (end(low, "low"), end(high, "high"))
                });
            measures.push(Measures {
                elicited,
                declared,
                ends,
            });
        }
        let mut questions: Vec<QuantityId> = ground
            .anchors
            .iter()
            .map(|anchor| anchor.question.quantity)
            .collect();
        // Neither the order of declarations nor that of anchors means anything.
        questions.sort_by(|a, b| ground.quantity(*a).name.cmp(&ground.quantity(*b).name));
        questions.dedup();
        Asked {
            model,
            questions,
            measures,
        }
    }

    fn of_priors(&self) -> Vec<QuantityId> {
        let ids = self.measures.iter().flat_map(|of| {
            let ends = of.ends.iter().flat_map(|(low, high)| [*low, *high]);
            [of.elicited, of.declared].into_iter().chain(ends)
        });
        let mut ids: Vec<QuantityId> = ids.collect();
        ids.sort_by(|a, b| self.model.quantity(*a).name.cmp(&self.model.quantity(*b).name));
        ids
    }

    fn identity(&self) -> Result<ensemble::Identity, Vec<Diagnostic>> {
        let mut asked = self.questions.clone();
        asked.extend(self.of_priors());
        meaning(&self.model, &asked)
    }
}

fn add(model: &mut Model, name: String, kind: QuantityKind) -> QuantityId {
    let id = QuantityId(model.quantities.len() as u32);
    // Names with spaces are nobody else's.
    model.quantities.push(Quantity {
        name,
        title: None,
        shape: Vec::new(),
        binders: Vec::new(),
        unit: Unit {
            text: "1".into(),
            scale: 1.0,
            kind: ValueKind::Number,
        },
        span: model.anchors[0].span,
        text: String::new(),
        cites: Vec::new(),
        correlation_cites: Vec::new(),
        kind,
    });
    id
}

fn add_measure(model: &mut Model, name: String, value: Expression) -> QuantityId {
    let kind = QuantityKind::Measure {
        value: PerElement::Same(value),
        reading: When { step: 0, ever: false },
    };
    add(model, name, kind)
}

fn value_of(quantity: QuantityId) -> Expression {
    Expression::Quantity(QuantityRef {
        quantity,
        subscripts: Vec::new(),
    })
}

/// What is to be solved.
struct Elicitation {
    depends_on: String,
    unknowns: Vec<Unknown>,
}

impl Elicitation {
    fn of(ground: &Model) -> Result<Elicitation, SolveError> {
        if ground.anchors.is_empty() {
            return Ok(Elicitation {
                depends_on: String::new(),
                unknowns: Vec::new(),
            });
        }
        let mut asked = Asked::of(ground);
        let depends_on = asked.identity().map_err(SolveError::Unsound)?.to_string();
        asked.model.clock.steps = 1;
        let ids = asked.of_priors();
        let program = compile_for(&asked.model, &[World::baseline()], &ids).map_err(SolveError::Unsound)?;
        let size = Size {
            draws: DRAWS_OF_PRIORS,
            replications: 1,
            seed: 1,
        };
        let drawn = ensemble::run(&program, &size, 1, &|_, _| true).map_err(SolveError::Run)?;
        let drawn: BTreeMap<QuantityId, &Column> = (drawn.layout.measures.iter())
            .zip(&drawn.measures[0])
            .map(|(output, values)| (output.quantity, values))
            .collect();
        let mut unknowns = Vec::new();
        let mut wrong = Vec::new();
        for (anchor, of) in ground.anchors.iter().zip(&asked.measures) {
            let ends = of.ends.map(|(low, high)| {
                // Ends that hang on other parameters: what lies within them in every draw.
                let greatest = drawn[&low].iter().copied().fold(f64::NEG_INFINITY, f64::max);
                let least = drawn[&high].iter().copied().fold(f64::INFINITY, f64::min);
                (greatest, least)
            });
            match Unknown::new(ground, anchor, drawn[&of.elicited], drawn[&of.declared], ends) {
                Ok(unknown) => unknowns.push(unknown),
                Err(diagnostic) => wrong.push(*diagnostic),
            }
        }
        if wrong.is_empty() {
            Ok(Elicitation { depends_on, unknowns })
        } else {
            Err(SolveError::Unsound(wrong))
        }
    }
}

/// A parameter to solve for. Points `t` are on its scale: itself, its logarithm or its log odds.
struct Unknown {
    anchor: Anchor,
    parameter: String,
    question: String,
    scale: FactScale,
    /// The step at whose end the question is read.
    step: u32,
    /// Probabilities, ascending.
    elicited: [f64; 3],
    mean: f64,
    /// 5% point, median and 95% point of the declared prior.
    start: [f64; 3],
    /// As far as it is looked for.
    reach: (f64, f64),
    /// Where the elicited probabilities are met.
    points: Option<[f64; 3]>,
    /// What was met there.
    reached: [Estimate; 3],
    /// By how many Monte Carlo errors the points missed when they were last looked at.
    missed: f64,
    /// Whether another parameter has moved since.
    open: bool,
}

impl Unknown {
    fn new(
        model: &Model,
        anchor: &Anchor,
        elicited: &Column,
        declared: &Column,
        ends: Option<(f64, f64)>,
    ) -> Result<Unknown, Box<Diagnostic>> {
        let parameter = model.quantity(anchor.parameter).name.clone();
        let question = model.reading_name(anchor.question);
        let points = match &anchor.target {
            Distribution::SplitNormal {
                low, central, high, ..
            } => [*low, *central, *high],
            _ => quantiles(&mut elicited.to_vec(), KNOWLEDGE_POINTS),
        };
        // The tails beyond may leave the range, so that the mean does not count them.
        let within: Vec<f64> = elicited.iter().map(|p| p.clamp(0.0, 1.0)).collect();
        let mean = within.iter().sum::<f64>() / within.len() as f64;
        if !(points[0] > 0.0 && points[2] < 1.0) {
            let message = format!(
                "the elicited probability of `{question}` goes from {} to {}",
                percent(points[0]),
                percent(points[2])
            );
            let diagnostic = Diagnostic::error("E0721", message, anchor.span)
                .note("no finite value of a parameter gives a question a probability of 0% or 100%")
                .help("elicit a range above 0% and below 100%, such as `0.5% to 5%`");
            return Err(Box::new(diagnostic));
        }
        let Some(scale) = anchor.declared.solved_on().map(|on| on.scale) else {
            unreachable!("checking refuses anchors of parameters that have no density");
        };
        let start = quantiles(&mut declared.to_vec(), KNOWLEDGE_POINTS).map(|x| onto(scale, x));
        let finite = start.iter().all(|t| t.is_finite());
        if !(finite && start[0] < start[1] && start[1] < start[2]) {
            let message = format!("the prior of `{parameter}` has no range to look in");
            let diagnostic = Diagnostic::error("E0721", message, anchor.span)
                .help("give it a prior over a range, such as `normal(0, 1)`");
            return Err(Box::new(diagnostic));
        }
        let far = |end: f64| start[1] + REACH * (end - start[1]);
        let reach = match ends {
            Some((low, high)) if low < high => (low.max(far(start[0])), high.min(far(start[2]))),
            _ => (far(start[0]), far(start[2])),
        };
        let (QuantityKind::Measure { reading, .. } | QuantityKind::Question { reading, .. }) =
            &model.quantity(anchor.question.quantity).kind
        else {
            unreachable!("an anchor has a question");
        };
        Ok(Unknown {
            parameter,
            question,
            scale,
            step: reading.step,
            elicited: points,
            mean,
            start,
            reach,
            points: None,
            reached: [Estimate::constant(f64::NAN); 3],
            missed: f64::INFINITY,
            open: true,
            anchor: anchor.clone(),
        })
    }

    /// Returns what the lock says of it, with the probability in a run of the whole.
    fn solved(&self, run: Estimate) -> Solved {
        Solved {
            parameter: self.parameter.clone(),
            question: self.question.clone(),
            scale: self.scale,
            elicited: self.elicited,
            values: self.values(),
            reached: self.reached.map(|reached| reached.mean),
            errors: self.reached.map(|reached| reached.mc_error),
            mean: self.mean,
            run: (run.mean, run.mc_error),
        }
    }

    fn values(&self) -> [f64; 3] {
        self.points.unwrap_or(self.start).map(|t| off(self.scale, t))
    }

    /// Returns the distribution that it has as far as it is solved.
    fn distribution(&self) -> Distribution {
        let solved = self
            .points
            .and_then(|_| self.anchor.declared.pinned(&self.solved(Estimate::constant(0.0))));
        solved.unwrap_or_else(|| self.anchor.declared.clone())
    }

    /// Makes the diagnostic for a probability that is not met.
    fn unmet(&self, target: f64, curve: &Curve) -> Diagnostic {
        let &(first, p_first, _) = curve.points.first().expect("a curve has points");
        let &(last, p_last, _) = curve.points.last().expect("a curve has points");
        let at = |t: f64| crate::words::short(off(self.scale, t));
        let message = format!(
            "no value of `{}` gives `{}` its elicited {}",
            self.parameter,
            self.question,
            percent(target)
        );
        let note = if p_first == p_last {
            format!("from {} to {} it is {}", at(first), at(last), percent(p_first))
        } else {
            format!(
                "from {} to {} it goes from {} to {}",
                at(first),
                at(last),
                percent(p_first),
                percent(p_last)
            )
        };
        let help = if p_first == p_last {
            format!(
                "let more of what `{}` asks for hang on `{}`, or anchor another parameter",
                self.question, self.parameter
            )
        } else {
            format!(
                "give `{}` a wider prior, or let more of what `{}` asks for hang on it",
                self.parameter, self.question
            )
        };
        Diagnostic::error("E0721", message, self.anchor.span)
            .note(note)
            .help(help)
    }

    /// Makes the diagnostic for points that are no distribution's.
    fn out_of_order(&self) -> Diagnostic {
        let values = self.values().map(crate::words::short).join(", ");
        let message = format!(
            "the probability of `{}` neither rises nor falls with `{}`",
            self.question, self.parameter
        );
        Diagnostic::error("E0721", message, self.anchor.span)
            .note(format!(
                "the elicited low, central and high are met at {values}, and not only there"
            ))
            .help("anchor a parameter whose effect on the question has one sign")
    }
}

/// Returns a value on a scale.
fn onto(scale: FactScale, x: f64) -> f64 {
    match scale {
        FactScale::Natural => x,
        FactScale::Log => math::ln(x),
        FactScale::Logit => math::logit(x),
    }
}

/// Returns a value from its place on a scale.
fn off(scale: FactScale, t: f64) -> f64 {
    match scale {
        FactScale::Natural => t,
        FactScale::Log => math::exp(t),
        FactScale::Logit => math::logistic(t),
    }
}

fn percent(p: f64) -> String {
    format!("{}%", crate::words::short(p * 100.0))
}

/// Returns the Monte Carlo standard error of a probability over independent futures.
fn error_of(p: f64, size: Size) -> f64 {
    (p * (1.0 - p) / size.futures() as f64).sqrt()
}

/// Points tried, ascending in `t`, with the probability there.
#[derive(Default)]
struct Curve {
    points: Vec<(f64, f64, Estimate)>,
}

/// What comes next for a probability.
enum Next {
    /// It is met at this point (by position).
    Met(usize),
    /// These points are to be tried.
    Try(Vec<f64>),
    /// It is met nowhere.
    Unmet,
}

impl Curve {
    fn add(&mut self, t: f64, estimate: Estimate) {
        let position = self.points.partition_point(|point| point.0 < t);
        self.points.insert(position, (t, estimate.mean, estimate));
    }

    /// Returns whether a probability is met in several places, beyond what noise would do.
    fn is_met_often(&self, target: f64, size: Size) -> bool {
        let clear = 3.0 * error_of(target, size);
        let apart = self
            .points
            .iter()
            .filter(|point| (point.1 - target).abs() > clear);
        let sides: Vec<bool> = apart.map(|point| point.1 < target).collect();
        sides.windows(2).filter(|pair| pair[0] != pair[1]).count() > 1
    }

    fn next(&self, target: f64, size: Size, unknown: &Unknown, round: usize) -> Next {
        let miss = |position: &usize| (self.points[*position].1 - target).abs();
        let nearest = (0..self.points.len())
            .min_by(|a, b| miss(a).total_cmp(&miss(b)))
            .expect("a curve has points");
        let near_enough = (0.25 * error_of(target, size)).max(0.5 / size.futures() as f64);
        if miss(&nearest) <= near_enough {
            return Next::Met(nearest);
        }
        let enclosing = self
            .points
            .windows(2)
            .find(|pair| (pair[0].1 < target) != (pair[1].1 < target));
        match enclosing {
            Some(pair) => between(pair[0], pair[1], target, size, unknown, round),
            None => self.further_out(target, size, unknown),
        }
    }

    fn further_out(&self, target: f64, size: Size, unknown: &Unknown) -> Next {
        let points = &self.points;
        let (first, last) = (points[0], points[points.len() - 1]);
        let width = (last.0 - first.0).max(0.25 * (unknown.start[2] - unknown.start[0]));
        let (low_end, high_end) = unknown.reach;
        let step = |from: (f64, f64, Estimate), inner: Option<&(f64, f64, Estimate)>, sign: f64| {
            // A straight line on log odds through the two outermost points, and a little more so as to enclose the target.
            let along = inner.filter(|inner| inner.1 != from.1).map(|inner| {
                let slope = (odds(from.1, size) - odds(inner.1, size)) / (from.0 - inner.0);
                1.3 * ((odds(target, size) - odds(from.1, size)) / slope).abs()
            });
            let along = along
                .filter(|step| step.is_finite())
                .map_or(width, |step| step.min(width));
            (from.0 + sign * along).clamp(low_end, high_end)
        };
        let down = (first.0 > low_end).then(|| step(first, points.get(1), -1.0));
        let up = (last.0 < high_end)
            .then(|| step(last, points.len().checked_sub(2).and_then(|i| points.get(i)), 1.0));
        let outward = if first.1 == last.1 {
            down.into_iter().chain(up).collect()
        } else if (last.1 > first.1) == (target > last.1.max(first.1)) {
            Vec::from_iter(up)
        } else {
            Vec::from_iter(down)
        };
        if outward.is_empty() {
            Next::Unmet
        } else {
            Next::Try(outward)
        }
    }
}

fn between(
    low: (f64, f64, Estimate),
    high: (f64, f64, Estimate),
    target: f64,
    size: Size,
    unknown: &Unknown,
    round: usize,
) -> Next {
    let width = high.0 - low.0;
    if width <= NARROWEST * (unknown.reach.1 - unknown.reach.0) {
        return Next::Unmet;
    }
    let half = round % 4 == 3;
    let share = (odds(target, size) - odds(low.1, size)) / (odds(high.1, size) - odds(low.1, size));
    let share = if half || !share.is_finite() {
        0.5
    } else {
        share.clamp(0.02, 0.98)
    };
    Next::Try(vec![low.0 + share * width])
}

/// Returns log odds, those of half a future where none or all say yes.
fn odds(p: f64, size: Size) -> f64 {
    let least = 0.5 / size.futures() as f64;
    math::logit(p.clamp(least, 1.0 - least))
}

/// The unknowns and what it takes to try them.
struct Solver<'a> {
    model: Model,
    unknowns: Vec<Unknown>,
    threads: usize,
    told: &'a (dyn Fn(Doing) -> bool + Sync),
    runs: Cell<usize>,
    turns: usize,
}

impl Solver<'_> {
    /// Solves for one unknown after another until none has to move.
    fn settle(&mut self, size: Size) -> Result<(), SolveError> {
        for unknown in &mut self.unknowns {
            unknown.open = true;
            unknown.missed = f64::INFINITY;
        }
        let limit = MOST_TURNS * self.unknowns.len();
        let mut wrong = Vec::new();
        for turn in 0.. {
            let Some(which) = self.next_open(turn) else {
                break;
            };
            if turn == limit {
                return Err(SolveError::Unsound(vec![self.unsettled()]));
            }
            self.turns += 1;
            let moved = match self.turn(which, size) {
                Ok(moved) => moved,
                // The others are looked at too, so that all that is wrong is said at once.
                Err(SolveError::Unsound(found)) => {
                    wrong.extend(found);
                    self.unknowns[which].open = false;
                    false
                }
                Err(error) => return Err(error),
            };
            if moved && wrong.is_empty() {
                for other in 0..self.unknowns.len() {
                    let hangs = self.model.hangs_on(
                        self.unknowns[other].anchor.question.quantity,
                        self.unknowns[which].anchor.parameter,
                    );
                    self.unknowns[other].open |= other != which && hangs;
                }
            }
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(SolveError::Unsound(wrong))
        }
    }

    /// Returns the next unknown that has to be looked at, in turn.
    fn next_open(&self, turn: usize) -> Option<usize> {
        let count = self.unknowns.len();
        (0..count)
            .map(|step| (turn + step) % count)
            .find(|which| self.unknowns[*which].open)
    }

    fn unsettled(&self) -> Diagnostic {
        let open: Vec<&Unknown> = self.unknowns.iter().filter(|unknown| unknown.open).collect();
        let names: Vec<String> = open
            .iter()
            .map(|unknown| format!("`{}`", unknown.parameter))
            .collect();
        Diagnostic::error(
            "E0721",
            format!(
                "the anchors of {} push one another and do not settle",
                names.join(" and ")
            ),
            open[0].anchor.span,
        )
        .note("each meets its elicited probability by what keeps another from meeting its own")
        .help("anchor one of them alone, or elicit probabilities that can hold together")
    }

    /// Looks at one unknown and solves for it where it misses; returns whether it moved.
    fn turn(&mut self, which: usize, size: Size) -> Result<bool, SolveError> {
        let unknown = &self.unknowns[which];
        let old = unknown.points;
        let mut curve = Curve::default();
        let mut tries = distinct(old.unwrap_or(unknown.start).to_vec());
        let mut missed = f64::INFINITY;
        let mut found = None;
        for round in 0.. {
            for (t, estimate) in tries.iter().zip(self.probabilities(which, &tries, size)?) {
                curve.add(*t, estimate);
            }
            if round == 0
                && let Some(points) = old
            {
                let met = points.map(|t| {
                    curve
                        .points
                        .iter()
                        .position(|point| point.0 == t)
                        .expect("it was tried")
                });
                missed = met
                    .iter()
                    .zip(unknown.elicited)
                    .fold(0.0, |most: f64, (at, target)| {
                        let slack = error_of(target, size).max(1.0 / size.futures() as f64);
                        most.max((curve.points[*at].1 - target).abs() / slack)
                    });
                if missed <= 0.5 {
                    found = Some(met);
                    break;
                }
            }
            let next = unknown
                .elicited
                .map(|target| (target, curve.next(target, size, unknown, round)));
            tries.clear();
            for (target, next) in &next {
                match next {
                    Next::Met(_) => {}
                    Next::Try(points) => tries.extend(points),
                    Next::Unmet => return Err(SolveError::Unsound(vec![unknown.unmet(*target, &curve)])),
                }
            }
            tries = distinct(tries);
            tries.retain(|t| curve.points.iter().all(|point| point.0 != *t));
            if tries.is_empty() || curve.points.len() > MOST_TRIES {
                let positions = next.map(|(target, next)| match next {
                    Next::Met(position) => Ok(position),
                    _ => Err(SolveError::Unsound(vec![unknown.unmet(target, &curve)])),
                });
                let [low, central, high] = positions;
                found = Some([low?, central?, high?]);
                break;
            }
        }
        let met = found.expect("the loop ends with points");
        let points = met.map(|at| curve.points[at].0);
        let reached = met.map(|at| curve.points[at].2);
        let moved = old != Some(points);
        let unknown = &mut self.unknowns[which];
        unknown.reached = reached;
        unknown.points = Some(points);
        unknown.open = false;
        if moved {
            // What keeps missing as much as before is pushed to and fro by others: it goes half the way, and is looked at again.
            if let Some(old) = old.filter(|_| missed.is_finite() && missed > 0.7 * unknown.missed) {
                unknown.points = Some([0, 1, 2].map(|i| 0.5 * (old[i] + points[i])));
                unknown.open = true;
            }
            unknown.missed = missed;
        }
        let [low, central, high] = unknown.points.expect("it was set");
        let in_order = (low <= central && central <= high) || (low >= central && central >= high);
        let often = unknown
            .elicited
            .iter()
            .any(|target| curve.is_met_often(*target, size));
        if often || !in_order {
            return Err(SolveError::Unsound(vec![unknown.out_of_order()]));
        }
        Ok(moved)
    }

    /// Returns the probabilities of an unknown's question with its parameter held at each of these points.
    fn probabilities(&self, which: usize, points: &[f64], size: Size) -> Result<Vec<Estimate>, SolveError> {
        let unknown = &self.unknowns[which];
        let mut model = self.as_far_as_solved();
        model.clock.steps = unknown.step + 1;
        let worlds: Vec<World> = points
            .iter()
            .enumerate()
            .map(|(k, t)| {
                let value = Expression::Number(off(unknown.scale, *t));
                model.interventions.push(Intervention {
                    name: format!("point {k}"),
                    title: None,
                    span: unknown.anchor.span,
                    changes: vec![Change {
                        quantity: unknown.anchor.parameter,
                        element: None,
                        from_step: 0,
                        action: Action::Hold(value),
                    }],
                });
                World::under(&model, InterventionId(k as u32))
            })
            .collect();
        let found = self.run(
            &model,
            &worlds,
            &[unknown.anchor.question],
            size,
            Some(&unknown.parameter),
        )?;
        Ok(found.into_iter().map(|of_world| of_world[0]).collect())
    }

    /// Returns the probabilities of all questions with every parameter as it was solved.
    fn whole(&self, size: Size) -> Result<Vec<Estimate>, SolveError> {
        if self.unknowns.is_empty() {
            return Ok(Vec::new());
        }
        let mut model = self.as_far_as_solved();
        model.clock.steps = self
            .unknowns
            .iter()
            .map(|unknown| unknown.step + 1)
            .max()
            .unwrap_or(1);
        let questions: Vec<Reading> = self
            .unknowns
            .iter()
            .map(|unknown| unknown.anchor.question)
            .collect();
        let found = self.run(&model, &[World::baseline()], &questions, size, None)?;
        Ok(found.into_iter().flatten().collect())
    }

    fn as_far_as_solved(&self) -> Model {
        let mut model = self.model.clone();
        for unknown in &self.unknowns {
            set_prior(&mut model, unknown.anchor.parameter, unknown.distribution());
        }
        model
    }

    /// Returns, for each world, the probability of each question.
    fn run(
        &self,
        model: &Model,
        worlds: &[World],
        questions: &[Reading],
        size: Size,
        parameter: Option<&str>,
    ) -> Result<Vec<Vec<Estimate>>, SolveError> {
        let mut asked: Vec<QuantityId> = questions.iter().map(|reading| reading.quantity).collect();
        asked.sort();
        asked.dedup();
        let program = compile_for(model, worlds, &asked).map_err(SolveError::Unsound)?;
        let runs = self.runs.get();
        let told = |done, all| {
            (self.told)(Doing {
                parameter,
                runs,
                done,
                all,
            })
        };
        let ensemble = ensemble::run(&program, &size, self.threads, &told).map_err(SolveError::Run)?;
        self.runs.set(runs + 1);
        let position = |reading: &Reading| {
            let mut outputs = ensemble.layout.measures.iter();
            outputs
                .position(|output| output.quantity == reading.quantity && output.position == reading.position)
                .expect("the question was asked")
        };
        let positions: Vec<usize> = questions.iter().map(position).collect();
        let of_world = |world: &Vec<Column>| {
            let estimate = |at: &usize| Estimate::of_probability(Sample::new(&world[*at], size));
            positions.iter().map(estimate).collect()
        };
        Ok(ensemble.measures.iter().map(of_world).collect())
    }
}

/// Returns points in order, each once.
fn distinct(mut points: Vec<f64>) -> Vec<f64> {
    points.sort_by(f64::total_cmp);
    points.dedup();
    points
}
