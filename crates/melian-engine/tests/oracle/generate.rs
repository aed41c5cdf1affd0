//! Random models, as text: everything that the language can say, in plain numbers.

use std::fmt::Write;

/// A stream of numbers for choosing cases.
///
/// # Source
/// Steele, Lea and Flood (2014), "Fast splittable pseudorandom number generators", SplitMix64.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, count: usize) -> usize {
        (self.bits() % count as u64) as usize
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    fn chance(&mut self, one_in: usize) -> bool {
        self.below(one_in) == 0
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Constant,
    Parameter,
    Stock,
    Let,
    Noise,
    Event,
    Choice,
    Flow,
    Late,
}

#[derive(Clone, Debug)]
struct Item {
    name: String,
    kind: Kind,
    /// Indices: `I` or `J`.
    shape: Vec<char>,
    /// For a flow: whether it has a pipeline.
    pipeline: bool,
}

/// The elements that names in scope stand for: name and index.
type Scope = Vec<(String, char)>;

/// A model as a list of declarations, so that a failing one can be made smaller.
pub struct Sketch {
    pub declarations: Vec<String>,
}

impl Sketch {
    pub fn text(&self) -> String {
        format!("{HEADER}{}\n", self.declarations.join("\n"))
    }
}

const HEADER: &str = "melian 0.1\nmodel generated\ntime every 3 days from 2024-01-30 for 36 days\n\
    index I { a, b, c }\nindex J { x, y }\nsubset S of I { a, c }\n\
    map turn[I] -> I { a: b, b: c, c: a }\nmap fold[I] -> J { a: x, b: y, c: x }\n";

struct Writer {
    dice: Dice,
    /// What may be read in the same step, in an order without cycles.
    known: Vec<Item>,
    /// What there is in all.
    all: Vec<Item>,
    /// Whether what is written has to be known before the run starts.
    early: bool,
    lines: Vec<String>,
}

/// Writes a model.
pub fn sketch(seed: u64) -> Sketch {
    let mut writer = Writer {
        dice: Dice::new(seed),
        known: Vec::new(),
        all: Vec::new(),
        early: true,
        lines: Vec::new(),
    };
    writer.declare_names();
    writer.write();
    Sketch {
        declarations: writer.lines,
    }
}

impl Writer {
    fn declare_names(&mut self) {
        let mut kinds = vec![
            Kind::Constant,
            Kind::Parameter,
            Kind::Parameter,
            Kind::Stock,
            Kind::Stock,
        ];
        for _ in 0..self.dice.below(2) {
            kinds.push(Kind::Stock);
        }
        for _ in 0..3 + self.dice.below(7) {
            let within = [
                Kind::Let,
                Kind::Let,
                Kind::Noise,
                Kind::Noise,
                Kind::Event,
                Kind::Event,
                Kind::Choice,
            ];
            kinds.push(*self.dice.pick(&within));
        }
        for _ in 0..1 + self.dice.below(4) {
            kinds.push(Kind::Flow);
        }
        for _ in 0..self.dice.below(3) {
            kinds.push(Kind::Late);
        }
        for (number, kind) in kinds.into_iter().enumerate() {
            let shape: &[char] = self
                .dice
                .pick::<&[char]>(&[&[], &[], &['I'], &['J'], &['I', 'J']]);
            let word = match kind {
                Kind::Constant => "fixed",
                Kind::Parameter => "drawn",
                Kind::Stock => "held",
                Kind::Let | Kind::Late => "told",
                Kind::Noise => "luck",
                Kind::Event => "event",
                Kind::Choice => "choice",
                Kind::Flow => "moved",
            };
            let pipeline = kind == Kind::Flow && self.dice.chance(3);
            self.all.push(Item {
                name: format!("{word}_{number}"),
                kind,
                shape: shape.to_vec(),
                pipeline,
            });
        }
    }

