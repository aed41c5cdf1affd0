//! By hand for this processor: rows of futures side by side, loops over them fused by hand, everything a block needs in the fastest cache.
//!
//! Futures, random numbers and elementary functions are Melian's, so its answers are met but for rounding. Powers are taken together: one exponential of a
//! sum of logarithms, and the logarithms serve the ratio of strengths too.

use melian_engine::distribution::{beta, normal};
use melian_engine::ensemble::SCRAMBLES;
use melian_engine::math::{plain_exp, plain_ln, tanh};
use melian_engine::noise::{parameter, site, uniform_pair};
use rayon::prelude::*;

use crate::statistics::{Answers, PROBABILITIES};
use crate::{ELECTION, OUTPUTS, Size};

/// Futures side by side: draws of one replication. The state of eight sectors and actors and a draw's parameters then take 45 KB.
const LANES: usize = 32;

type Row = [f64; LANES];

/// Makes a row, lane by lane. Not a closure: one that the compiler does not inline is compiled for another processor.
macro_rules! row {
    (|$lane:ident| $value:expr) => {{
        let mut row: Row = [0.0; LANES];
        for $lane in 0..LANES {
            row[$lane] = $value;
        }
        row
    }};
}

/// Makes a row for each of the two sides.
macro_rules! sides {
    (|$side:ident| $row:expr) => {{
        let mut rows = [[0.0; LANES]; 2];
        for $side in 0..2 {
            rows[$side] = $row;
        }
        rows
    }};
}

/// Does something to every lane. Inlined by force, or it is compiled for another processor.
#[inline(always)]
fn each(of: Row, to: impl Fn(f64) -> f64) -> Row {
    row!(|lane| to(of[lane]))
}

/// Standard normal quantiles: few lanes are in the tails.
#[inline(always)]
fn normal_of(u: Row) -> Row {
    let mut central = true;
    let mut z = [0.0; LANES];
    for lane in 0..LANES {
        central &= normal::has_plain_quantile(u[lane]);
        z[lane] = normal::plain_quantile(u[lane]);
    }
    if !central {
        for lane in 0..LANES {
            if !normal::has_plain_quantile(u[lane]) {
                z[lane] = normal::quantile(u[lane]);
            }
        }
    }
    z
}

/// Minus the standard Gumbel quantile.
#[inline(always)]
fn gumbel(u: f64) -> f64 {
    plain_ln(-plain_ln(u))
}

/// Where random numbers belong.
struct Sites {
    escalated: u64,
    lost: u64,
    /// `[actor][option]`.
    tastes: Vec<[u64; 3]>,
    /// `[sector][side]`.
    losses: Vec<[u64; 2]>,
    moods: Vec<u64>,
}

impl Sites {
    fn new(size: &Size) -> Sites {
        let actors = 0..size.actors;
        Sites {
            escalated: site("escalated"),
            lost: site("lost"),
            tastes: actors
                .clone()
                .map(|a| ["low", "middle", "surging"].map(|option| site(&format!("support[a{a}]:{option}"))))
                .collect(),
            losses: (0..size.sectors)
                .map(|s| ["attacker", "defender"].map(|side| site(&format!("z[s{s},{side}]"))))
                .collect(),
            moods: actors.map(|a| site(&format!("mood[a{a}]"))).collect(),
        }
    }
}

/// Parameters of neighbouring draws.
struct Parameters {
    ln_alpha: [Row; 2],
    p: Row,
    q: Row,
    sigma: Row,
    kappa: Row,
    delta: Row,
    rho: [Row; 2],
    prod: [Row; 2],
    h0: Row,
    pi: Row,
    lambda: Row,
    beta: Row,
    phi: Row,
    aid: Vec<Row>,
}

