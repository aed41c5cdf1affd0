//! The machine against the plain meaning of graphs, and one run against the same run done otherwise.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::run::{self as running, Plan, run_delivering, run_in_blocks};
use super::*;
use crate::allocate::allocate;
use crate::expand::add_differences;
use crate::graph::{NodeId, Watch, WatchKind};
use crate::number::Precision;
use crate::plain::{random_graph, same_bits, trajectory};
use crate::program::{Instruction, OutputKind, Program};
use crate::vm::{Features, Shape};
use crate::{World, compile};
use melian_language::check;

fn program(seed: u64) -> Program {
    let (graph, layout, clock) = random_graph(seed);
    allocate(&graph, layout, clock)
}

/// The same with what series differ by between the worlds.
fn paired(seed: u64) -> Program {
    let (mut graph, layout, clock) = random_graph(seed);
    add_differences(&mut graph);
    allocate(&graph, layout, clock)
}

/// Everything in an ensemble, to the bit.
fn print(ensemble: &Ensemble) -> String {
    fn bits<'a>(values: impl IntoIterator<Item = &'a f64>) -> String {
        values
            .into_iter()
            .map(|value| format!("{:016x} ", value.to_bits()))
            .collect::<String>()
    }
    let measures: String = ensemble.measures.iter().flatten().map(bits).collect();
    let summaries = ensemble.series.iter().chain(&ensemble.differences);
    let series: String = (summaries.flatten().flatten())
        .map(|summary| {
            let squares = if ensemble.differences.is_empty() {
                String::new()
            } else {
                bits(&summary.squares)
            };
            format!(
                "{} {:?} {:?}\n{squares}",
                bits(&summary.sums),
                summary.counts,
                summary.histogram
            )
        })
        .collect();
    let Ensemble {
        choices,
        events,
        problems,
        ..
    } = ensemble;
    format!("{measures}\n{series}\n{choices:?}\n{events:?}\n{problems:?}")
}

#[test]
fn a_program_means_what_its_graph_means() {
    for seed in 0..200 {
        let (graph, layout, clock) = random_graph(seed);
        let program = allocate(&graph, layout, clock);
        let size = Size {
            draws: 40,
            replications: 3,
            seed,
        };
        for (draw, replication) in [(0, 0), (39, 2)] {
            let machine = replay(&program, &size, draw, replication).unwrap();
            let plain = trajectory(&graph, clock, &size, draw, replication);
            if let Err(difference) = same_bits(&machine, &plain) {
                panic!("graph {seed}, future {draw}:{replication}: {difference}\n{graph:#?}\n{program}");
            }
        }
    }
}

#[test]
fn an_ensemble_holds_the_futures_that_replay_alone() {
    for seed in 0..30 {
        let program = program(seed);
        let size = Size {
            draws: 13,
            replications: 3,
            seed,
        };
        let ensemble = run(&program, &size, 2, &|_, _| true).unwrap();
        let replays: Vec<Trajectory> = (0..13)
            .flat_map(|draw| (0..3).map(move |replication| (draw, replication)))
            .map(|(draw, replication)| replay(&program, &size, draw, replication).unwrap())
            .collect();
        for (world, measures) in ensemble.measures.iter().enumerate() {
            for (measure, column) in measures.iter().enumerate() {
                let alone: Vec<u64> = replays
                    .iter()
                    .map(|one| one.measures[world][measure].to_bits())
                    .collect();
                let together: Vec<u64> = column.iter().map(|value| value.to_bits()).collect();
                assert_eq!(together, alone);
            }
        }
        for (world, events) in ensemble.events.iter().enumerate() {
            for (event, steps) in events.iter().enumerate() {
                for (step, &count) in steps.iter().enumerate() {
                    let alone = replays
                        .iter()
                        .filter(|one| one.events[world][event][step] > 0.0)
                        .count();
                    assert_eq!(count, alone as u64);
                }
            }
        }
        for (world, series) in ensemble.series.iter().enumerate() {
            for (output, steps) in series.iter().enumerate() {
                for (step, summary) in steps.iter().enumerate() {
                    let values: Vec<f64> = replays
                        .iter()
                        .map(|one| one.series[world][output][step])
                        .collect();
                    check_summary(summary, &values);
                }
            }
        }
    }
}

