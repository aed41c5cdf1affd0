//! Verdicts against cases whose answer is known.

mod hand_made;

use hand_made::{Luck, decide, decide_in, greater, m, q};
use melian_analysis::claim::{Decision, Rule, Verdict};
use melian_engine::distribution::{beta, normal};
use melian_language::model::{Binary, Formula, InterventionId};

/// Ensembles of a coverage test: with 200, a coverage of 0.9 is seen as less than 0.85 once in a hundred times.
const ENSEMBLES: u64 = 200;

/// Draws, replications.
type Size = (u32, u32);

/// Makes ensembles of one kind and counts how often the intervals hold the true share and the true spread between draws, and what was
/// decided.
struct Coverage {
    share: f64,
    knowledge_sd: f64,
    bias: f64,
    wrong: f64,
}

fn coverage(true_share: f64, true_sd: f64, decide: impl Fn(&mut Luck) -> Decision) -> Coverage {
    let right = match true_share {
        share if share >= 0.8 => Verdict::Supported,
        share if share <= 0.2 => Verdict::Rejected,
        _ => Verdict::Contested,
    };
    let (mut share, mut knowledge_sd, mut bias, mut wrong) = (0, 0, 0.0, 0);
    for seed in 0..ENSEMBLES {
        let decision = decide(&mut Luck::new(seed));
        let holds = |(low, high): (f64, f64), x: f64| u64::from(low <= x && x <= high);
        share += holds(decision.share_interval, true_share);
        knowledge_sd += holds(decision.bars[0].value.knowledge_sd_interval, true_sd);
        bias += decision.share - true_share;
        wrong += u64::from(decision.verdict != right && decision.verdict != Verdict::Unresolved);
    }
    let of_all = |count: u64| count as f64 / ENSEMBLES as f64;
    Coverage {
        share: of_all(share),
        knowledge_sd: of_all(knowledge_sd),
        bias: bias / ENSEMBLES as f64,
        wrong: of_all(wrong),
    }
}

/// Draws' means are normal around `mean`, luck is normal: the share of draws above zero is known.
fn normal_normal((draws, replications): Size, mean: f64, knowledge_sd: f64, luck_sd: f64) -> Coverage {
    coverage(normal::cdf(mean / knowledge_sd), knowledge_sd, |luck| {
        let mut values = Vec::new();
        for _ in 0..draws {
            let of_draw = mean + knowledge_sd * luck.normal();
            values.extend((0..replications).map(|_| of_draw + luck_sd * luck.normal()));
        }
        decide(
            &greater(Formula::Mean(m(), None), 0.0),
            (draws, replications),
            values,
        )
    })
}

#[test]
fn the_share_of_a_normal_margin_is_met_and_covered() {
    for (size, knowledge_sd, luck_sd) in [((256, 10), 1.0, 1.0), ((256, 10), 1.0, 3.0), ((512, 4), 1.0, 2.0)]
    {
        for mean in [0.0, 0.6, 1.5] {
            let found = normal_normal(size, mean, knowledge_sd, luck_sd);
            assert!(
                found.share >= 0.85,
                "{size:?} {mean} {luck_sd}: the share is covered in {}",
                found.share
            );
            assert!(
                found.knowledge_sd >= 0.85,
                "{size:?}: the spread is covered in {}",
                found.knowledge_sd
            );
            assert!(
                found.bias.abs() < 0.02,
                "{size:?} {mean} {luck_sd}: bias {}",
                found.bias
            );
            assert!(
                found.wrong <= 0.1,
                "{size:?} {mean} {luck_sd}: wrong in {}",
                found.wrong
            );
        }
    }
}

#[test]
fn luck_ten_times_the_spread_between_draws_leaves_most_open_and_little_wrong() {
    let found = normal_normal((256, 10), 0.84, 1.0, 10.0);
    assert!(found.share >= 0.85, "covered in {}", found.share);
    assert!(found.wrong <= 0.1, "wrong in {}", found.wrong);
}

#[test]
fn raw_means_would_have_been_biased() {
    // Four replications with luck three times the spread: raw means vary with variance 1 + 9/4, so 0.68 of draws would seem to hold.
    let found = normal_normal((1024, 4), 0.84, 1.0, 3.0);
    assert!(found.bias.abs() < 0.02, "bias {}", found.bias);
    let raw = normal::cdf(0.84 / (1.0_f64 + 9.0 / 4.0).sqrt());
    assert!((raw - normal::cdf(0.84)).abs() > 0.1);
}