impl Parameters {
    #[inline(always)]
    fn new(size: &Size, seed: u64, first: u32) -> Parameters {
        let uniform = |name: &str| {
            let site = site(name);
            row!(|lane| parameter(seed, site, first + lane as u32))
        };
        let normal = |name: &str| normal_of(uniform(name));
        let lognormal =
            |name: &str, median: f64, sigma: f64| each(normal(name), |z| median * plain_exp(sigma * z));
        let sides = |name: &str| [format!("{name}[attacker]"), format!("{name}[defender]")];
        let of_sides = |name: &str, medians: [f64; 2], sigma: f64| {
            let [attacker, defender] = sides(name);
            [
                lognormal(&attacker, medians[0], sigma),
                lognormal(&defender, medians[1], sigma),
            ]
        };
        let triangular = |name: &str, low: f64, mode: f64, high: f64| {
            each(uniform(name), |u| {
                let left = low + (u * (high - low) * (mode - low)).sqrt();
                let right = high - ((1.0 - u) * (high - low) * (high - mode)).sqrt();
                if u < (mode - low) / (high - low) {
                    left
                } else {
                    right
                }
            })
        };
        let beta = |name: &str, a: f64, b: f64| each(uniform(name), |u| beta::quantile(a, b, u));
        Parameters {
            ln_alpha: of_sides("alpha", [0.020, 0.025], 0.25).map(|alpha| each(alpha, plain_ln)),
            p: triangular("p", 0.5, 0.7, 0.9),
            q: triangular("q", 0.2, 0.4, 0.5),
            sigma: triangular("sigma", 0.1, 0.25, 0.5),
            kappa: lognormal("kappa", 8.0, 0.4),
            delta: each(normal("delta"), |z| 0.10 + 0.10 * z),
            rho: of_sides("rho", [6.0, 5.0], 0.2),
            prod: of_sides("prod", [60.0, 20.0], 0.2),
            h0: lognormal("h0", 0.002, 0.6),
            pi: beta("pi", 4.0, 3.0),
            lambda: beta("lambda", 2.0, 5.0),
            beta: lognormal("beta_choice", 1.5, 0.3),
            phi: beta("phi", 2.0, 8.0),
            aid: (0..size.actors)
                .map(|a| each(normal(&format!("aid_raw[a{a}]")), |z| (5.0 + 1.5 * z).max(0.0)))
                .collect(),
        }
    }
}

/// State at the start of a week.
struct State {
    n: Vec<[Row; 2]>,
    k: Vec<[Row; 2]>,
    m: Vec<[Row; 2]>,
    f: Vec<Row>,
    central: [Row; 2],
    pipeline: Vec<Row>,
    w: Vec<Row>,
    choice: Vec<Row>,
    tie: Vec<Row>,
    escalated: Row,
    lost: Row,
    below: Row,
}

const MORALE: [f64; 2] = [0.75, 0.80];
const CAP: [f64; 2] = [80.0, 70.0];

fn strength(s: usize) -> [f64; 2] {
    [45.0, 38.0].map(|strength| strength * [0.85, 0.95, 1.05, 1.15][s % 4])
}

impl State {
    fn new(size: &Size) -> State {
        let row = [0.0; LANES];
        State {
            n: vec![[row; 2]; size.sectors],
            k: vec![[row; 2]; size.sectors],
            m: vec![[row; 2]; size.sectors],
            f: vec![row; size.sectors],
            central: [row; 2],
            pipeline: vec![row; size.actors],
            w: vec![row; size.actors],
            choice: vec![row; size.actors],
            tie: vec![row; size.actors * size.actors],
            escalated: row,
            lost: row,
            below: row,
        }
    }

    fn begin(&mut self, size: &Size, parameters: &Parameters) {
        let actors = size.actors;
        for s in 0..size.sectors {
            for i in 0..2 {
                let n0 = strength(s)[i];
                self.n[s][i] = [n0; LANES];
                self.k[s][i] = [[0.9, 0.7][i] * n0; LANES];
                self.m[s][i] = [MORALE[i]; LANES];
            }
            self.f[s] = [0.0; LANES];
        }
        self.central = [[400.0; LANES], [150.0; LANES]];
        for a in 0..actors {
            self.pipeline[a] = scaled(&parameters.aid[a], 3.0);
            self.w[a] = [0.4 + 0.4 * a as f64 / (actors - 1) as f64; LANES];
            self.choice[a] = [1.0; LANES];
            for b in 0..actors {
                self.tie[a * actors + b] = [0.2 + 0.6 / (1.0 + a.abs_diff(b) as f64); LANES];
            }
        }
        self.escalated = [0.0; LANES];
        self.lost = [0.0; LANES];
        self.below = [0.0; LANES];
    }
}

