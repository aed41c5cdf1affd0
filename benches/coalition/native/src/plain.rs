//! One future after the other, in double precision, with the standard library's functions: what one writes first.

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};
use rand_distr::{Beta, Distribution, LogNormal, Normal, StandardNormal, Triangular};
use rayon::prelude::*;

use crate::statistics::{Answers, PROBABILITIES};
use crate::{ELECTION, OUTPUTS, Size};

fn exp(x: f64) -> f64 {
    x.exp()
}

fn ln(x: f64) -> f64 {
    x.ln()
}

fn tanh(x: f64) -> f64 {
    x.tanh()
}

fn pow(x: f64, y: f64) -> f64 {
    x.powf(y)
}

/// Runs all futures and takes exact quantiles.
pub fn run(size: &Size, seed: u64) -> Answers {
    let cells = size.weeks * OUTPUTS;
    let mut values = vec![0.0; size.replicas * cells];
    let events: Vec<[bool; 3]> = (values.par_chunks_mut(cells).enumerate())
        .map(|(replica, outputs)| future(size, seed << 32 | replica as u64, outputs))
        .collect();
    let counted = |which: usize| events.iter().filter(|events| events[which]).count();
    let of_cells: Vec<(f64, f64, [f64; 5])> = (0..if size.statistics { cells } else { 0 })
        .into_par_iter()
        .map(|cell| {
            let mut column: Vec<f64> = values.iter().skip(cell).step_by(cells).copied().collect();
            let count = column.len() as f64;
            let mean = column.iter().sum::<f64>() / count;
            let square = column.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
            let error = (square / (count - 1.0) / count).sqrt();
            let quantiles = PROBABILITIES.map(|probability| {
                let rank = (probability * (count - 1.0)) as usize;
                *column.select_nth_unstable_by(rank, f64::total_cmp).1
            });
            (mean, error, quantiles)
        })
        .collect();
    let by_week = |of: fn(&(f64, f64, [f64; 5])) -> f64| {
        of_cells
            .chunks(OUTPUTS)
            .map(|week| week.iter().map(of).collect())
            .collect()
    };
    Answers {
        seconds: Vec::new(),
        mean: by_week(|cell| cell.0),
        error: by_week(|cell| cell.1),
        quantiles: of_cells
            .chunks(OUTPUTS)
            .map(|week| week.iter().map(|cell| cell.2).collect())
            .collect(),
        events: [0, 1, 2].map(|which| counted(which) as f64 / size.replicas as f64),
        replicas: size.replicas,
    }
}