#[test]
fn the_share_of_a_beta_binomial_probability_is_met_and_covered() {
    for (alpha, beta_shape, threshold) in [(2.0, 5.0, 0.2), (20.0, 20.0, 0.45), (0.5, 20.0, 0.05)] {
        let truth = 1.0 - beta::cdf(alpha, beta_shape, threshold);
        let total = alpha + beta_shape;
        let sd = (alpha * beta_shape / (total + 1.0)).sqrt() / total;
        let found = coverage(truth, sd, |luck| {
            let mut values = Vec::new();
            for _ in 0..512 {
                let p = beta::quantile(alpha, beta_shape, luck.uniform());
                values.extend((0..10).map(|_| if luck.uniform() < p { 1.0 } else { -1.0 }));
            }
            let decision = decide(
                &greater(Formula::Probability(q(), None), threshold),
                (512, 10),
                values,
            );
            assert_eq!(decision.rule, Rule::BetaBinomial);
            decision
        });
        assert!(
            found.share >= 0.85,
            "({alpha}, {beta_shape}): the share is covered in {}",
            found.share
        );
        assert!(
            found.knowledge_sd >= 0.82,
            "({alpha}, {beta_shape}): the spread is covered in {}",
            found.knowledge_sd
        );
        assert!(
            found.bias.abs() < 0.03,
            "({alpha}, {beta_shape}): bias {}",
            found.bias
        );
        assert!(
            found.wrong <= 0.1,
            "({alpha}, {beta_shape}): wrong in {}",
            found.wrong
        );
    }
}

/// An intervention takes some of the yeses away, as it does when it lowers a hazard: in no draw is the effect Dirichlet. Four replications, as a run has if
/// nothing else is asked for.
#[test]
fn the_share_of_an_effect_on_a_probability_is_met_and_covered() {
    let effect = |luck: &mut Luck| {
        let p = beta::quantile(2.0, 5.0, luck.uniform());
        (p, p * (1.0 - beta::quantile(1.0, 3.0, luck.uniform())))
    };
    for threshold in [-0.02, -0.05, -0.15] {
        let mut luck = Luck::new(99);
        let drawn: Vec<f64> = (0..100_000)
            .map(|_| effect(&mut luck))
            .map(|(without, with)| with - without)
            .collect();
        let share = |holds: &dyn Fn(&f64) -> bool| {
            drawn.iter().filter(|x| holds(x)).count() as f64 / drawn.len() as f64
        };
        let truth = share(&|x| *x < threshold);
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        let squares: f64 = drawn.iter().map(|x| (x - mean) * (x - mean)).sum();
        let claim = Formula::Binary(
            Binary::Less,
            Box::new(Formula::Effect(InterventionId(0), q())),
            Box::new(Formula::Number(threshold)),
        );
        let found = coverage(truth, (squares / drawn.len() as f64).sqrt(), |luck| {
            let (mut without, mut with) = (Vec::new(), Vec::new());
            for _ in 0..1024 {
                let (p, kept) = effect(luck);
                for _ in 0..4 {
                    let at = luck.uniform();
                    without.push(if at < p { 1.0 } else { -1.0 });
                    with.push(if at < kept { 1.0 } else { -1.0 });
                }
            }
            decide_in(&claim, (1024, 4), vec![without, with])
        });
        assert!(
            found.bias.abs() < 0.03,
            "{threshold}: bias {} of {truth}",
            found.bias
        );
        assert!(found.wrong <= 0.1, "{threshold}: wrong in {}", found.wrong);
        assert!(found.share >= 0.85, "{threshold}: covered in {}", found.share);
    }
}

/// A margin that is clear in every draw, with some luck.
fn clear(seed: u64) -> Vec<f64> {
    let mut luck = Luck::new(seed);
    (0..256 * 4).map(|_| 5.0 + luck.normal()).collect()
}

#[test]
fn a_clear_claim_is_supported_and_its_opposite_rejected() {
    let claim = greater(Formula::Mean(m(), None), 0.0);
    let supported = decide(&claim, (256, 4), clear(1));
    assert_eq!(supported.verdict, Verdict::Supported);
    assert_eq!(supported.words, "holds in every draw under these assumptions");
    let rejected = decide(&Formula::Not(Box::new(claim)), (256, 4), clear(1));
    assert_eq!(rejected.verdict, Verdict::Rejected);
    assert_eq!(rejected.words, "holds in no draw under these assumptions");
    assert_eq!(rejected.rule, Rule::Linear);
}