    fn write(&mut self) {
        for item in self.all.clone() {
            if item.kind == Kind::Late && self.known.iter().all(|known| known.kind != Kind::Flow) {
                // Flows may be read once all of them, and what they read, are there.
                self.known
                    .extend(self.all.iter().filter(|i| i.kind == Kind::Flow).cloned());
            }
            self.early = matches!(item.kind, Kind::Constant | Kind::Parameter | Kind::Stock);
            let (head, scope) = self.head(&item);
            match item.kind {
                Kind::Constant => {
                    let value = self.number();
                    self.lines.push(format!("const {head} = {value}"));
                }
                Kind::Parameter => {
                    let distribution = self.distribution(&scope, 1);
                    self.lines.push(format!("param {head} ~ {distribution}"));
                }
                Kind::Stock => {
                    let initial = self.expression(&scope, 1);
                    // Some start below zero, where no one can say so before the run.
                    let less = (self.some(true, &[Kind::Parameter]))
                        .map_or_else(|| "0".to_owned(), |parameter| self.reference(&parameter, &scope));
                    self.lines
                        .push(format!("stock {head} = 5 * abs({initial}) - 0.5 * abs({less})"));
                }
                Kind::Let | Kind::Late => {
                    let value = self.expression(&scope, 3);
                    self.lines.push(format!("let {head} = {value}"));
                }
                Kind::Noise => {
                    let distribution = self.distribution(&scope, 1);
                    self.lines.push(format!("noise {head} ~ {distribution}"));
                }
                Kind::Event => self.event(&head, &scope),
                Kind::Choice => self.choice(&head, &scope),
                Kind::Flow => self.flow(&item, &head, &scope),
            }
            if item.kind != Kind::Flow {
                self.known.push(item);
            }
        }
        let flows: Vec<Item> = self
            .all
            .iter()
            .filter(|i| i.kind == Kind::Flow)
            .cloned()
            .collect();
        self.known.retain(|item| item.kind != Kind::Flow);
        self.attributes();
        // What reads flows may read one that shares its source with the transfer.
        let late = self.known.iter().filter(|item| item.kind == Kind::Late);
        let late: Vec<Item> = late.cloned().collect();
        self.known.retain(|item| item.kind != Kind::Late);
        self.transfers();
        self.known.extend(late.into_iter().chain(flows));
        self.correlations();
        self.outputs();
        self.interventions();
    }

    /// Correlates some parameters, and some noises, in chains that are always possible: no scalar has more than two partners, at 0.5 at most.
    fn correlations(&mut self) {
        for kind in [Kind::Parameter, Kind::Noise] {
            if self.dice.chance(2) {
                continue;
            }
            let mut names = Vec::new();
            for item in self.all.clone() {
                if item.kind != kind {
                    continue;
                }
                if item.shape.is_empty() || self.dice.chance(2) {
                    names.push(self.reference(&item, &Scope::new()));
                } else {
                    let value = *self.dice.pick(&["0.6", "1", "-0.1", "0", "0.25"]);
                    self.lines.push(format!("correlate {} = {value}", item.name));
                }
            }
            for pair in names.windows(2) {
                let value = *self.dice.pick(&["0.5", "-0.5", "0.3", "0", "1 / 4"]);
                self.lines
                    .push(format!("correlate {}, {} = {value}", pair[1], pair[0]));
            }
        }
    }

    /// Returns the name with its indices, and what they bind.
    fn head(&mut self, item: &Item) -> (String, Scope) {
        let letters = ["i", "k"];
        let scope: Scope = item
            .shape
            .iter()
            .zip(letters)
            .map(|(&index, letter)| (letter.to_owned(), index))
            .collect();
        if scope.is_empty() {
            return (item.name.clone(), scope);
        }
        let bound: Vec<String> = scope
            .iter()
            .map(|(name, index)| format!("{name}: {index}"))
            .collect();
        (format!("{}[{}]", item.name, bound.join(", ")), scope)
    }

    fn number(&mut self) -> String {
        let numbers = ["0", "1", "0.5", "2", "1.25", "0.1", "3", "-0.7", "10", "0.02"];
        (*self.dice.pick(&numbers)).to_owned()
    }

    fn subscript(&mut self, index: char, scope: &Scope) -> String {
        let bound: Vec<&String> = scope
            .iter()
            .filter(|(_, of)| *of == index)
            .map(|(name, _)| name)
            .collect();
        let other: Vec<&String> = scope
            .iter()
            .filter(|(_, of)| *of == 'I')
            .map(|(name, _)| name)
            .collect();
        match self.dice.below(6) {
            0 if index == 'I' && !bound.is_empty() => format!("turn({})", self.dice.pick(&bound)),
            0 if index == 'J' && !other.is_empty() => format!("fold({})", self.dice.pick(&other)),
            1..=4 if !bound.is_empty() => (*self.dice.pick(&bound)).clone(),
            _ if index == 'I' => (*self.dice.pick(&["a", "b", "c"])).to_owned(),
            _ => (*self.dice.pick(&["x", "y"])).to_owned(),
        }
    }

