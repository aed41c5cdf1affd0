//! A model in parts: declarations and facts that can be taken from one version of it or from another.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::without_comments;
use crate::files::Files;
use crate::names;
use crate::source::FileId;
use crate::syntax;

/// The file of facts.
const FACTS: &str = "facts.toml";

/// Files beside the declarations that a model may have, facts excluded.
const OTHERS: [&str; 2] = ["references.toml", "anchors.lock"];

/// A declaration, a fact, or a whole file that is neither.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is: the keyword of a declaration, `fact`, or `file`.
    pub keyword: String,
    /// Its name: unique with the keyword. What has no name is known by its text.
    pub name: String,
    /// The file it stands in.
    pub file: String,
    /// As written.
    pub text: String,
}

impl Part {
    /// Returns the text without comments and with its white space made single, so that a line that moves is no difference. A fact keeps a line for each
    /// of its fields.
    pub fn plain(&self) -> String {
        let single = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        match self.keyword.as_str() {
            "fact" => {
                let lines = self.text.lines().map(single);
                lines
                    .filter(|line| !line.is_empty())
                    .collect::<Vec<_>>()
                    .join("\n")
            }
            "file" => single(&self.text),
            _ => single(&without_comments(&self.text)),
        }
    }

    /// Returns the plain text without what stands in quotation marks: titles, quotations, reasons.
    pub fn meaning(&self) -> String {
        if self.keyword == "file" {
            return self.plain();
        }
        if self.keyword == "fact" {
            // What a prior takes of a fact.
            let taken = ["unit", "low", "central", "high", "as_of"];
            let lines = self.text.lines().map(str::trim);
            let kept = lines.filter(|line| taken.iter().any(|word| line.starts_with(word)));
            return kept.collect::<Vec<_>>().join(" ");
        }
        let plain = self.plain();
        let outside = plain.split('"').step_by(2);
        outside
            .flat_map(str::split_whitespace)
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Returns what stands before its equation: a quantity with another head has another shape, unit or kind.
    pub fn head(&self) -> String {
        let meaning = self.meaning();
        let end = meaning.find(['=', '~', '{']).unwrap_or(meaning.len());
        format!("{} {}", self.keyword, meaning[..end].trim())
    }

    /// Returns the words that it mentions and that could be names.
    pub fn mentions(&self) -> BTreeSet<String> {
        let text = self.plain();
        let words = text.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }
}

/// Takes a model apart. Texts that cannot be parsed have no parts; checking says what is wrong with them.
pub fn parts(files: &dyn Files) -> Vec<Part> {
    let mut found = Vec::new();
    for file in files.models() {
        let Ok(text) = files.text(&file) else {
            continue;
        };
        let parsed = syntax::parse(&text, FileId(0)).file();
        // What a treaty stands for lies within it.
        let mut end = 0;
        for declaration in &parsed.declarations {
            let span = declaration.span;
            if span.start < end {
                continue;
            }
            end = span.end;
            let text = &text[span.start as usize..span.end as usize];
            let keyword = names::keyword(&declaration.kind);
            let mut part = Part {
                keyword: keyword.to_owned(),
                name: declaration.name.text.clone(),
                file: file.clone(),
                text: text.to_owned(),
            };
            match keyword {
                "model" | "time" => part.name = String::new(),
                "headline" | "correlate" => part.name = part.plain(),
                _ => {}
            }
            found.push(part);
        }
    }
    if let Ok(text) = files.text(FACTS) {
        found.extend(facts(&text));
    }
    let mut others: BTreeSet<String> = OTHERS.iter().map(|&name| name.to_owned()).collect();
    for part in &found {
        let quoted = part.text.split('"').skip(1).step_by(2);
        others.extend(
            quoted
                .filter(|name| name.ends_with(".csv") || name.ends_with(".geojson"))
                .map(str::to_owned),
        );
    }
    found.extend(others.into_iter().filter_map(|name| {
        let text = files.text(&name).ok()?;
        Some(Part {
            keyword: "file".into(),
            file: name.clone(),
            name,
            text,
        })
    }));
    found
}

fn facts(text: &str) -> impl Iterator<Item = Part> + '_ {
    text.split("[[fact]]").skip(1).map(|table| {
        let id = table
            .lines()
            .find_map(|line| line.trim().strip_prefix("id"))
            .and_then(|rest| rest.split('"').nth(1));
        Part {
            keyword: "fact".into(),
            name: id.unwrap_or_default().to_owned(),
            file: FACTS.into(),
            text: format!("[[fact]]{}", table.trim_end()),
        }
    })
}

/// Puts a model together from parts.
pub fn assembled<'p>(parts: impl IntoIterator<Item = &'p Part>) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for part in parts {
        if part.keyword == "file" {
            files.insert(part.file.clone(), part.text.clone());
            continue;
        }
        let text = files.entry(part.file.clone()).or_insert_with(|| {
            if part.keyword == "fact" {
                String::new()
            } else {
                format!("melian {}\n", syntax::VERSION)
            }
        });
        text.push('\n');
        text.push_str(&part.text);
        text.push('\n');
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> BTreeMap<String, String> {
        let text = "melian 0.1\n// A comment.\nmodel small \"Small\"\ntime weekly from 2024-10-28 for 4 weeks\nunit person\n\
                    param size : person ~ fact(men) \"Size\" // of it\nmeasure shown : person = size\n\
                    treaty pact between a, b \"Pact\" trigger shown > 3 person\nindex who { a, b }\nheadline \"It is {shown}.\"\n";
        let facts = "# Facts.\n[[fact]]\nid = \"men\"\nlow = 1.0\ncentral = 2.0\nhigh = 3.0\nnote = \"n\"\n\n[[fact]]\nid = \"guns\"\nlow = 1.0\n";
        BTreeMap::from([
            ("small.mel".to_owned(), text.to_owned()),
            ("facts.toml".to_owned(), facts.to_owned()),
        ])
    }

    #[test]
    fn a_model_is_taken_apart_and_put_together() {
        let taken = parts(&model());
        let keys: Vec<(&str, &str)> = taken
            .iter()
            .map(|part| (part.keyword.as_str(), part.name.as_str()))
            .collect();
        assert_eq!(
            keys,
            [
                ("model", ""),
                ("time", ""),
                ("unit", "person"),
                ("param", "size"),
                ("measure", "shown"),
                ("treaty", "pact"),
                ("index", "who"),
                ("headline", "headline \"It is {shown}.\""),
                ("fact", "men"),
                ("fact", "guns")
            ]
        );
        assert_eq!(parts(&assembled(&taken)), taken);
    }

    #[test]
    fn titles_and_comments_mean_nothing() {
        let taken = parts(&model());
        assert_eq!(taken[3].meaning(), "param size : person ~ fact(men)");
        assert_eq!(taken[3].head(), "param param size : person");
        assert!(taken[3].mentions().contains("men"));
        assert_eq!(taken[8].meaning(), "low = 1.0 central = 2.0 high = 3.0");
    }
}
