//! `melian compare`.

use std::time::Instant;

use melian_analysis::pathways::{Apart, MOST_PATHWAYS, OffPath, off_path};
use melian_analysis::prior;
use melian_analysis::worlds::together;
use melian_engine::ensemble::{self, Ensemble, Size};
use melian_engine::{World, compile_for, compile_paired};
use melian_language::check::parameter_range;
use melian_language::model::{InterventionId, Model, QuantityId, QuantityKind};
use melian_language::names::did_you_mean;
use melian_language::source::Sources;
use melian_report::{Compared, Info, Run, Swept, TakenApart, compose};

use super::asked::{Asked, Exactness, Interventions, answers, unsound};
use crate::Outcome;
use crate::failure::Failure;
use crate::interrupt;
use crate::origin::{self, Origin};
use crate::terminal::comparison;

/// Compares what interventions change, future by future: what would have happened otherwise under the same luck.
///
/// Effects on every question, measure and series with their error; whether what is taken away was necessary or sufficient; what two
/// interventions at once do beyond their sum; and how answers move as a quantity is held at one value after another.
#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    interventions: Interventions,
    #[command(flatten)]
    exactness: Exactness,
    /// Holds a quantity at so many values between two, in its unit: `first_echelon=0..30_000:7`; as the model stands, and under each `--do`
    #[arg(long, value_name = "NAME=LOW..HIGH:COUNT")]
    sweep: Vec<String>,
    /// Takes effects apart by these pathways of the model: what comes through each, and what otherwise; `all` for every one
    #[arg(long, value_name = "PATHWAY,..|all", value_delimiter = ',')]
    through: Vec<String>,
}

/// Compares.
pub fn run(arguments: &Arguments) -> Outcome {
    let asked = &arguments.asked;
    let sweep = match arguments.sweep.as_slice() {
        [] => None,
        [written] => Some(Written::read(written)?),
        _ => {
            return Err(Failure::usage("one quantity is swept at a time")
                .hint("give each `--sweep` a command of its own, or hold the other with `--do`"));
        }
    };
    let (origin, said) = origin::find(&asked.model)?;
    if let Some(said) = said {
        asked.say(&format!("{said}\n"));
    }
    let (model, sources, sweep) = checked(arguments, &origin, sweep)?;
    let mut all = vec![World::baseline()];
    all.extend(arguments.interventions.worlds(&model)?);
    if all.len() == 1 && (sweep.is_none() || !arguments.through.is_empty()) {
        return Err(nothing_asked(&model));
    }
    let pathways = pathways(&model, &arguments.through, &all[1..])?;
    let sweep_worlds = match &sweep {
        Some(sweep) => sweep.worlds(&model, &all[1..])?,
        None => Vec::new(),
    };
    interrupt::watch();
    let size = asked.size();
    let started = Instant::now();
    let mut program = compile_paired(&model, &all).map_err(|found| unsound(&found, &sources))?;
    arguments.exactness.apply(&mut program)?;
    let ensemble = asked.simulate(&program, &size)?;
    let swept = match &sweep {
        Some(_) => Some(answers_only(arguments, &model, &sources, &size, &sweep_worlds)?),
        None => None,
    };
    let apart = if pathways.is_empty() {
        Vec::new()
    } else {
        let apart = |world| {
            taken_apart(
                arguments,
                &model,
                &sources,
                &size,
                Apart::new(&model, world, &pathways),
            )
        };
        all[1..].iter().map(apart).collect::<Result<_, Failure>>()?
    };
    let seconds = started.elapsed().as_secs_f64();
    let priors = prior::priors(&model, size).map_err(|found| unsound(&found, &sources))?;
    let through = arguments.through.join(",");
    let more: Vec<(&str, &str)> = (arguments.interventions.options())
        .chain(arguments.sweep.iter().map(|sweep| ("--sweep", sweep.as_str())))
        .chain((!through.is_empty()).then_some(("--through", through.as_str())))
        .chain(arguments.exactness.option())
        .collect();
    let mut report = compose(&Run {
        model: &model,
        sources: &sources,
        worlds: &all,
        ensemble: &ensemble,
        compared: Some(Compared {
            sweep: sweep.as_ref().zip(swept.as_ref()).map(|(sweep, ensemble)| Swept {
                quantity: sweep.quantity,
                name: &sweep.written.target,
                values: &sweep.written.values,
                under: &all[1..],
                ensemble,
            }),
            apart: &apart,
        }),
        priors: &priors,
        info: Info {
            melian: env!("CARGO_PKG_VERSION").into(),
            identity: ensemble::identity(&program, &size).to_string(),
            priors: priors.identity.to_string(),
            seconds: Some(seconds),
            reproduce: asked.command("compare", &more, &size),
        },
    });
    if let Some(sweep) = &sweep {
        // What the sweep holds is no declaration of the model.
        let of_sweep = |name: &str| sweep.changes.iter().any(|change| change == name);
        report
            .declarations
            .retain(|declaration| !of_sweep(&declaration.name));
    }
    if interrupt::pressed() {
        return Err(Failure::Interrupted);
    }
    let delivered = asked.deliver(&report, |width| comparison::render(&report, width))?;
    delivered.finish()
}