/// Random numbers of a week.
struct Luck {
    seed: u64,
    first: u32,
    replication: u32,
    week: u32,
}

impl Luck {
    #[inline(always)]
    fn row(&self, site: u64) -> Row {
        let mut row = [0.0; LANES];
        for pair in 0..LANES / 2 {
            let at = self.first / 2 + pair as u32;
            let [even, odd] = uniform_pair(self.seed, site, at, self.replication, self.week);
            row[2 * pair] = even;
            row[2 * pair + 1] = odd;
        }
        row
    }
}

#[inline(always)]
fn sum<'a>(rows: impl Iterator<Item = &'a Row>) -> Row {
    let mut sum = [0.0; LANES];
    for row in rows {
        for lane in 0..LANES {
            sum[lane] += row[lane];
        }
    }
    sum
}

#[inline(always)]
fn scaled(of: &Row, by: f64) -> Row {
    row!(|lane| by * of[lane])
}

/// Takes a block through a week; returns what is recorded.
#[inline(always)]
#[expect(
    clippy::needless_range_loop,
    reason = "lanes of many rows are walked together"
)]
fn week(
    size: &Size,
    parameters: &Parameters,
    sites: &Sites,
    state: &mut State,
    luck: &Luck,
) -> [Row; OUTPUTS] {
    let (sectors, actors) = (size.sectors, size.actors);
    let of_sector = 1.0 / sectors as f64;
    let of_actor = 1.0 / actors as f64;
    let front = scaled(&sum(state.f.iter()), of_sector);

    let surging = |choice: &[Row]| -> Row {
        let mut count = [0.0; LANES];
        for choice in choice {
            for lane in 0..LANES {
                count[lane] += if choice[lane] == 2.0 { 1.0 } else { 0.0 };
            }
        }
        scaled(&count, of_actor)
    };
    let before = surging(&state.choice);
    let u = luck.row(sites.escalated);
    for lane in 0..LANES {
        let hazard = parameters.h0[lane] * plain_exp(1.5 * before[lane] + 0.005 * front[lane].abs());
        let escalates = u[lane] < 1.0 - plain_exp(-hazard);
        state.escalated[lane] = if escalates { 1.0 } else { state.escalated[lane] };
    }
    if luck.week as usize == ELECTION {
        let u = luck.row(sites.lost);
        for lane in 0..LANES {
            state.lost[lane] = if u[lane] < 1.0 - parameters.pi[lane] {
                1.0
            } else {
                0.0
            };
        }
    }
    let e = state.escalated;
    if luck.week.is_multiple_of(4) {
        for a in 0..actors {
            let tastes = [
                luck.row(sites.tastes[a][0]),
                luck.row(sites.tastes[a][1]),
                luck.row(sites.tastes[a][2]),
            ];
            let w = state.w[a];
            state.choice[a] = row!(|lane| {
                let (w, front, e) = (w[lane] - 0.5, front[lane] / 100.0, e[lane]);
                let beta = parameters.beta[lane];
                let low = beta * (-2.0 * w - 0.2 * front + 0.3 * e) - gumbel(tastes[0][lane]);
                let middle = beta * 0.5 - gumbel(tastes[1][lane]);
                let surging = beta * (-0.2 + 2.0 * w + 0.4 * front - 0.3 * e) - gumbel(tastes[2][lane]);
                let (choice, best) = if low < middle { (1.0, middle) } else { (0.0, low) };
                if best < surging { 2.0 } else { choice }
            });
        }
    }

    let arrivals = scaled(&sum(state.pipeline.iter()), 1.0 / 3.0);
    for a in 0..actors {
        for lane in 0..LANES {
            let choice = state.choice[a][lane];
            let factor = if choice == 0.0 {
                0.4
            } else if choice == 1.0 {
                1.0
            } else {
                1.8
            };
            let withheld = if a == 0 { 1.0 - 0.7 * state.lost[lane] } else { 1.0 };
            let pledged = 2.0 * parameters.aid[a][lane] * factor * state.w[a][lane] * withheld;
            state.pipeline[a][lane] += pledged - state.pipeline[a][lane] * (1.0 / 3.0);
        }
    }

    let mut need = [[0.0; LANES]; 2];
    let mut requested = [[0.0; LANES]; 2];
    for s in 0..sectors {
        let n0 = strength(s);
        for i in 0..2 {
            for lane in 0..LANES {
                let n = state.n[s][i][lane];
                need[i][lane] += (n0[i] - n).max(0.0);
                requested[i][lane] += (n - state.k[s][i][lane]).max(0.0);
            }
        }
    }
    let filled = sides!(|i| row!(|lane| (parameters.rho[i][lane] / need[i][lane].max(1e-6)).min(1.0)));
    let shipped = sides!(|i| row!(|lane| state.central[i][lane].min(CAP[i]).min(requested[i][lane])));
    let share = sides!(|i| row!(|lane| shipped[i][lane] / requested[i][lane].max(1e-6)));

    let mut losses = [[0.0; LANES]; 2];
    let mut strengths = [[0.0; LANES]; 2];
    let mut y_sum = [0.0; LANES];
    for s in 0..sectors {
        let n0 = strength(s);
        let (n, k, m) = (state.n[s], state.k[s], state.m[s]);
        let used = sides!(|i| row!(|lane| f64::min(k[i][lane], 0.2 * n[i][lane])));
        // n m (0.3 + 0.7 used / (0.2 n))
        let x = sides!(|i| row!(|lane| m[i][lane] * (0.3 * n[i][lane] + 3.5 * used[i][lane])));
        let ln_x = sides!(|i| row!(|lane| plain_ln(x[i][lane])));
        let y = row!(|lane| tanh(1.5 * (ln_x[0][lane] - ln_x[1][lane] - parameters.delta[lane])));
        let f = state.f[s];
        state.f[s] = row!(|lane| f[lane] + parameters.kappa[lane] * y[lane]);
        for lane in 0..LANES {
            y_sum[lane] += y[lane];
        }
        for j in 0..2 {
            let i = 1 - j;
            let z = luck.row(sites.losses[s][j]);
            let z = normal_of(z);
            let loss = row!(|lane| {
                let sigma = parameters.sigma[lane];
                let weights = parameters.p[lane] * ln_x[i][lane] + parameters.q[lane] * plain_ln(n[j][lane]);
                let loss =
                    plain_exp(parameters.ln_alpha[i][lane] + weights + sigma * z[lane] - 0.5 * sigma * sigma);
                loss.min(0.5 * n[j][lane])
            });
            let sign = [0.01, -0.01][j];
            state.m[s][j] = row!(|lane| {
                let m = m[j][lane];
                let morale = m + 0.05 * (MORALE[j] - m) - 0.8 * loss[lane] / n[j][lane] + sign * y[lane];
                morale.clamp(0.05, 1.0)
            });
            state.k[s][j] = row!(|lane| {
                let k = k[j][lane];
                k - used[j][lane] + share[j][lane] * (n[j][lane] - k).max(0.0)
            });
            state.n[s][j] = row!(|lane| {
                let n = n[j][lane];
                (n - loss[lane] + (n0[j] - n).max(0.0) * filled[j][lane]).max(0.5)
            });
            for lane in 0..LANES {
                losses[j][lane] += loss[lane];
                strengths[j][lane] += x[j][lane];
            }
        }
    }
    for lane in 0..LANES {
        state.central[0][lane] += parameters.prod[0][lane] * (1.0 + 0.2 * e[lane]) - shipped[0][lane];
        state.central[1][lane] += parameters.prod[1][lane] + arrivals[lane] - shipped[1][lane];
    }

    let mut tie_sum = [0.0; LANES];
    let mut w_next = [[0.0; LANES]; 64];
    for a in 0..actors {
        let mut pull = [0.0; LANES];
        for b in 0..actors {
            let (w_a, w_b, tie) = (&state.w[a], &state.w[b], &mut state.tie[a * actors + b]);
            for lane in 0..LANES {
                let distance = w_b[lane] - w_a[lane];
                let before = tie[lane];
                pull[lane] += before * distance;
                let after = before + 0.2 * parameters.lambda[lane] * (1.0 - distance.abs() - before);
                tie[lane] = after;
                tie_sum[lane] += after;
            }
        }
        let mood = luck.row(sites.moods[a]);
        let mood = normal_of(mood);
        let w = state.w[a];
        w_next[a] = row!(|lane| {
            let w = w[lane];
            let next = w
                + 0.1 * parameters.phi[lane] * (0.6 - w)
                + 0.1 * of_actor * pull[lane]
                + 0.02 * of_sector * y_sum[lane]
                + 0.02 * mood[lane]
                - 0.01 * e[lane];
            next.clamp(0.0, 1.0)
        });
    }
    state.w.copy_from_slice(&w_next[..actors]);

    let side = |of: &[[Row; 2]], i: usize| sum(of.iter().map(|sides| &sides[i]));
    let (mut greatest, mut least) = (state.f[0], state.f[0]);
    for f in &state.f {
        for lane in 0..LANES {
            greatest[lane] = greatest[lane].max(f[lane]);
            least[lane] = least[lane].min(f[lane]);
        }
    }
    let defenders = side(&state.n, 1);
    for lane in 0..LANES {
        state.below[lane] = if defenders[lane] < 220.0 {
            1.0
        } else {
            state.below[lane]
        };
    }
    [
        side(&state.n, 0),
        defenders,
        losses[0],
        losses[1],
        scaled(&side(&state.m, 0), of_sector),
        scaled(&side(&state.m, 1), of_sector),
        side(&state.k, 0),
        side(&state.k, 1),
        state.central[0],
        state.central[1],
        sum(state.f.iter()),
        greatest,
        least,
        arrivals,
        sum(state.pipeline.iter()),
        scaled(&sum(state.w.iter()), of_actor),
        scaled(&tie_sum, of_actor * of_actor),
        surging(&state.choice),
        e,
        row!(|lane| plain_ln(strengths[0][lane] / strengths[1][lane])),
    ]
}

