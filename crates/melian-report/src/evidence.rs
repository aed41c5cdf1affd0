//! What a model rests on, before it is run.

use melian_language::model::{Model, QuantityKind};
use melian_language::source::Sources;
use serde::Serialize;

use crate::compose::{facts_in, place, users_of_facts};

/// Which numbers rest on what.
#[derive(Clone, Debug, Serialize)]
pub struct Grounds {
    /// Facts that are used, best grade first.
    pub facts: Vec<FactUse>,
    /// Number of parameters.
    pub parameters: usize,
    /// Parameters that name neither a fact nor a reference: assumptions of the author.
    pub assumptions: Vec<Assumption>,
    /// References that were not checked against a public record: key and declarations that cite them.
    pub unverified: Vec<(String, Vec<String>)>,
    /// Facts that nothing uses.
    pub unused: Vec<String>,
}

/// A fact and what uses it.
#[derive(Clone, Debug, Serialize)]
pub struct FactUse {
    /// Its id.
    pub id: String,
    /// `A` to `D`.
    pub grade: String,
    /// What it is a figure of.
    pub quantity: String,
    /// Who says so.
    pub source: String,
    /// Declarations that use it.
    pub used_by: Vec<String>,
}

/// A parameter without a source.
#[derive(Clone, Debug, Serialize)]
pub struct Assumption {
    /// Its name.
    pub name: String,
    /// Title, or empty.
    pub title: String,
    /// File and line.
    pub place: (String, usize),
}

/// Says what a model rests on.
pub fn grounds(model: &Model, sources: &Sources) -> Grounds {
    let users = users_of_facts(model, sources);
    let mut facts: Vec<FactUse> = Vec::new();
    let mut unused = Vec::new();
    for fact in &model.evidence.facts {
        match users.get(&fact.id) {
            None => unused.push(fact.id.clone()),
            Some(used_by) => facts.push(FactUse {
                id: fact.id.clone(),
                grade: format!("{:?}", fact.grade),
                quantity: fact.quantity.clone(),
                source: fact.source.clone(),
                used_by: used_by.clone(),
            }),
        }
    }
    facts.sort_by(|a, b| a.grade.cmp(&b.grade));
    let parameters = || {
        model
            .quantities
            .iter()
            .filter(|q| matches!(q.kind, QuantityKind::Parameter { .. }))
    };
    let assumptions = parameters().filter(|q| q.cites.is_empty() && facts_in(&q.text).is_empty());
    let unverified = model
        .evidence
        .references
        .iter()
        .filter(|reference| !reference.verified);
    Grounds {
        facts,
        parameters: parameters().count(),
        assumptions: assumptions
            .map(|quantity| Assumption {
                name: quantity.name.clone(),
                title: quantity.title.clone().unwrap_or_default(),
                place: place(sources, quantity.span),
            })
            .collect(),
        unverified: unverified
            .map(|reference| {
                let citing = model
                    .quantities
                    .iter()
                    .filter(|q| q.all_cites().any(|key| *key == reference.key));
                (reference.key.clone(), citing.map(|q| q.name.clone()).collect())
            })
            .collect(),
        unused,
    }
}