/// Returns the positions of the pathways that are asked for.
fn pathways(model: &Model, asked: &[String], worlds: &[World]) -> Result<Vec<usize>, Failure> {
    let known = || model.pathways.iter().map(|pathway| pathway.name.as_str());
    let mut found: Vec<usize> = Vec::new();
    for name in asked.iter().map(|name| name.trim()) {
        if name == "all" {
            found = (0..model.pathways.len()).collect();
            continue;
        }
        let Some(position) = known().position(|known| known == name) else {
            let failure = Failure::usage(format!("{} has no pathway `{name}`", model.name));
            return Err(match did_you_mean(name, known()) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint(known_pathways(model)),
            });
        };
        if !found.contains(&position) {
            found.push(position);
        }
    }
    if !asked.is_empty() && found.is_empty() {
        return Err(Failure::usage(format!("{} declares no pathway", model.name)).hint(known_pathways(model)));
    }
    if found.len() > MOST_PATHWAYS {
        return Err(Failure::usage(format!(
            "{} pathways are asked for, and each doubles the worlds: at most {MOST_PATHWAYS} at a time",
            found.len()
        ))
        .hint("name those that matter: `--through NAME,NAME`"));
    }
    for (i, &one) in found.iter().enumerate() {
        let one = &model.pathways[one];
        for other in found[i + 1..].iter().map(|&other| &model.pathways[other]) {
            let shared = one
                .mediators
                .iter()
                .find(|mediator| other.mediators.iter().any(|also| also.0 == mediator.0));
            if let Some((quantity, _)) = shared {
                return Err(Failure::usage(format!(
                    "`{}` is on the pathways `{}` and `{}`: what comes through it would belong to both",
                    model.quantity(*quantity).name,
                    one.name,
                    other.name
                ))
                .hint("ask for one of the two, or let each go through quantities of its own"));
            }
        }
        for world in worlds {
            let why = match off_path(model, world, one) {
                None => continue,
                Some(OffPath::Unreached) => format!("nothing that `{}` changes reaches it", world.name),
                Some(OffPath::Unread) => "no measure or question is read from it".into(),
            };
            return Err(
                Failure::usage(format!("the pathway `{}` leads nowhere: {why}", one.name))
                    .hint("leave it out: `--through NAME,NAME`"),
            );
        }
    }
    Ok(found)
}

fn known_pathways(model: &Model) -> String {
    if model.pathways.is_empty() {
        return "declare one in the model: `pathway NAME \"Title\" through QUANTITY, QUANTITY`".into();
    }
    let names: Vec<&str> = model
        .pathways
        .iter()
        .map(|pathway| pathway.name.as_str())
        .collect();
    format!("its pathways: {}", names.join(", "))
}

/// Runs the worlds that take an intervention's effects apart.
fn taken_apart(
    arguments: &Arguments,
    model: &Model,
    sources: &Sources,
    size: &Size,
    apart: Apart,
) -> Result<TakenApart, Failure> {
    let ensemble = answers_only(arguments, model, sources, size, &apart.worlds)?;
    Ok(TakenApart { apart, ensemble })
}

/// Runs worlds of which only measures and questions are read. They have the luck of every other world of the same seed.
fn answers_only(
    arguments: &Arguments,
    model: &Model,
    sources: &Sources,
    size: &Size,
    worlds: &[World],
) -> Result<Ensemble, Failure> {
    let mut program =
        compile_for(model, worlds, &answers(model)).map_err(|found| unsound(&found, sources))?;
    arguments.exactness.apply(&mut program)?;
    arguments.asked.simulate(&program, size)
}