    fn reference(&mut self, item: &Item, scope: &Scope) -> String {
        if item.shape.is_empty() {
            return item.name.clone();
        }
        let subscripts: Vec<String> = item
            .shape
            .iter()
            .map(|&index| self.subscript(index, scope))
            .collect();
        format!("{}[{}]", item.name, subscripts.join(", "))
    }

    fn some(&mut self, across_time: bool, kinds: &[Kind]) -> Option<Item> {
        let from = if across_time { &self.all } else { &self.known };
        let fits = |item: &&Item| {
            let fixed = matches!(item.kind, Kind::Constant | Kind::Parameter);
            kinds.contains(&item.kind) && (fixed || !self.early)
        };
        let fitting: Vec<Item> = from.iter().filter(fits).cloned().collect();
        if fitting.is_empty() {
            None
        } else {
            Some(self.dice.pick(&fitting).clone())
        }
    }

    /// A plain number that reads something, in the same step or across time.
    fn read(&mut self, scope: &Scope, across_time: bool) -> String {
        const NUMBERS: &[Kind] = &[
            Kind::Constant,
            Kind::Parameter,
            Kind::Stock,
            Kind::Let,
            Kind::Noise,
            Kind::Late,
            Kind::Flow,
        ];
        match self.some(across_time, NUMBERS) {
            None => self.number(),
            Some(item) => {
                let reference = self.reference(&item, scope);
                if item.kind == Kind::Flow {
                    format!("{reference} * 1 day")
                } else {
                    reference
                }
            }
        }
    }

    fn expression(&mut self, scope: &Scope, depth: usize) -> String {
        if depth == 0 || self.dice.chance(5) {
            return if self.dice.chance(4) {
                self.number()
            } else {
                self.read(scope, false)
            };
        }
        let cases = if self.early { 12 } else { 20 };
        let e = |writer: &mut Writer| writer.expression(scope, depth - 1);
        match self.dice.below(cases) {
            0 => format!("({} + {})", e(self), e(self)),
            1 => format!("({} - {})", e(self), e(self)),
            2 => format!("({} * {})", e(self), e(self)),
            3 => format!("({} / (1 + abs({})))", e(self), e(self)),
            4 => {
                let function = *self.dice.pick(&[
                    "tanh",
                    "logistic",
                    "abs",
                    "exp",
                    "floor",
                    "round",
                    "normal_cdf",
                    "sin",
                ]);
                if function == "exp" {
                    format!("exp(tanh({}))", e(self))
                } else {
                    format!("{function}({})", e(self))
                }
            }
            5 => format!("{}({}, {})", self.dice.pick(&["min", "max"]), e(self), e(self)),
            6 => format!("clamp({}, -1, 2)", e(self)),
            7 => format!(
                "(abs({}) + 0.1) ^ {}",
                e(self),
                self.dice.pick(&["2", "0.5", "1.3", "1"])
            ),
            8 if self.dice.below(2) == 0 => format!(
                "({} {} (abs({}) + {}) ^ tanh({}) {} exp(tanh({})))",
                e(self),
                self.dice.pick(&["*", "/"]),
                e(self),
                self.dice.pick(&["0.1", "0"]),
                e(self),
                self.dice.pick(&["*", "/"]),
                e(self),
            ),
            8 => format!(
                "(if {} then {} else {})",
                self.condition(scope, depth - 1),
                e(self),
                e(self)
            ),
            9 | 10 => self.reduction(scope, depth),
            11 => format!("sqrt(abs({}))", e(self)),
            12 => format!("previous({}, {})", self.read(scope, true), e(self)),
            13 => {
                let parameter = self.some(false, &[Kind::Parameter]).expect("there is one");
                let drawn = format!("(1 + abs({})) * 4 day", self.reference(&parameter, scope));
                let time = (*self.dice.pick(&["7 day", "2 day", "3 day", &drawn])).to_owned();
                format!("delay({}, {}, {})", self.read(scope, true), time, e(self))
            }
            14 => format!(
                "smooth({}, {} day, {})",
                self.read(scope, true),
                self.dice.pick(&["5", "12", "0.5"]),
                e(self)
            ),
            15 => format!("(cumulative(tanh({})) / 10 day)", self.read(scope, true)),
            16 => format!("initial({})", e(self)),
            17 => self.calendar(),
            18 => self.of_event(scope),
            _ => self.in_transit(scope),
        }
    }