#[test]
fn what_is_the_same_in_every_future_is_built_in() {
    let decision = decide(&greater(Formula::Mean(m(), None), 0.0), (64, 4), vec![0.1; 256]);
    assert_eq!(decision.verdict, Verdict::BuiltIn);
    assert_eq!(
        decision.words,
        "holds in every draw by construction: nothing that it reads varies"
    );
    assert_eq!(decision.share_interval, (1.0, 1.0));
}

#[test]
fn an_effect_of_nothing_is_built_in_and_says_so() {
    let effect = Formula::Effect(InterventionId(0), m());
    let claim = greater(effect, 1.0);
    let decision = decide_in(&claim, (256, 4), vec![clear(1), clear(1)]);
    assert_eq!(decision.verdict, Verdict::BuiltIn);
    assert_eq!(
        decision.words,
        "holds in no draw by construction: the effect of other on m is exactly zero in every future"
    );
}

#[test]
fn an_effect_of_nothing_beside_something_that_varies_is_mentioned() {
    let effect = Formula::Effect(InterventionId(0), m());
    let sum = Formula::Binary(Binary::Add, Box::new(effect), Box::new(Formula::Mean(m(), None)));
    let decision = decide_in(&greater(sum, 0.0), (256, 4), vec![clear(1), clear(1)]);
    assert_eq!(decision.verdict, Verdict::Supported);
    assert!(
        decision
            .words
            .ends_with("; the effect of other on m is exactly zero in every future")
    );
}

#[test]
fn a_claim_on_a_world_that_was_not_run_is_left_open() {
    let claim = greater(Formula::Effect(InterventionId(0), m()), 0.0);
    assert_eq!(decide(&claim, (256, 4), clear(1)).verdict, Verdict::Unresolved);
}

#[test]
fn a_paired_effect_is_seen_through_luck_that_hides_it_unpaired() {
    let without: Vec<f64> = clear(1).iter().map(|x| 100.0 * x).collect();
    let with: Vec<f64> = without.iter().map(|x| x + 1.0).collect();
    let claim = greater(Formula::Effect(InterventionId(0), m()), 0.5);
    let decision = decide_in(&claim, (256, 4), vec![without, with]);
    assert_eq!(decision.share, 1.0);
    assert_eq!(decision.verdict, Verdict::Supported);
}

#[test]
fn comparisons_are_combined_draw_by_draw() {
    // The mean is above 0 in 84% of draws and below 2 in 84%: between them in 68%.
    let mut luck = Luck::new(3);
    let mut values = Vec::new();
    for _ in 0..1024 {
        let of_draw = 1.0 + luck.normal();
        values.extend((0..10).map(|_| of_draw + luck.normal()));
    }
    let mean = || Formula::Mean(m(), None);
    let below = Formula::Binary(Binary::Less, Box::new(mean()), Box::new(Formula::Number(2.0)));
    let both = Formula::Binary(Binary::And, Box::new(greater(mean(), 0.0)), Box::new(below));
    let decision = decide(&both, (1024, 10), values);
    assert_eq!(decision.rule, Rule::DrawByDraw);
    assert!((decision.share - 0.6827).abs() < 0.04, "{}", decision.share);
    assert_eq!(decision.verdict, Verdict::Contested);
}

#[test]
fn a_quantile_over_replications_is_taken_in_each_draw_and_says_so() {
    let decision = decide(
        &greater(Formula::Quantile(m(), 0.5, None), 0.0),
        (256, 4),
        clear(1),
    );
    assert_eq!(decision.rule, Rule::DrawByDrawWithQuantiles);
    assert_eq!(decision.verdict, Verdict::Supported);
}

#[test]
fn one_replication_is_decided_without_correction_and_says_so() {
    let decision = decide(&greater(Formula::Mean(m(), None), 0.0), (1024, 1), clear(1));
    assert_eq!(decision.rule, Rule::OneReplication);
    assert_eq!(decision.verdict, Verdict::Supported);
}