/// Bits of a double below those that name its bucket: 64 buckets per doubling, as in Melian.
const DROPPED_BITS: u32 = 46;

/// Values of a series in a week that are counted together: tables fit no cache, so each is visited rarely.
const BATCH: usize = 20 * LANES;

/// The bit of a bucket of negative values.
const NEGATIVE: u32 = 1 << (63 - DROPPED_BITS);

/// Counts of a series in a week.
#[derive(Clone, Default)]
struct Table {
    zeros: u32,
    /// Positive and negative values.
    windows: [Window; 2],
}

/// Counts of neighbouring buckets.
#[derive(Clone, Default)]
struct Window {
    first: u32,
    counts: Vec<u32>,
}

impl Table {
    fn count(&mut self, buckets: &[u32]) {
        for &bucket in buckets {
            let window = &mut self.windows[(bucket >= NEGATIVE) as usize];
            if let Some(count) = window.counts.get_mut(bucket.wrapping_sub(window.first) as usize) {
                *count += 1;
            } else if bucket == 0 {
                self.zeros += 1;
            } else {
                window.grow(bucket);
            }
        }
    }
}

impl Window {
    /// Counts a value beyond the window.
    #[cold]
    fn grow(&mut self, bucket: u32) {
        const ROOM: u32 = 32;
        if self.counts.is_empty() {
            self.first = bucket & !(ROOM - 1);
        }
        if bucket < self.first {
            let first = bucket & !(ROOM - 1);
            let more = (self.first - first) as usize;
            self.counts.splice(0..0, std::iter::repeat_n(0, more));
            self.first = first;
        }
        let place = (bucket - self.first) as usize;
        if place >= self.counts.len() {
            self.counts.resize((place + 1).next_multiple_of(ROOM as usize), 0);
        }
        self.counts[place] += 1;
    }
}