    fn calendar(&mut self) -> String {
        (*self.dice.pick(&[
            "year_share",
            "floor(year_share * 12)",
            "(elapsed / 10 day)",
            "(if month_starts then 1 else 0)",
            "((now - 2024-02-10) / 10 day)",
        ]))
        .to_owned()
    }

    fn of_event(&mut self, scope: &Scope) -> String {
        let Some(event) = self.some(false, &[Kind::Event]) else {
            return self.number();
        };
        let event = self.reference(&event, scope);
        match self.dice.below(3) {
            0 => format!("count({event})"),
            1 => format!("exp(-since({event}) / 10 day)"),
            _ => format!("(if happened({event}) then 1 else 0.5)"),
        }
    }

    fn in_transit(&mut self, scope: &Scope) -> String {
        let flows: Vec<Item> = self.all.iter().filter(|i| i.pipeline).cloned().collect();
        if flows.is_empty() {
            return self.number();
        }
        let flow = self.dice.pick(&flows).clone();
        format!("in_transit({})", self.reference(&flow, scope))
    }

    fn reduction(&mut self, scope: &Scope, depth: usize) -> String {
        let letter = format!("r{}", scope.len());
        let over = *self.dice.pick(&["I", "J", "S"]);
        let index = if over == "J" { 'J' } else { 'I' };
        let mut inner = scope.clone();
        inner.push((letter.clone(), index));
        let filter = match self.dice.below(4) {
            0 if index == 'I' => format!(" where {letter} != b"),
            1 if index == 'I' => format!(" where {letter} in S and {}", self.condition(&inner, 0)),
            2 => format!(" where {}", self.condition(&inner, 0)),
            _ => String::new(),
        };
        let reduction = *self
            .dice
            .pick(&["sum", "min", "max", "mean", "product", "any", "all", "count"]);
        if matches!(reduction, "any" | "all" | "count") {
            let body = self.condition(&inner, depth - 1);
            let reduced = format!("{reduction}({body} for {letter} in {over}{filter})");
            return if reduction == "count" {
                reduced
            } else {
                format!("(if {reduced} then 1 else 0)")
            };
        }
        let body = self.expression(&inner, depth - 1);
        format!("{reduction}({body} for {letter} in {over}{filter})")
    }

    fn condition(&mut self, scope: &Scope, depth: usize) -> String {
        if depth > 0 && self.dice.chance(3) {
            let (a, b) = (self.condition(scope, depth - 1), self.condition(scope, depth - 1));
            return match self.dice.below(3) {
                0 => format!("({a} and {b})"),
                1 => format!("({a} or {b})"),
                _ => format!("not ({a})"),
            };
        }
        let events = self.some(false, &[Kind::Event]);
        let choices = self.some(false, &[Kind::Choice]);
        let elements: Vec<String> = scope
            .iter()
            .filter(|(_, of)| *of == 'I')
            .map(|(name, _)| name.clone())
            .collect();
        match (self.dice.below(6), events, choices) {
            (0, Some(event), _) => {
                let event = self.reference(&event, scope);
                format!("{}({event})", self.dice.pick(&["happened", "occurred"]))
            }
            (1, _, Some(choice)) => {
                let choice = self.reference(&choice, scope);
                format!("{choice} == {}", self.dice.pick(&["go", "wait", "stop"]))
            }
            (2, _, _) if !elements.is_empty() => {
                let element = self.dice.pick(&elements).clone();
                (*self
                    .dice
                    .pick(&[format!("{element} in S"), format!("{element} == b")]))
                .clone()
            }
            _ => {
                let comparison = *self.dice.pick(&["<", "<=", ">", ">=", "!="]);
                format!(
                    "{} {comparison} {}",
                    self.expression(scope, depth),
                    self.expression(scope, 0)
                )
            }
        }
    }