/// Compares a summary with the values of 13 draws of 3 replications.
fn check_summary(summary: &StepSummary, values: &[f64]) {
    let mut histogram = Histogram::new(summary.histogram.reference);
    histogram.add(values);
    assert_eq!(summary.histogram, histogram);
    for scramble in 0..SCRAMBLES {
        let of_draw = |draw: usize| values[draw * 3..][..3].iter().filter(|value| value.is_finite());
        let draws: Vec<usize> = (scramble..13).step_by(SCRAMBLES).collect();
        let sums: Vec<f64> = draws
            .iter()
            .map(|&draw| of_draw(draw).fold(0.0, |sum, value| sum + value))
            .collect();
        let count: usize = draws.iter().map(|&draw| of_draw(draw).count()).sum();
        assert_eq!(summary.counts[scramble], count as u64);
        assert_eq!(
            summary.sums[scramble].to_bits(),
            (sums[0] + sums.get(1).unwrap_or(&0.0)).to_bits()
        );
    }
}

#[test]
fn a_paired_ensemble_holds_differences_and_is_else_the_same() {
    let (mut compared, mut differing) = (0, 0);
    for seed in 0..30 {
        let (alone, program) = (program(seed), paired(seed));
        let size = Size {
            draws: 13,
            replications: 3,
            seed,
        };
        let ensemble = run(&program, &size, 2, &|_, _| true).unwrap();
        let replays: Vec<Trajectory> = (0..13)
            .flat_map(|draw| (0..3).map(move |replication| (draw, replication)))
            .map(|(draw, replication)| replay(&program, &size, draw, replication).unwrap())
            .collect();
        for (world, series) in ensemble.differences.iter().enumerate() {
            for (output, steps) in series.iter().enumerate() {
                for (step, summary) in steps.iter().enumerate() {
                    let value = |one: &Trajectory, world: usize| one.series[world][output][step];
                    let differences: Vec<f64> = (replays.iter())
                        .map(|one| (value(one, world + 1), value(one, 0)))
                        .map(|(with, without)| if with == without { 0.0 } else { with - without })
                        .collect();
                    check_summary(summary, &differences);
                    assert_eq!(summary.histogram.reference, 0.0);
                    compared += 1;
                    differing += usize::from(summary.histogram.zeros < 39);
                }
            }
        }
        let mut without = ensemble;
        without.differences.clear();
        let squares = without.series.iter_mut().flatten().flatten();
        squares.for_each(|summary| summary.squares = [0.0; SCRAMBLES]);
        assert_eq!(
            print(&without),
            print(&run(&alone, &size, 2, &|_, _| true).unwrap())
        );
    }
    assert!(compared > 100 && differing > 50, "{compared} {differing}");
}

#[test]
fn squares_are_those_of_the_sums_of_draws() {
    let program = (0..).map(paired).find(Program::is_paired).unwrap();
    let size = Size {
        draws: 8,
        replications: 5,
        seed: 1,
    };
    // With eight draws every scramble is one draw.
    let ensemble = run(&program, &size, 1, &|_, _| true).unwrap();
    for summary in ensemble
        .series
        .iter()
        .chain(&ensemble.differences)
        .flatten()
        .flatten()
    {
        let squares = summary.sums.map(|sum| (sum * sum).to_bits());
        assert_eq!(summary.squares.map(f64::to_bits), squares);
    }
}

#[test]
fn blocks_threads_and_processors_change_no_bit() {
    for seed in 0..20 {
        let program = if seed % 2 == 0 {
            program(seed)
        } else {
            paired(seed)
        };
        let size = Size {
            draws: 37,
            replications: 5,
            seed,
        };
        let expect = print(&run(&program, &size, 1, &|_, _| true).unwrap());
        let plans = [
            (1, 1, 1),
            (1, 5, 64),
            (2, 5, 2),
            (8, 5, 16),
            (16, 5, 16),
            (32, 5, 32),
            (64, 5, 64),
            (1, 2, 4),
        ];
        for features in Features::all() {
            for (draws, replications, draws_of_visit) in plans {
                for threads in [1, 3] {
                    let plan = Plan {
                        threads,
                        features,
                        shape: Shape { draws, replications },
                        draws_of_visit,
                    };
                    let ensemble =
                        run_in_blocks(&program, &size, 0..size.draws, &plan, &|_, _| true).unwrap();
                    let ensemble = ensemble.into_ensemble(&program);
                    assert_eq!(print(&ensemble), expect, "{seed} {plan:?}");
                }
            }
        }
    }
}