/// What a thread has seen.
struct Seen {
    /// `[week][output]`.
    tables: Vec<Table>,
    /// Buckets of values that no table has yet: `[week][output]`.
    waiting: Vec<[u32; BATCH]>,
    /// How many there are of each.
    filled: usize,
    /// `[week][output]`, by scramble.
    sums: Vec<[f64; SCRAMBLES]>,
    events: [u64; 3],
}

impl Seen {
    fn new(size: &Size) -> Seen {
        let cells = if size.statistics { size.weeks * OUTPUTS } else { 0 };
        Seen {
            tables: vec![Table::default(); cells],
            waiting: vec![[0; BATCH]; cells],
            filled: 0,
            sums: vec![[0.0; SCRAMBLES]; size.weeks * OUTPUTS],
            events: [0; 3],
        }
    }

    #[inline(always)]
    fn look(&mut self, cell: usize, values: &Row) {
        let waiting: &mut [u32; LANES] = (&mut self.waiting[cell][self.filled..][..LANES])
            .try_into()
            .expect("a batch holds whole rows");
        for lane in 0..LANES {
            waiting[lane] = (values[lane].to_bits() >> DROPPED_BITS) as u32;
        }
    }

    /// Notes that rows of all series and weeks are there.
    fn passed(&mut self) {
        self.filled += LANES;
        if self.filled == BATCH {
            self.count();
        }
    }