    fn distribution(&mut self, scope: &Scope, depth: usize) -> String {
        let e = |writer: &mut Writer| writer.expression(scope, depth);
        let small = |writer: &mut Writer| format!("tanh({})", writer.expression(scope, depth));
        let continuous = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        let case = if depth == 0 {
            *self.dice.pick(&continuous)
        } else {
            self.dice.below(21)
        };
        match case {
            0 => format!("normal({}, 0.1 + abs({}))", e(self), small(self)),
            1 => format!(
                "lognormal(median: 0.1 + abs({}), sigma: 0.2 + abs({}))",
                small(self),
                small(self)
            ),
            2 => format!("uniform(-1, 0.5 + abs({}))", small(self)),
            3 => "triangular(-1, 0.5, 2)".to_owned(),
            4 => format!("beta(1 + abs({}), 2.5)", small(self)),
            // A shape that is a constant of the program is looked up in a table where futures differ, exact to a part in 10^9, and what
            // is constant, or differs between futures, hangs on folding and on interventions: so a shape changes with time, or, before
            // time begins, from draw to draw.
            5 if self.early => match self.some(false, &[Kind::Parameter]) {
                Some(parameter) => {
                    let parameter = self.reference(&parameter, scope);
                    format!("gamma(0.5 + abs(tanh({parameter})), 0.1 + abs({}))", small(self))
                }
                None => "beta(1.5, 2.5)".to_owned(),
            },
            5 => format!(
                "gamma(0.5 + logistic(elapsed / 5 day), 0.1 + abs({}))",
                small(self)
            ),
            6 => format!("exponential(0.2 + abs({}))", small(self)),
            7 => format!("student_t(4, {}, 0.5)", small(self)),
            8 => format!("gumbel({}, 0.5)", small(self)),
            9 => format!("logistic({}, 0.5)", small(self)),
            10 => format!("weibull(1.5, 0.5 + abs({}))", small(self)),
            11 => format!("poisson(2 * abs({}))", small(self)),
            12 => format!("binomial(5, logistic({}))", small(self)),
            13 => format!("bernoulli(logistic({}))", small(self)),
            14 => "discrete(2: 0.2, -1: 0.5, 0.5: 0.3)".to_owned(),
            15 => "empirical(2, -1, 0.5, 4)".to_owned(),
            16 => format!(
                "mixture(0.3: {}, 0.7: {})",
                self.distribution(scope, 0),
                self.distribution(scope, 0)
            ),
            17 => format!(
                "hurdle(logistic({}), {})",
                small(self),
                self.distribution(scope, 0)
            ),
            18 => format!("truncated({}, 0.1, 1.5)", self.distribution(scope, 0)),
            19 => (*self.dice.pick(&["2 to 5", "-1 to 3"])).to_owned(),
            _ => "pert(-1, 0, 3)".to_owned(),
        }
    }

    fn event(&mut self, head: &str, scope: &Scope) {
        let condition = self.condition(scope, 1);
        let rate = format!("abs(tanh({})) * 0.2 / 1 day", self.expression(scope, 1));
        let declaration = match self.dice.below(6) {
            0 => format!("event {head} at 2024-02-0{}", 1 + self.dice.below(8)),
            1 => format!(
                "event {head} at 2024-02-0{} with probability logistic({})",
                1 + self.dice.below(8),
                self.expression(scope, 1)
            ),
            2 => format!("event {head} when {condition}"),
            3 => format!("event {head} at rate {rate}"),
            4 => format!("event {head} at rate {rate} if {condition}"),
            _ => format!("event {head} recurring at rate {rate} if {condition}"),
        };
        self.lines.push(declaration);
    }