#[test]
fn parts_merge_to_the_bits_of_one_run() {
    for seed in 0..12 {
        let program = if seed % 2 == 0 {
            program(seed)
        } else {
            paired(seed)
        };
        for draws in [1, 2, 5, 8, 13, 37, 64, 100] {
            let size = Size {
                draws,
                replications: 3,
                seed,
            };
            let expect = print(&run(&program, &size, 1, &|_, _| true).unwrap());
            for parts in [2, 3, 7, 16] {
                let cut = |i: u32| draws * i / parts;
                let part = |i| {
                    run_part(
                        &program,
                        &size,
                        cut(i)..cut(i + 1),
                        1 + i as usize % 2,
                        MEMORY,
                        &|_, _| true,
                    )
                };
                let mut found: Vec<Part> = (0..parts).map(|i| part(i).unwrap()).collect();
                // Neighbours first, then neighbours of those: any grouping will do.
                while found.len() > 1 {
                    let mut merged = Vec::new();
                    let mut left = found.into_iter();
                    while let Some(mut one) = left.next() {
                        left.next().into_iter().for_each(|next| one.append(next));
                        merged.push(one);
                    }
                    found = merged;
                }
                let whole = found.pop().unwrap();
                assert_eq!(
                    print(&whole.into_ensemble(&program)),
                    expect,
                    "{seed}: {draws} in {parts}"
                );
            }
        }
    }
}

#[test]
fn parts_are_read_as_they_were_written_and_no_other() {
    for seed in 0..12 {
        let program = if seed % 2 == 0 {
            program(seed)
        } else {
            paired(seed)
        };
        let size = Size {
            draws: 21,
            replications: 3,
            seed,
        };
        let part = |draws| run_part(&program, &size, draws, 1, MEMORY, &|_, _| true).unwrap();
        let (bytes, rest) = (part(0..13).to_bytes(&program), part(13..21));
        let mut read = Part::from_bytes(&bytes, &program, &size).unwrap();
        assert_eq!(read.to_bytes(&program), bytes);
        read.append(rest);
        let expect = print(&run(&program, &size, 1, &|_, _| true).unwrap());
        assert_eq!(print(&read.into_ensemble(&program)), expect);

        let refused = |bytes: &[u8]| Part::from_bytes(bytes, &program, &size).err();
        for at in (0..bytes.len()).step_by(1 + bytes.len() / 97) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            let found = refused(&flipped);
            assert!(
                matches!(found, Some(PartError::Damaged | PartError::Unknown)),
                "{at}: {found:?}"
            );
            assert!(refused(&bytes[..at]).is_some(), "cut off at {at}");
        }
        let other = Size {
            seed: seed + 1,
            ..size
        };
        assert!(matches!(
            Part::from_bytes(&bytes, &program, &other),
            Err(PartError::OtherSize { .. })
        ));
        let stranger = paired(seed + 100);
        assert_eq!(
            Part::from_bytes(&bytes, &stranger, &size).err(),
            Some(PartError::OtherProgram)
        );
    }
}

#[test]
fn watches_that_look_late_see_what_all_would_see() {
    let (mut late, mut seen_late) = (0, 0);
    for seed in 0..150 {
        let (mut graph, layout, clock) = random_graph(seed);
        let nodes = (0..graph.nodes.len() as u32).map(NodeId);
        graph.watches.extend(nodes.map(|node| Watch {
            node,
            kind: WatchKind::NotANumber,
            equation: format!("node{}", node.0),
            worlds: vec![0],
        }));
        let mut program = allocate(&graph, layout, clock);
        let size = Size {
            draws: 23,
            replications: 3,
            seed,
        };
        let ensemble = |program: &Program| run(program, &size, 1, &|_, _| true).unwrap();
        let lazy = ensemble(&program);
        for instruction in &mut program.step {
            if let Instruction::Watch { group, shown, .. } = instruction
                && std::mem::replace(shown, false)
            {
                late += 1;
                let equation = &program.watches[program.watch_groups[*group as usize][0] as usize].equation;
                seen_late += usize::from(lazy.problems.iter().any(|seen| seen.equation == *equation));
            }
        }
        assert_eq!(print(&lazy), print(&ensemble(&program)), "graph {seed}");
    }
    assert!(
        late > 300 && seen_late > 100,
        "{late} watches look late, {seen_late} of them see something"
    );
}