#[test]
fn one_draw_decides_nothing() {
    let decision = decide(
        &greater(Formula::Mean(m(), None), 0.0),
        (1, 4),
        vec![1.0, 2.0, 3.0, 4.0],
    );
    assert_eq!(decision.verdict, Verdict::Unresolved);
}

#[test]
fn a_stated_number_is_judged_against_the_fact() {
    let judge = |stated| hand_made::judge(stated, 0.1, [2_000.0, 3_000.0, 5_000.0]).verdict;
    assert_eq!(judge(3_000.0), Verdict::Accurate);
    assert_eq!(judge(3_300.0), Verdict::Accurate);
    assert_eq!(judge(4_900.0), Verdict::Imprecise);
    assert_eq!(judge(2_000.0), Verdict::Imprecise);
    assert_eq!(judge(10_000.0), Verdict::Wrong);
}

/// Draws' means are normal around 1 with standard deviation 1, without luck.
fn around_one() -> Vec<f64> {
    let draws = 2_000;
    let of_draw = |d: u32| 1.0 + normal::quantile((f64::from(d) + 0.5) / f64::from(draws));
    (0..draws).flat_map(|d| [of_draw(d); 4]).collect()
}

#[test]
fn a_bar_says_which_other_bars_would_turn_the_verdict() {
    // More than half of the bar m / 2 in 1 - Phi(m / 2 - 1) of draws.
    let decision = decide(&greater(Formula::Mean(m(), None), 0.5), (2_000, 4), around_one());
    let [bar] = decision.bars.as_slice() else {
        panic!("one comparison")
    };
    assert_eq!((bar.bar.mean, bar.comparison), (0.5, Binary::Greater));
    assert!((bar.value.knowledge_quantiles[1] - 1.0).abs() < 1e-3);
    assert_eq!(bar.share, decision.share);
    let z = normal::quantile(0.8);
    for (turn, expected) in bar.turns.iter().zip([2.0 * (1.0 - z), 2.0, 2.0 * (1.0 + z)]) {
        let turn = turn.expect("the share crosses every level");
        assert!((turn - expected).abs() < 0.01, "{turn} instead of {expected}");
    }
    // Above zero are 84%: no bar below zero leaves the claim anything but supported.
    let decision = decide(&greater(Formula::Mean(m(), None), -0.5), (2_000, 4), around_one());
    assert_eq!(decision.bars[0].turns, [None; 3]);
    // Nothing is a multiple of zero.
    let decision = decide(&greater(Formula::Mean(m(), None), 0.0), (2_000, 4), around_one());
    assert_eq!(decision.bars[0].turns, [None; 3]);
}

#[test]
fn a_bar_is_asked_of_the_effect_itself() {
    // Without it everything is lost: the effect is minus the value, and more than half of the value is owed to it.
    let without = around_one();
    let nothing = vec![0.0; without.len()];
    let effect = Formula::Effect(InterventionId(0), m());
    let half = Formula::Binary(
        Binary::Multiply,
        Box::new(Formula::Number(0.5)),
        Box::new(Formula::Mean(m(), None)),
    );
    let owed = Formula::Binary(
        Binary::Greater,
        Box::new(Formula::Negate(Box::new(effect))),
        Box::new(half),
    );
    let decision = decide_in(&owed, (2_000, 4), vec![without, nothing]);
    let [bar] = decision.bars.as_slice() else {
        panic!("one comparison")
    };
    assert_eq!(bar.comparison, Binary::Less);
    assert!((bar.value.mean + 1.0).abs() < 1e-3 && (bar.bar.mean + 0.5).abs() < 1e-3);
    // The bar has either sign, so that no multiple of it asks for more in every draw.
    assert_eq!(bar.turns, [None; 3]);
}

#[test]
fn every_comparison_has_its_bar() {
    let mean = || Formula::Mean(m(), None);
    let chance = Formula::Probability(q(), None);
    let both = Formula::Binary(
        Binary::And,
        Box::new(greater(mean(), 2.0)),
        Box::new(greater(chance, 0.5)),
    );
    let decision = decide(&both, (2_000, 4), around_one());
    let [of_mean, of_chance] = decision.bars.as_slice() else {
        panic!("two comparisons")
    };
    assert!((of_mean.share - normal::cdf(-1.0)).abs() < 0.01);
    // Without luck the chance is 1 or 0, whatever the threshold between.
    assert!((of_chance.share - normal::cdf(1.0)).abs() < 0.01);
}
