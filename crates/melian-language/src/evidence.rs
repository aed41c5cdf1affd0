//! Facts and references that a model cites.

/// What a model rests on.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// Facts of `facts.toml`, in its order.
    pub facts: Vec<Fact>,
    /// References of `references.toml`, in its order.
    pub references: Vec<Reference>,
}

impl Evidence {
    /// Returns a fact by its id.
    pub fn fact(&self, id: &str) -> Option<&Fact> {
        self.facts.iter().find(|fact| fact.id == id)
    }
}

/// A sourced figure.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Fact {
    /// Its id.
    pub id: String,
    /// What it is a figure of.
    pub quantity: String,
    /// Unit as written: a unit of the model, `share`, `probability` or `text`.
    pub unit: String,
    /// 5% point; absent for a text.
    pub low: Option<f64>,
    /// Median; absent for a text.
    pub central: Option<f64>,
    /// 95% point; absent for a text.
    pub high: Option<f64>,
    /// The content, for a text.
    #[serde(default)]
    pub text: Option<String>,
    /// The date for which it holds.
    pub as_of: String,
    /// Who says so.
    pub source: String,
    /// Where it was read.
    #[serde(default)]
    pub url: String,
    /// Quality: A official or several sources, B one official source or strong press, C press estimate or expert, D own assumption.
    pub grade: Grade,
    /// How it was verified.
    #[serde(default)]
    pub verified: String,
    /// Remarks.
    #[serde(default)]
    pub note: String,
}

/// Quality of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Grade {
    /// Official, or several sources.
    A,
    /// One official source, or strong press.
    B,
    /// Press estimate or expert.
    C,
    /// Own assumption.
    D,
}

/// A work of the literature.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Reference {
    /// Key after `cite`.
    pub key: String,
    /// Authors.
    pub authors: String,
    /// Year.
    pub year: i32,
    /// Title.
    pub title: String,
    /// Journal, publisher, place.
    #[serde(default)]
    pub published: String,
    /// DOI or address.
    #[serde(default)]
    pub doi: String,
    /// What is taken from it: equation, table or page.
    #[serde(default)]
    pub used_for: String,
    /// Whether the citation was checked against a public record.
    #[serde(default)]
    pub verified: bool,
}