fn nothing_asked(model: &Model) -> Failure {
    let names: Vec<&str> = model.interventions.iter().map(|i| i.name.as_str()).collect();
    let failure = Failure::usage(
        "compare with what? Name an intervention: `--do NAME`, or sweep a quantity: `--sweep NAME=LOW..HIGH:COUNT`",
    );
    if names.is_empty() {
        failure.hint("hold a quantity at a value: `--do name=value`")
    } else {
        failure.hint(format!("interventions: {}", names.join(", ")))
    }
}

/// Checks the model with all that is asked of it; a sweep needs to know the unit of its quantity first.
fn checked(
    arguments: &Arguments,
    origin: &Origin,
    sweep: Option<Written>,
) -> Result<(Model, Sources, Option<Sweep>), Failure> {
    let Arguments {
        asked, interventions, ..
    } = arguments;
    let Some(written) = sweep else {
        let (model, sources) = asked.checked(origin, &interventions.changes(&[]))?;
        return Ok((model, sources, None));
    };
    let known = melian_language::check(origin.files()).model.ok_or(());
    let Ok(known) = known else {
        // Says what is wrong.
        let (model, sources) = asked.checked(origin, &interventions.changes(&[]))?;
        return Ok((model, sources, None));
    };
    let quantity = written.quantity(&known)?;
    let changes = written.changes(&known, quantity);
    let (model, sources) = asked.checked(origin, &interventions.changes(&changes))?;
    Ok((
        model,
        sources,
        Some(Sweep {
            written,
            quantity,
            changes,
        }),
    ))
}

/// A sweep as written.
struct Written {
    /// What is held: `will[ukraine]`.
    target: String,
    /// Whether its equation is cut for that.
    cut: bool,
    /// In its unit.
    values: Vec<f64>,
}

/// A sweep of a model.
struct Sweep {
    written: Written,
    quantity: QuantityId,
    /// A change for each value.
    changes: Vec<String>,
}

/// So many values tell a curve from another; each costs a world.
const MOST_VALUES: usize = 101;

impl Written {
    fn read(text: &str) -> Result<Written, Failure> {
        let wrong = |why: &str| {
            Failure::usage(format!("`--sweep {text}`: {why}")).hint(
                "name, two ends and how many values, in its own unit: `--sweep first_echelon=0..30_000:7`",
            )
        };
        let (target, rest) = text.split_once('=').ok_or_else(|| wrong("there is no `=`"))?;
        let rest = rest.trim();
        let (cut, rest) = match rest.strip_prefix("cut ") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let (low, rest) = rest
            .split_once("..")
            .ok_or_else(|| wrong("there is no `..` between two ends"))?;
        let (high, count) = rest
            .split_once(':')
            .ok_or_else(|| wrong("it does not say how many values"))?;
        let number = |text: &str| {
            let number = text.trim().replace('_', "").parse::<f64>().ok();
            number
                .filter(|number| number.is_finite())
                .ok_or_else(|| wrong(&format!("`{}` is no number", text.trim())))
        };
        let (low, high) = (number(low)?, number(high)?);
        let count = count.trim().parse::<usize>().ok();
        let count = count
            .filter(|count| (2..=MOST_VALUES).contains(count))
            .ok_or_else(|| {
                wrong(&format!(
                    "the number of values is a whole number from 2 to {MOST_VALUES}"
                ))
            })?;
        if low >= high {
            return Err(wrong("the first end is not below the second"));
        }
        let last = (count - 1) as f64;
        Ok(Written {
            target: target.trim().to_owned(),
            cut,
            values: (0..count).map(|i| low + (high - low) * i as f64 / last).collect(),
        })
    }