    fn choice(&mut self, head: &str, scope: &Scope) {
        let mut text = format!(
            "choice {head} by them every {} day\n",
            3 * (1 + self.dice.below(4))
        );
        text.push_str("  options { go, wait, stop }\n  start wait\n");
        if self.dice.chance(3) {
            return self.rules(text, scope);
        }
        text.push_str("  utility {\n");
        for option in ["go", "wait", "stop"] {
            let utility = self.expression(scope, 1);
            writeln!(text, "    {option}: {utility}").expect("a string takes all");
        }
        text.push_str("  }\n");
        if self.dice.chance(2) {
            let options: &[&str] =
                self.dice
                    .pick::<&[&str]>(&[&["go"], &["stop", "wait"], &["go", "wait", "stop"]]);
            let open: Vec<String> = options
                .iter()
                .map(|option| format!("    {option}: {}", self.condition(scope, 1)))
                .collect();
            writeln!(text, "  available {{\n{}\n  }}", open.join("\n")).expect("a string takes all");
        }
        writeln!(text, "  precision {}", self.dice.pick(&["1", "2.5", "0.3"])).expect("a string takes all");
        if self.dice.chance(2) {
            writeln!(text, "  switching cost {}", self.dice.pick(&["0.5", "0.1"]))
                .expect("a string takes all");
        }
        write!(
            text,
            "  memory {}",
            self.dice.pick(&["none", "forever", "10 day", "50 day"])
        )
        .expect("a string takes all");
        self.lines.push(text);
    }

    /// Rows for every option but the start, in any order and more than once; `else` at the end of some.
    fn rules(&mut self, mut text: String, scope: &Scope) {
        text.push_str("  rules {\n");
        for option in [*self.dice.pick(&["go", "wait"]), "stop", "go"] {
            writeln!(text, "    {}: {option}", self.condition(scope, 1)).expect("a string takes all");
        }
        if self.dice.chance(2) {
            text.push_str("    else: wait\n");
        }
        text.push_str("  }");
        self.lines.push(text);
    }

    fn ends(&mut self, scope: &Scope) -> String {
        let stocks: Vec<Item> = self
            .all
            .iter()
            .filter(|i| i.kind == Kind::Stock)
            .cloned()
            .collect();
        let end = |writer: &mut Writer| {
            let stock = writer.dice.pick(&stocks).clone();
            writer.reference(&stock, scope)
        };
        match self.dice.below(4) {
            0 => format!("from {}", end(self)),
            1 => format!("to {}", end(self)),
            _ => match (end(self), end(self)) {
                (from, to) if from == to => format!("from {from}"),
                (from, to) => format!("from {from} to {to}"),
            },
        }
    }

    fn flow(&mut self, item: &Item, head: &str, scope: &Scope) {
        let ends = self.ends(scope);
        let rate = self.expression(scope, 2);
        let rate = match self.dice.below(3) {
            0 => format!("({rate}) / 5 day"),
            1 => format!("abs({rate}) / 5 day"),
            _ => format!("abs(tanh({rate})) * {} / 4 day", self.read(scope, false)),
        };
        let pipeline = if item.pipeline {
            format!(
                " through pipeline({}, {} day)",
                1 + self.dice.below(3),
                self.dice.pick(&["4", "10", "0.5"])
            )
        } else {
            String::new()
        };
        self.lines.push(format!("flow {head} {ends}{pipeline} = {rate}"));
    }

    fn attributes(&mut self) {
        let stocks: Vec<Item> = self
            .all
            .iter()
            .filter(|i| i.kind == Kind::Stock)
            .cloned()
            .collect();
        for number in 0..self.dice.below(3) {
            let shape = self.dice.pick(&stocks).shape.clone();
            let on: Vec<String> = stocks
                .iter()
                .filter(|s| s.shape == shape)
                .map(|s| s.name.clone())
                .collect();
            let on = on[..1 + self.dice.below(on.len())].join(", ");
            let rate = if self.dice.chance(2) {
                format!(" rate tanh({}) * 0.1 / 1 day", self.expression(&Scope::new(), 1))
            } else {
                String::new()
            };
            self.lines.push(format!(
                "attribute worth_{number} of {on} = 0.{}{rate}",
                1 + self.dice.below(9)
            ));
            let first = stocks
                .iter()
                .find(|s| on.starts_with(&s.name))
                .expect("one was picked")
                .clone();
            let reference = self.reference(&first, &Scope::new());
            self.lines.push(format!(
                "series worth_{number}_read = worth_{number} of {reference}"
            ));
            self.lines.push(format!(
                "let worth_{number}_told = worth_{number} of {reference} + 1"
            ));
            self.lines
                .push(format!("measure worth_{number}_measured = worth_{number}_told"));
        }
    }