/// The bits that the shipped models gave when they were last changed, or the machine's arithmetic was: model, precision and hash of its ensemble.
const BITS: &str = include_str!("bits.txt");

const SIZE_OF_BITS: Size = Size {
    draws: 24,
    replications: 3,
    seed: 1,
};

/// Returns the hash of an ensemble, run as a plan says.
fn hash(program: &Program, plan: &Plan) -> blake3::Hash {
    let part = run_in_blocks(program, &SIZE_OF_BITS, 0..SIZE_OF_BITS.draws, plan, &|_, _| true).unwrap();
    blake3::hash(print(&part.into_ensemble(program)).as_bytes())
}

#[test]
fn shipped_models_give_the_bits_that_are_written_down_on_every_processor() {
    for features in Features::all() {
        let mut found = String::new();
        for name in [
            "birth_death",
            "dialogue",
            "gambit",
            "july_1914",
            "lanchester",
            "richardson",
            "vietnam_rok",
        ] {
            let mut program = shipped(name);
            for (precision, called) in [(Precision::Double, "double"), (Precision::Single, "single")] {
                program.precision = precision;
                let plan = Plan {
                    features,
                    ..Plan::new(&program, &SIZE_OF_BITS, 1)
                };
                found += &format!("{name} {called} {}\n", hash(&program, &plan));
            }
        }
        assert_eq!(
            found,
            BITS,
            "{}: if that is meant, write it down in `bits.txt` and raise the version in `identity.rs`",
            features.name()
        );
    }
}

#[test]
fn no_bit_depends_on_instructions_widths_of_blocks_or_threads() {
    for name in ["birth_death", "july_1914", "lanchester"] {
        let mut program = shipped(name);
        for precision in [Precision::Double, Precision::Single] {
            program.precision = precision;
            let expect = hash(&program, &Plan::new(&program, &SIZE_OF_BITS, 1));
            for features in Features::all() {
                for (draws, replications) in [(2, 1), (2, 3), (8, 2), (16, 3)] {
                    for threads in [1, 3] {
                        let plan = Plan {
                            features,
                            shape: Shape { draws, replications },
                            draws_of_visit: draws,
                            threads,
                        };
                        let found = hash(&program, &plan);
                        assert_eq!(
                            found, expect,
                            "{name} {features:?} {draws}x{replications} {threads}"
                        );
                    }
                }
            }
        }
    }
}

/// Compiles a shipped model, without interventions.
fn shipped(name: &str) -> Program {
    let folder = Path::new("../../models").join(name);
    let mut files = BTreeMap::new();
    for entry in folder.read_dir().expect("a shipped model").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        files.insert(name, std::fs::read_to_string(entry.path()).unwrap_or_default());
    }
    let model = check(&files).model.expect("a shipped model is sound");
    let worlds = [World::baseline()];
    compile(&model, &worlds).expect("a shipped model compiles")
}

#[test]
fn a_run_ends_when_it_is_told_to() {
    let program = program(1);
    let size = Size {
        draws: 4_000,
        replications: 10,
        seed: 1,
    };
    let told = AtomicU64::new(0);
    let result = run(&program, &size, 2, &|done, of| {
        assert!(done <= of && of == 40_000);
        told.fetch_add(1, Ordering::Relaxed) < 2
    });
    assert_eq!(result.err(), Some(RunError::Interrupted));
    assert!(told.into_inner() < 10);
}