    fn count(&mut self) {
        for (table, waiting) in self.tables.iter_mut().zip(&self.waiting) {
            table.count(&waiting[..self.filled]);
        }
        self.filled = 0;
    }

    #[inline(always)]
    fn add(&mut self, cell: usize, values: &Row) {
        let sums = &mut self.sums[cell];
        for group in values.chunks_exact(SCRAMBLES) {
            for (sum, value) in sums.iter_mut().zip(group) {
                *sum += value;
            }
        }
    }
}

/// Runs replications of a block of draws.
#[inline(always)]
fn block(size: &Size, seed: u64, first: u32, sites: &Sites, state: &mut State, seen: &mut Seen) {
    let parameters = Parameters::new(size, seed, first);
    for replication in 0..size.replications as u32 {
        state.begin(size, &parameters);
        for time in 0..size.weeks {
            let luck = Luck {
                seed,
                first,
                replication,
                week: time as u32,
            };
            let outputs = week(size, &parameters, sites, state, &luck);
            for (output, values) in outputs.iter().enumerate() {
                seen.add(time * OUTPUTS + output, values);
                if size.statistics {
                    seen.look(time * OUTPUTS + output, values);
                }
            }
        }
        seen.passed();
        for lane in 0..LANES {
            let front: f64 = state.f.iter().map(|f| f[lane]).sum();
            seen.events[0] += u64::from(state.escalated[lane] > 0.0);
            seen.events[1] += u64::from(front > 300.0);
            seen.events[2] += u64::from(state.below[lane] > 0.0);
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,fma")]
fn block_avx512(size: &Size, seed: u64, first: u32, sites: &Sites, state: &mut State, seen: &mut Seen) {
    block(size, seed, first, sites, state, seen);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn block_avx2(size: &Size, seed: u64, first: u32, sites: &Sites, state: &mut State, seen: &mut Seen) {
    block(size, seed, first, sites, state, seen);
}

fn block_here(size: &Size, seed: u64, first: u32, sites: &Sites, state: &mut State, seen: &mut Seen) {
    #[cfg(target_arch = "x86_64")]
    {
        let wide = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl");
        if wide && is_x86_feature_detected!("fma") {
            #[expect(
                unsafe_code,
                reason = "the only way to call code for a processor found at run time"
            )]
            // SAFETY: the processor has been asked for what the function is compiled for.
            return unsafe { block_avx512(size, seed, first, sites, state, seen) };
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            #[expect(unsafe_code, reason = "as above")]
            // SAFETY: as above.
            return unsafe { block_avx2(size, seed, first, sites, state, seen) };
        }
    }
    block(size, seed, first, sites, state, seen);
}

/// Runs all futures.
///
/// # Panics
/// Draws do not fill blocks.
pub fn run(size: &Size, seed: u64) -> Answers {
    let draws = size.replicas / size.replications;
    assert!(draws.is_multiple_of(LANES), "draws come in blocks of {LANES}");
    assert!(size.actors <= 64, "there are at most 64 actors");
    let sites = Sites::new(size);
    let blocks = (draws / LANES) as u32;
    let parts = rayon::current_num_threads() as u32;
    let seen: Vec<Seen> = (0..parts)
        .into_par_iter()
        .with_max_len(1)
        .map(|part| {
            let mut seen = Seen::new(size);
            let mut state = State::new(size);
            for number in blocks * part / parts..blocks * (part + 1) / parts {
                block_here(size, seed, number * LANES as u32, &sites, &mut state, &mut seen);
            }
            seen.count();
            seen
        })
        .collect();
    let cells = size.weeks * OUTPUTS;
    let of_cells: Vec<(f64, f64, [f64; 5])> = (0..cells)
        .into_par_iter()
        .map(|cell| of_cell(size, &seen, cell))
        .collect();
    let by_week = |of: fn(&(f64, f64, [f64; 5])) -> f64| -> Vec<Vec<f64>> {
        of_cells
            .chunks(OUTPUTS)
            .map(|week| week.iter().map(of).collect())
            .collect()
    };
    let events = [0, 1, 2].map(|which| seen.iter().map(|seen| seen.events[which]).sum::<u64>());
    Answers {
        seconds: Vec::new(),
        mean: by_week(|cell| cell.0),
        error: by_week(|cell| cell.1),
        quantiles: of_cells
            .chunks(OUTPUTS)
            .map(|week| week.iter().map(|cell| cell.2).collect())
            .collect(),
        events: events.map(|count| count as f64 / size.replicas as f64),
        replicas: size.replicas,
    }
}

/// Returns mean, standard error and quantiles of a series in a week.
fn of_cell(size: &Size, seen: &[Seen], cell: usize) -> (f64, f64, [f64; 5]) {
    let scrambles: [f64; SCRAMBLES] =
        std::array::from_fn(|scramble| seen.iter().map(|seen| seen.sums[cell][scramble]).sum::<f64>());
    let of_scramble = size.replicas as f64 / SCRAMBLES as f64;
    let mean = scrambles.iter().sum::<f64>() / size.replicas as f64;
    let square: f64 = scrambles
        .iter()
        .map(|sum| (sum / of_scramble - mean) * (sum / of_scramble - mean))
        .sum();
    let error = (square / (SCRAMBLES - 1) as f64 / SCRAMBLES as f64).sqrt();
    if !size.statistics {
        return (mean, error, [f64::NAN; 5]);
    }
    let mut counts: Vec<(f64, u32)> = Vec::new();
    let value = |bucket: u32| f64::from_bits((u64::from(bucket) << DROPPED_BITS) | 1 << (DROPPED_BITS - 1));
    for table in seen.iter().map(|seen| &seen.tables[cell]) {
        counts.push((0.0, table.zeros));
        for window in &table.windows {
            let counted = window
                .counts
                .iter()
                .zip(window.first..)
                .filter(|(count, _)| **count > 0);
            counts.extend(counted.map(|(&count, bucket)| (value(bucket), count)));
        }
    }
    counts.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let order_statistic = |rank: u64| {
        let mut passed = 0;
        let at = counts.iter().find(|(_, count)| {
            passed += u64::from(*count);
            passed > rank
        });
        at.map_or(f64::NAN, |(value, _)| *value)
    };
    let quantiles = PROBABILITIES.map(|probability| {
        let rank = probability * (size.replicas - 1) as f64;
        let (lower, upper) = (order_statistic(rank as u64), order_statistic(rank.ceil() as u64));
        lower + (upper - lower) * rank.fract()
    });
    (mean, error, quantiles)
}