/// Runs a future: its outputs week by week, and which events it has.
fn future(size: &Size, seed: u64, outputs: &mut [f64]) -> [bool; 3] {
    let Size {
        sectors,
        actors,
        weeks,
        ..
    } = *size;
    let mut rng = SmallRng::seed_from_u64(seed);
    let rng = &mut rng;
    let mut lognormal = |median: f64, sigma: f64| {
        LogNormal::new(ln(median), sigma)
            .expect("its spread is positive")
            .sample(&mut *rng)
    };
    let alpha = [lognormal(0.020, 0.25), lognormal(0.025, 0.25)];
    let kappa = lognormal(8.0, 0.4);
    let rho = [lognormal(6.0, 0.2), lognormal(5.0, 0.2)];
    let prod = [lognormal(60.0, 0.2), lognormal(20.0, 0.2)];
    let h0 = lognormal(0.002, 0.6);
    let beta_choice = lognormal(1.5, 0.3);
    let mut triangular = |low: f64, mode: f64, high: f64| {
        Triangular::new(low, high, mode)
            .expect("its mode lies within")
            .sample(&mut *rng)
    };
    let p = triangular(0.5, 0.7, 0.9);
    let q = triangular(0.2, 0.4, 0.5);
    let sigma = triangular(0.1, 0.25, 0.5);
    let mut beta = |a: f64, b: f64| {
        Beta::new(a, b)
            .expect("its shapes are positive")
            .sample(&mut *rng)
    };
    let pi = beta(4.0, 3.0);
    let lambda = beta(2.0, 5.0);
    let phi = beta(2.0, 8.0);
    let mut normal = |mean: f64, sd: f64| {
        Normal::new(mean, sd)
            .expect("its spread is positive")
            .sample(&mut *rng)
    };
    let delta = normal(0.10, 0.10);
    let aid: Vec<f64> = (0..actors).map(|_| normal(5.0, 1.5).max(0.0)).collect();

    let start = |strength: f64| -> Vec<f64> {
        (0..sectors)
            .map(|s| strength * (0.85 + 0.1 * (s % 4) as f64))
            .collect()
    };
    let n0 = [start(45.0), start(38.0)];
    let mbar = [0.75, 0.80];
    let mut n = n0.clone();
    let mut m = mbar.map(|morale| vec![morale; sectors]);
    let scaled = |of: &[f64], by: f64| -> Vec<f64> { of.iter().map(|n| by * n).collect() };
    let mut k = [scaled(&n0[0], 0.9), scaled(&n0[1], 0.7)];
    let mut f = vec![0.0; sectors];
    let mut central = [400.0, 150.0];
    let mut pipeline: Vec<f64> = aid.iter().map(|aid| 3.0 * aid).collect();
    let mut w: Vec<f64> = (0..actors)
        .map(|a| 0.4 + 0.4 * a as f64 / (actors - 1) as f64)
        .collect();
    let mut choice = vec![1; actors];
    let mut tie: Vec<f64> = (0..actors * actors)
        .map(|ab| 0.2 + 0.6 / (1.0 + (ab / actors).abs_diff(ab % actors) as f64))
        .collect();
    let (mut escalated, mut lost, mut below) = (false, false, false);
    let mut x = [vec![0.0; sectors], vec![0.0; sectors]];
    let mut y = vec![0.0; sectors];

    for week in 0..weeks {
        let front = f.iter().sum::<f64>() / sectors as f64;
        let surge = choice.iter().filter(|&&choice| choice == 2).count() as f64 / actors as f64;
        if !escalated {
            let hazard = h0 * exp(1.5 * surge + 0.5 * front.abs() / 100.0);
            escalated = rng.random::<f64>() < 1.0 - exp(-hazard);
        }
        if week == ELECTION {
            lost = rng.random::<f64>() < 1.0 - pi;
        }
        let e = f64::from(escalated);
        if week % 4 == 0 {
            for a in 0..actors {
                let worth = [
                    -2.0 * (w[a] - 0.5) - 0.2 * front / 100.0 + 0.3 * e,
                    0.5,
                    -0.2 + 2.0 * (w[a] - 0.5) + 0.4 * front / 100.0 - 0.3 * e,
                ];
                let weights = worth.map(|worth| exp(beta_choice * worth));
                let mut at = rng.random::<f64>() * weights.iter().sum::<f64>();
                choice[a] = 2;
                for (option, weight) in weights.iter().enumerate() {
                    if at < *weight {
                        choice[a] = option;
                        break;
                    }
                    at -= weight;
                }
            }
        }
        let arrivals = pipeline.iter().sum::<f64>() / 3.0;
        for a in 0..actors {
            let withheld = if a == 0 && lost { 0.3 } else { 1.0 };
            pipeline[a] += 2.0 * aid[a] * [0.4, 1.0, 1.8][choice[a]] * w[a] * withheld - pipeline[a] / 3.0;
        }
        let need: [Vec<f64>; 2] =
            [0, 1].map(|i| (0..sectors).map(|s| (n0[i][s] - n[i][s]).max(0.0)).collect());
        let filled = [0, 1].map(|i| (rho[i] / need[i].iter().sum::<f64>().max(1e-6)).min(1.0));
        let request: [Vec<f64>; 2] =
            [0, 1].map(|i| (0..sectors).map(|s| (n[i][s] - k[i][s]).max(0.0)).collect());
        let requested = [0, 1].map(|i| request[i].iter().sum::<f64>());
        let cap: [f64; 2] = [80.0, 70.0];
        let shipped = [0, 1].map(|i| cap[i].min(central[i]).min(requested[i]));
        let mut losses = [0.0; 2];
        for s in 0..sectors {
            let mut used = [0.0; 2];
            for i in 0..2 {
                let demand = 0.2 * n[i][s];
                used[i] = f64::min(k[i][s], demand);
                x[i][s] = n[i][s] * m[i][s] * (0.3 + 0.7 * used[i] / demand);
            }
            y[s] = tanh(1.5 * (ln(x[0][s] / x[1][s]) - delta));
            f[s] += kappa * y[s];
            for j in 0..2 {
                let i = 1 - j;
                let z: f64 = StandardNormal.sample(rng);
                let loss =
                    alpha[i] * pow(x[i][s], p) * pow(n[j][s], q) * exp(sigma * z - sigma * sigma / 2.0);
                let loss = loss.min(0.5 * n[j][s]);
                losses[j] += loss;
                let sign = [1.0, -1.0][j];
                m[j][s] = (m[j][s] + 0.05 * (mbar[j] - m[j][s]) - 0.8 * loss / n[j][s] + sign * 0.01 * y[s])
                    .clamp(0.05, 1.0);
                k[j][s] += shipped[j] * request[j][s] / requested[j].max(1e-6) - used[j];
                n[j][s] = (n[j][s] - loss + need[j][s] * filled[j]).max(0.5);
            }
        }
        central[0] += prod[0] * (1.0 + 0.2 * e) - shipped[0];
        central[1] += prod[1] + arrivals - shipped[1];
        let y_mean = y.iter().sum::<f64>() / sectors as f64;
        let before = w.clone();
        for a in 0..actors {
            let pull: f64 = (0..actors)
                .map(|b| tie[a * actors + b] * (before[b] - before[a]))
                .sum();
            let z: f64 = StandardNormal.sample(rng);
            w[a] = (before[a]
                + 0.1 * phi * (0.6 - before[a])
                + 0.1 / actors as f64 * pull
                + 0.02 * y_mean
                + 0.02 * z
                - 0.01 * e)
                .clamp(0.0, 1.0);
        }
        for a in 0..actors {
            for b in 0..actors {
                let tie = &mut tie[a * actors + b];
                *tie += 0.2 * lambda * (1.0 - (before[a] - before[b]).abs() - *tie);
            }
        }
        let sum = |of: &[f64]| of.iter().sum::<f64>();
        below |= sum(&n[1]) < 220.0;
        outputs[week * OUTPUTS..][..OUTPUTS].copy_from_slice(&[
            sum(&n[0]),
            sum(&n[1]),
            losses[0],
            losses[1],
            sum(&m[0]) / sectors as f64,
            sum(&m[1]) / sectors as f64,
            sum(&k[0]),
            sum(&k[1]),
            central[0],
            central[1],
            sum(&f),
            f.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            f.iter().copied().fold(f64::INFINITY, f64::min),
            arrivals,
            sum(&pipeline),
            sum(&w) / actors as f64,
            sum(&tie) / (actors * actors) as f64,
            choice.iter().filter(|&&choice| choice == 2).count() as f64 / actors as f64,
            e,
            ln(sum(&x[0]) / sum(&x[1])),
        ]);
    }
    [escalated, f.iter().sum::<f64>() > 300.0, below]
}