#[test]
fn what_no_address_can_say_is_refused() {
    let program = program(1);
    let refused = |size: Size| {
        matches!(
            run(&program, &size, 1, &|_, _| true),
            Err(RunError::OutOfRange { .. })
        )
    };
    assert!(refused(Size {
        draws: 65_536,
        replications: 1,
        seed: 0
    }));
    assert!(refused(Size {
        draws: 0,
        replications: 1,
        seed: 0
    }));
    assert!(refused(Size {
        draws: 1,
        replications: 65_536,
        seed: 0
    }));
    assert!(refused(Size {
        draws: 1,
        replications: 1,
        seed: 1 << 56
    }));
}

#[test]
fn what_fits_in_no_memory_is_refused_with_advice() {
    let program = program(1);
    let size = Size {
        draws: 65_535,
        replications: 65_535,
        seed: 0,
    };
    let error = run(&program, &size, 1, &|_, _| true).err().unwrap();
    assert!(error.to_string().contains("and may take 8589 MB"), "{error}");
    let RunError::TooLarge {
        largest: Some(largest),
        ..
    } = error
    else {
        panic!("{error}")
    };
    assert!(largest.draws < 65_535 && largest.replications == 65_535);
    assert_eq!(running::check(&program, &largest, 1, MEMORY), Ok(()));
}

#[test]
fn programs_and_sizes_have_identities_of_their_own() {
    let (one, other) = (program(1), program(2));
    let size = Size {
        draws: 8,
        replications: 1,
        seed: 0,
    };
    assert_eq!(identity(&one, &size), identity(&program(1), &size));
    assert_ne!(identity(&one, &size), identity(&other, &size));
    assert_ne!(identity(&one, &size), identity(&one, &Size { seed: 1, ..size }));
}

#[test]
fn a_run_with_little_memory_visits_more_often_with_fewer_threads_and_gives_the_same_bits() {
    let program = shipped("lanchester");
    let size = Size {
        draws: 2_000,
        replications: 7,
        seed: 3,
    };
    let expect = print(&run(&program, &size, 8, &|_, _| true).unwrap());
    let wished = memory_estimate(&program, &size, 8);
    let alone = Plan {
        threads: 1,
        ..Plan::new(&program, &size, 8)
    };
    let plan = Plan {
        draws_of_visit: alone.shape.draws,
        ..alone
    };
    let least = plan.memory(&program, &size);
    // Either way of taking less does: fewer threads, then more visits.
    let of_one = alone.memory(&program, &size);
    assert!(least < of_one && of_one < wished, "{least} {of_one} {wished}");
    for memory in [wished, (wished + least) / 2, least] {
        let fitting = Plan::within(&program, &size, 8, memory);
        assert!(fitting.memory(&program, &size) <= memory);
        let part = run_part(&program, &size, 0..2_000, 8, memory, &|_, _| true).unwrap();
        assert_eq!(print(&part.into_ensemble(&program)), expect);
    }
    let refused = running::check(&program, &size, 8, least - 1);
    let Err(RunError::TooLarge {
        largest: Some(largest),
        ..
    }) = refused
    else {
        panic!("{refused:?}")
    };
    assert!(largest.draws < 2_000 && largest.replications == 7, "{largest:?}");
    assert_eq!(running::check(&program, &largest, 8, least - 1), Ok(()));
    let more = Size {
        draws: largest.draws + 1,
        ..largest
    };
    assert!(running::check(&program, &more, 8, least - 1).is_err());
}

#[test]
fn futures_that_are_run_at_different_times_stand_in_the_same_columns() {
    // More futures than are run at once.
    let program = program(4);
    let size = Size {
        draws: 5_000,
        replications: 60,
        seed: 4,
    };
    let whole = run(&program, &size, 2, &|_, _| true).unwrap();
    for future in [0, 131_000, 262_200, 299_999] {
        let (draw, replication) = ((future / 60) as u32, (future % 60) as u32);
        let alone = replay(&program, &size, draw, replication).unwrap();
        for (world, columns) in whole.measures.iter().enumerate() {
            for (measure, column) in columns.iter().enumerate() {
                assert_eq!(column[future].to_bits(), alone.measures[world][measure].to_bits());
            }
        }
    }
}