    /// Returns the quantity, if it can be held at all of the values.
    fn quantity(&self, model: &Model) -> Result<QuantityId, Failure> {
        let name = self.target.split('[').next().unwrap_or_default().trim();
        let Some(id) = model.named(name) else {
            let failure = Failure::usage(format!("{} has no quantity `{name}`", model.name));
            let names = model.quantities.iter().map(|quantity| quantity.name.as_str());
            return Err(match did_you_mean(name, names) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure.hint(format!(
                    "its quantities: `melian check {} --print model`",
                    model.name
                )),
            });
        };
        let quantity = model.quantity(id);
        let refuse = |why: &str, hint: String| {
            Err(Failure::usage(format!("`{name}` cannot be swept: {why}")).hint(hint))
        };
        let (low, high) = (self.values[0], self.values[self.values.len() - 1]);
        match &quantity.kind {
            QuantityKind::Event(_) => refuse(
                "an event has no value",
                format!("compare dates: `--do {name}=never --do '{name}=at 2025-01-01'`"),
            ),
            QuantityKind::Choice(choice) => {
                let options: Vec<String> = choice
                    .options
                    .iter()
                    .map(|option| format!("--do {}={}", self.target, option.name))
                    .collect();
                refuse(
                    "a choice has options, not values",
                    format!("compare them: `{}`", options.join(" ")),
                )
            }
            QuantityKind::Measure { .. } | QuantityKind::Question { .. } | QuantityKind::Series { .. } => {
                refuse("it is only read off", "sweep what it is read from".into())
            }
            QuantityKind::Derived { .. } | QuantityKind::Flow { .. } | QuantityKind::Noise { .. }
                if !self.cut =>
            {
                refuse(
                    "it is computed, and holding it would cut its equation",
                    format!(
                        "write `--sweep '{}=cut ..'` if that is meant; cut would be: {}",
                        self.target, quantity.text
                    ),
                )
            }
            QuantityKind::Stock { .. } | QuantityKind::Flow { .. } if low < 0.0 => refuse(
                "it is never below 0",
                format!("begin at 0: `--sweep {name}=0..{high}:{}`", self.values.len()),
            ),
            QuantityKind::Parameter { .. } => {
                let scale = quantity.unit.scale;
                let (least, most) = parameter_range(model, id);
                let (least, most) = (least / scale, most / scale);
                if low < least || high > most {
                    let unit = &quantity.unit.text;
                    let unit = if unit == "1" {
                        String::new()
                    } else {
                        format!(" {unit}")
                    };
                    let range = match (least.is_finite(), most.is_finite()) {
                        (true, true) => format!("between {least} and {most}{unit}"),
                        (true, false) => format!("of {least}{unit} or more"),
                        _ => format!("of at most {most}{unit}"),
                    };
                    return refuse(
                        "its prior is defined elsewhere",
                        format!("its prior gives values {range}"),
                    );
                }
                Ok(id)
            }
            _ => Ok(id),
        }
    }

    /// Returns a change for each value.
    fn changes(&self, model: &Model, id: QuantityId) -> Vec<String> {
        let unit = &model.quantity(id).unit.text;
        let unit = if unit == "1" {
            String::new()
        } else {
            format!(" {unit}")
        };
        let cut = if self.cut { "cut " } else { "" };
        let change = |value: &f64| format!("{}={cut}{value}{unit}", self.target);
        self.values.iter().map(change).collect()
    }
}

impl Sweep {
    /// Returns the baseline, then a world for each value as the model stands, then under each of these worlds a world for each value.
    fn worlds(&self, model: &Model, under: &[World]) -> Result<Vec<World>, Failure> {
        let id = |change: &String| {
            let position = model.interventions.iter().position(|known| known.name == *change);
            InterventionId(position.expect("every change that was checked is an intervention") as u32)
        };
        let mut found = vec![World::baseline()];
        for world in std::iter::once(&World::baseline()).chain(under) {
            for change in &self.changes {
                let mut at_once = world.interventions.clone();
                at_once.push(id(change));
                found.push(together(model, &at_once).map_err(|_| {
                    let swept = &self.written.target;
                    Failure::usage(format!(
                        "`{}` changes `{swept}` itself, which is swept",
                        world.name
                    ))
                    .hint("give the sweep a command of its own, or leave this `--do` out")
                })?);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_names_its_ends_and_how_many_values() {
        let sweep = Written::read("will[ukraine] = cut 0..30_000:4").expect("it is a sweep");
        assert_eq!((sweep.target.as_str(), sweep.cut), ("will[ukraine]", true));
        assert_eq!(sweep.values, [0.0, 10_000.0, 20_000.0, 30_000.0]);
    }

    #[test]
    fn what_is_no_sweep_is_refused() {
        for text in [
            "x",
            "x=1",
            "x=1..2",
            "x=1..2:1",
            "x=2..1:3",
            "x=a..b:3",
            "x=0..inf:3",
            "x=0..1:1000",
        ] {
            assert!(Written::read(text).is_err(), "{text}");
        }
    }
}
