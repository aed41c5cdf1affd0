//! Published vectors, and the properties that everything leans on.

use super::*;
use crate::ensemble::SCRAMBLES;

#[test]
fn philox_gives_the_published_vectors() {
    // Random123 1.09, kat_vectors, philox4x32 with 10 rounds.
    let cases = [
        (
            [0; 4],
            [0; 2],
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8],
        ),
        (
            [u32::MAX; 4],
            [u32::MAX; 2],
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd],
        ),
        (
            [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
            [0xa409_3822, 0x299f_31d0],
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1],
        ),
    ];
    for (counter, key, expected) in cases {
        assert_eq!(philox(counter, key), expected);
    }
}

#[test]
fn lanes_equal_the_scalar_to_the_bit() {
    const SITE: u64 = 0x1234_5678_9abc_def0;
    let draws: Vec<u32> = (0..334).map(|i| i / 10).collect();
    let replications: Vec<u32> = (0..334).map(|i| i % 10).collect();
    let mut lanes = vec![0.0_f64; 334];
    uniform_lanes(7, SITE, 51, &draws, &replications, &mut lanes);
    for lane in 0..334 {
        let scalar: f64 = uniform(7, SITE, draws[lane], replications[lane], 51);
        assert_eq!(lanes[lane].to_bits(), scalar.to_bits());
    }
    uniform_pairs(7, SITE, 51, &draws, &replications, &mut lanes);
    for (pair, lanes) in lanes.chunks_exact(2).enumerate() {
        for (lane, odd) in lanes.iter().zip(0..) {
            let scalar: f64 = uniform(7, SITE, 2 * draws[pair] + odd, replications[pair], 51);
            assert_eq!(lane.to_bits(), scalar.to_bits());
        }
    }
}

#[test]
fn single_precision_has_the_luck_of_double_precision() {
    for draw in 0..10_000 {
        let (single, double): (f32, f64) = (uniform(7, 9, draw, 3, 4), uniform(7, 9, draw, 3, 4));
        assert!(single > 0.0 && single < 1.0);
        assert!((f64::from(single) - double).abs() <= 0.5 * f64::from(f32::EPSILON));
    }
}

#[test]
fn uniforms_are_uniform_and_uncorrelated_between_neighbouring_addresses() {
    let n = 40_000u32;
    let at = |site, draw, replication, step| uniform::<f64>(3, site, draw, replication, step) - 0.5;
    /// Site, draw, replication, step.
    type Address = (u64, u32, u32, u32);
    let neighbours: [fn(u32) -> (Address, Address); 4] = [
        |i| ((9, i, 0, 0), (10, i, 0, 0)),
        |i| ((9, i, 0, 0), (9, i + 1, 0, 0)),
        |i| ((9, i, 1, 0), (9, i, 2, 0)),
        |i| ((9, i, 0, 4), (9, i, 0, 5)),
    ];
    for pair in neighbours {
        let (mut mean, mut square, mut cross) = (0.0, 0.0, 0.0);
        for i in 0..n {
            let (a, b) = pair(i);
            let (a, b) = (at(a.0, a.1, a.2, a.3), at(b.0, b.1, b.2, b.3));
            mean += a;
            square += a * a;
            cross += a * b;
        }
        let n = f64::from(n);
        // Standard errors: 1/sqrt(12 n), sqrt(1/180 n), 1/(12 sqrt n); five of each.
        assert!((mean / n).abs() < 5.0 / (12.0 * n).sqrt());
        assert!((square / n - 1.0 / 12.0).abs() < 5.0 / (180.0 * n).sqrt());
        assert!((cross / n).abs() < 5.0 / (12.0 * n.sqrt()));
    }
}

#[test]
fn the_first_points_of_a_scramble_fall_one_into_each_interval() {
    for k in [1u32, 3, 7, 10] {
        let points = 1u32 << k;
        for group in 0..SCRAMBLES as u32 {
            let mut seen = vec![0u32; points as usize];
            for index in 0..points {
                let u = parameter(11, 0xfeed_beef_0bad_cafe, index * SCRAMBLES as u32 + group);
                assert!(u > 0.0 && u < 1.0);
                seen[(u * f64::from(points)) as usize] += 1;
            }
            assert!(seen.iter().all(|&n| n == 1), "2^{k} points of scramble {group}");
        }
    }
}

#[test]
fn scrambles_and_sites_are_independent() {
    let n = 16_384u32;
    let correlation = |a: &dyn Fn(u32) -> f64, b: &dyn Fn(u32) -> f64| {
        (0..n).map(|i| (a(i) - 0.5) * (b(i) - 0.5)).sum::<f64>() / f64::from(n) * 12.0
    };
    let site = |site: u64| move |i: u32| parameter(5, site, i);
    // Independent uniforms have a correlation of standard deviation 1/sqrt(n).
    let bound = 5.0 / f64::from(n).sqrt();
    assert!(correlation(&site(1), &site(2)).abs() < bound);
    assert!(correlation(&site(1), &|i| parameter(6, 1, i)).abs() < bound);
    let scrambles = SCRAMBLES as u32;
    let group = |g: u32| move |i: u32| parameter(5, 1, i / scrambles * scrambles + g);
    assert!(correlation(&group(0), &group(1)).abs() < bound);
}

#[test]
fn parameters_beat_plain_chance_on_a_smooth_mean() {
    let n = 1024u32;
    let error = |u: &dyn Fn(u32) -> f64| {
        let mean = (0..n).map(|d| u(d) * u(d)).sum::<f64>() / f64::from(n);
        (mean - 1.0 / 3.0).abs()
    };
    let (mut quasi, mut plain) = (0.0, 0.0);
    for seed in 0..32 {
        quasi += error(&|d| parameter(seed, 77, d));
        plain += error(&|d| uniform::<f64>(seed, 77, d, 0, 0));
    }
    assert!(quasi < 0.1 * plain, "{quasi} against {plain}");
}