    fn transfers(&mut self) {
        for number in 0..self.dice.below(3) {
            let Some(event) = self.some(false, &[Kind::Event]) else {
                return;
            };
            let scope: Scope = if self.dice.chance(2) {
                vec![("i".to_owned(), 'I')]
            } else {
                Scope::new()
            };
            let head = if scope.is_empty() {
                String::new()
            } else {
                "[i: I]".to_owned()
            };
            let (amount, ends) = (self.expression(&scope, 1), self.ends(&scope));
            let event = self.reference(&event, &scope);
            self.lines.push(format!(
                "transfer sent_{number}{head} = {amount} {ends} on {event}"
            ));
        }
    }

    fn outputs(&mut self) {
        for item in self.all.clone() {
            let (head, scope) = self.head(&item);
            let subscripts: Vec<String> = scope.iter().map(|(name, _)| name.clone()).collect();
            let own = if subscripts.is_empty() {
                item.name.clone()
            } else {
                format!("{}[{}]", item.name, subscripts.join(", "))
            };
            let value = match item.kind {
                Kind::Event | Kind::Choice => continue,
                Kind::Flow => format!("{own} * 1 day"),
                _ => own,
            };
            let head = head.replacen(&item.name, &format!("{}_read", item.name), 1);
            self.lines.push(format!("series {head} = {value}"));
        }
        let scope = Scope::new();
        for number in 0..4 {
            let read = self.expression(&scope, 2);
            let value = match self.dice.below(7) {
                0 => format!("change of ({read})"),
                1 => format!("total of ({read}) / 10 day"),
                2 => format!("highest of ({read})"),
                3 => format!("lowest of ({read})"),
                4 => format!("average of ({read})"),
                _ => read,
            };
            let when = *self.dice.pick(&["", " by 2024-02-20", " at 2024-02-11"]);
            self.lines
                .push(format!("measure number_{number} = {value}{when}"));
        }
        for number in 0..2 {
            let condition = self.condition(&scope, 2);
            let when = *self.dice.pick(&["", " by 2024-02-20", " at 2024-02-11"]);
            self.lines
                .push(format!("question asked_{number} = {condition}{when}"));
        }
        self.lines
            .push("measure of_measures = 2 * number_0 + number_1".to_owned());
        let flows: Vec<Item> = self
            .all
            .iter()
            .filter(|i| i.kind == Kind::Flow)
            .cloned()
            .collect();
        let flow = self.dice.pick(&flows).clone();
        let reference = self.reference(&flow, &scope);
        self.lines.push(format!("measure flowed = total of {reference}"));
        self.lines
            .push(format!("measure wanted_of_flow = wanted({reference}) * 1 day"));
    }

    fn interventions(&mut self) {
        for number in 0..2 + self.dice.below(2) {
            let mut changes: Vec<String> = Vec::new();
            let mut changed: Vec<String> = Vec::new();
            for _ in 0..1 + self.dice.below(2) {
                let item = self.dice.pick(&self.all).clone();
                if changed.contains(&item.name) {
                    continue;
                }
                changed.push(item.name.clone());
                let target = if self.dice.chance(2) {
                    self.reference(&item, &Scope::new())
                } else {
                    item.name.clone()
                };
                let from = *self.dice.pick(&["", "", " from 2024-02-12"]);
                let change = match (item.kind, self.dice.below(3)) {
                    (Kind::Event, 0) => format!("{target} = never{from}"),
                    (Kind::Event, 1) => format!("{target} = always{from}"),
                    (Kind::Event, _) => format!("{target} = at 2024-02-1{}{from}", self.dice.below(9)),
                    (Kind::Choice, 0) => format!("freeze {target}{from}"),
                    (Kind::Choice, _) => format!("{target} = go{from}"),
                    (Kind::Stock, _) => format!("{target} = 3"),
                    (Kind::Constant | Kind::Parameter, _) => format!("{target} = 0.4{from}"),
                    (_, 0) => format!("freeze {target}{from}"),
                    (Kind::Noise, 1) => format!("{target} = median{from}"),
                    (Kind::Flow, _) => format!("{target} = cut 0.3 / 1 day{from}"),
                    _ => format!("{target} = cut 0.3{from}"),
                };
                changes.push(format!("  {change}"));
            }
            self.lines.push(format!(
                "intervention change_{number} {{\n{}\n}}",
                changes.join("\n")
            ));
        }
    }
}
