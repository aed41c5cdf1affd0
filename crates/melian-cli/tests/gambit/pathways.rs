//! Through what the effects of the gambit's interventions come.

use melian_analysis::pathways::{Apart, off_path};
use melian_analysis::sample::Sample;
use melian_engine::ensemble::{Size, run};
use melian_engine::{World, compile_for};
use melian_language::model::{InterventionId, Model, QuantityId, QuantityKind};

use crate::{checked, texts, world};

fn answers(model: &Model) -> Vec<QuantityId> {
    let ids = (0..model.quantities.len() as u32).map(QuantityId);
    ids.filter(|id| {
        matches!(
            model.quantity(*id).kind,
            QuantityKind::Measure { .. } | QuantityKind::Question { .. }
        )
    })
    .collect()
}

#[test]
fn every_intervention_can_be_taken_apart_by_each_pathway_on_its_way() {
    let model = checked(&texts("gambit"));
    let asked = answers(&model);
    let mut apart = 0;
    for id in (0..model.interventions.len() as u32).map(InterventionId) {
        let world = World::under(&model, id);
        let on_way: Vec<usize> = (0..model.pathways.len())
            .filter(|&pathway| off_path(&model, &world, &model.pathways[pathway]).is_none())
            .collect();
        for pathway in on_way {
            let worlds = Apart::new(&model, &world, &[pathway]).worlds;
            if let Err(found) = melian_engine::expand::expand_for(&model, &worlds, &asked) {
                panic!(
                    "{} through {}: {found:#?}",
                    world.name, model.pathways[pathway].name
                );
            }
            apart += 1;
        }
    }
    assert!(apart >= 100, "{apart} ways");
}

#[test]
fn what_seouls_arms_do_at_the_front_they_do_by_rounds() {
    let model = checked(&texts("gambit"));
    let all: Vec<usize> = (0..model.pathways.len()).collect();
    let apart = Apart::new(&model, &world(&model, "rok_arms_kyiv"), &all);
    let program = compile_for(&model, &apart.worlds, &answers(&model)).expect("it compiles");
    let size = Size {
        draws: 128,
        replications: 2,
        seed: 1,
    };
    let ensemble = run(&program, &size, 0, &|_, _| true).expect("it runs");
    let mut moved = 0;
    for (position, output) in ensemble.layout.measures.iter().enumerate() {
        let values: Vec<Sample> = ensemble
            .measures
            .iter()
            .map(|world| Sample::new(&world[position], size))
            .collect();
        let parts = apart.parts(&values);
        let sum: f64 = parts.parts.iter().map(|part| part.share.mean).sum();
        let (effect, sum) = (parts.effect.mean, sum + parts.otherwise.mean);
        let scale = values
            .iter()
            .flat_map(|world| world.values)
            .fold(0.0_f64, |most, x| most.max(x.abs()));
        assert!(
            (sum - effect).abs() <= 1e-12 * scale,
            "{}: {sum} instead of {effect}",
            output.name
        );
        moved += usize::from(effect != 0.0);
        if output.name == "russian_losses" {
            let part = |name: &str| {
                let of = |part: &&melian_analysis::pathways::Part| model.pathways[part.pathway].name == name;
                parts.parts.iter().find(of).expect("a part")
            };
            assert!(effect > 0.0);
            // A chain of two links: without either, next to nothing is left.
            for link in ["allies", "shells"] {
                assert!(part(link).missed.mean > 0.9 * effect, "{link}");
            }
            assert!(part("men").missed.mean.abs() < 0.05 * effect);
        }
    }
    assert!(moved > 50, "{moved} answers are moved");
}