/// Keeps every future that it is given until it has had enough.
struct Kept {
    enough: u32,
    /// Draws of every delivery.
    draws: Vec<std::ops::Range<u32>>,
    /// `[kind][world][output]`, future by future, step by step.
    values: [Vec<Vec<Vec<f64>>>; 3],
}

const KINDS: [OutputKind; 3] = [OutputKind::Series, OutputKind::Choice, OutputKind::Event];

impl Kept {
    fn new(program: &Program, enough: u32) -> Kept {
        let layout = &program.layout;
        let outputs = [layout.series.len(), layout.choices.len(), layout.events.len()];
        Kept {
            enough,
            draws: Vec::new(),
            values: outputs.map(|outputs| vec![vec![Vec::new(); outputs]; layout.worlds.len()]),
        }
    }
}

impl Sink for Kept {
    fn take(&mut self, futures: &[Futures<'_>]) -> bool {
        let draws = futures[0].draws.start..futures[futures.len() - 1].draws.end;
        for futures in futures {
            for (kind, worlds) in KINDS.into_iter().zip(&mut self.values) {
                for (world, outputs) in worlds.iter_mut().enumerate() {
                    for (output, values) in outputs.iter_mut().enumerate() {
                        values.extend(futures.values(kind, world, output));
                    }
                }
            }
        }
        let end = draws.end;
        self.draws.push(draws);
        end < self.enough
    }
}

#[test]
fn a_sink_is_given_every_future_in_order_as_it_replays_alone() {
    let size = Size {
        draws: 37,
        replications: 5,
        seed: 3,
    };
    for seed in 0..40 {
        let program = if seed % 2 == 0 {
            program(seed)
        } else {
            paired(seed)
        };
        let expect = run(&program, &size, 1, &|_, _| true).unwrap();
        // Blocks of fewer and of more replications than a draw has; one thread and several.
        for (shape, together, threads) in [((2, 5), 8, 3), ((4, 3), 4, 2), ((8, 2), 64, 1)] {
            let mut plan = Plan::new(&program, &size, threads);
            plan.shape = Shape {
                draws: shape.0,
                replications: shape.1,
            };
            let mut kept = Kept::new(&program, u32::MAX);
            let part = run_delivering(
                &program,
                &size,
                0..size.draws,
                &plan,
                Some((&mut kept, together)),
                &|_, _| true,
            );
            assert_eq!(print(&part.unwrap().into_ensemble(&program)), print(&expect));
            let deliveries = kept.draws.len();
            assert_eq!(deliveries, 37_usize.div_ceil(together), "{:?}", kept.draws);
            let ends = kept.draws.iter().map(|draws| draws.end);
            assert!(
                ends.zip(kept.draws.iter().skip(1))
                    .all(|(end, next)| next.start == end)
            );
            let steps = program.steps() as usize;
            for (draw, replication) in [(0, 0), (7, 4), (8, 0), (20, 2), (36, 4)] {
                let alone = replay(&program, &size, draw, replication).unwrap();
                let at = (draw as usize * 5 + replication as usize) * steps;
                let lists = [&alone.series, &alone.choices, &alone.events];
                for (kept, alone) in kept.values.iter().zip(lists) {
                    for (kept, alone) in kept.iter().flatten().zip(alone.iter().flatten()) {
                        let bits =
                            |values: &[f64]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
                        assert_eq!(kept.len(), 37 * 5 * steps);
                        assert_eq!(
                            bits(&kept[at..at + steps]),
                            bits(alone),
                            "graph {seed}, {draw}:{replication}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn a_sink_that_has_had_enough_ends_the_run() {
    let size = Size {
        draws: 64,
        replications: 2,
        seed: 3,
    };
    let program = program(1);
    for threads in [1, 3] {
        let mut kept = Kept::new(&program, 20);
        let mut plan = Plan::new(&program, &size, threads);
        plan.shape = Shape {
            draws: 4,
            replications: 2,
        };
        let told = |_, _| true;
        let stopped = run_delivering(&program, &size, 0..64, &plan, Some((&mut kept, 16)), &told);
        assert_eq!(stopped.err(), Some(RunError::Interrupted));
        assert_eq!(kept.draws, [0..16, 16..32]);
    }
}
