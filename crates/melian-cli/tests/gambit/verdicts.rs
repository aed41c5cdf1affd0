//! The answer to the essay, claim by claim: what `docs/src/gambit/claims.md` says of tests and verdicts is what a run of the default size says.
//!
//! `UPDATE=1 cargo test -p melian-cli --test gambit verdicts` writes these parts of the page; what stands between them is written by hand.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use melian_analysis::words::{percent, short};
use melian_report::data::{ClaimAnswer, Deciding, Report, Verdict};

use crate::MECHANISMS;

const END: &str = "<!-- end -->\n";

/// Parameters named as deciding a claim, those whose ends lie furthest apart (a choice by judgement).
const DECIDING: usize = 2;

/// Answers of the run that a reader gets by `melian run gambit`.
fn answers() -> Report {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(env!("CARGO_BIN_EXE_melian"))
        .args(["run", "gambit", "--json", "--quiet"])
        .current_dir(folder.path())
        .env("MELIAN_CACHE", folder.path().join("cache"))
        .output()
        .expect("the command runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("a report")
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Supported => "supported",
        Verdict::Contested => "contested",
        Verdict::Rejected => "rejected",
        Verdict::Unresolved => "unresolved",
        Verdict::BuiltIn => "built in",
        Verdict::Accurate => "accurate",
        Verdict::Imprecise => "imprecise",
        Verdict::Wrong => "wrong",
        Verdict::Normative => "normative",
    }
}

fn interval(claim: &ClaimAnswer) -> Option<String> {
    let (low, high) = claim.share_interval?;
    Some(format!("{} to {}", percent(low), percent(high)))
}

/// The parts of the page that a run writes, by the name of their mark.
fn parts(report: &Report) -> Vec<(String, String)> {
    let run = &report.run;
    let mut table = format!(
        "From `{}`; priors `{}`. {} claims: {}.\n\n| claim | verdict | share of draws | 90% interval |\n| --- | --- | --- | --- |\n",
        run.reproduce,
        &run.priors[..12],
        report.claims.len(),
        counts(report)
    );
    let mut claims: Vec<&ClaimAnswer> = report.claims.iter().collect();
    claims.sort_by_key(|claim| &claim.name);
    let mut parts = Vec::new();
    for claim in claims {
        writeln!(
            table,
            "| [{}](#{}) {} | {} | {} | {} |",
            claim.name,
            claim.name,
            claim.title,
            word(claim.verdict),
            claim.share.map_or(String::new(), percent),
            interval(claim).unwrap_or_default()
        )
        .expect("text can be written");
        parts.push((claim.name.clone(), part(claim)));
    }
    parts.insert(0, ("table".into(), table));
    parts
}

/// How many claims have which verdict.
fn counts(report: &Report) -> String {
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    for claim in &report.claims {
        *counts.entry(claim.verdict).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .into_iter()
        .map(|(verdict, count)| format!("{count} {}", word(verdict)))
        .collect();
    counts.join(", ")
}

fn part(claim: &ClaimAnswer) -> String {
    let mut text = format!("> {}\n\n**{}.** ", claim.quote, claim.title);
    text.push_str(&match claim.kind.as_str() {
        "normative" => "*Normative*: no measurement could decide it.".to_owned(),
        "factual" => format!("*{}*: {}.", capital(word(claim.verdict)), claim.words),
        // These words name the interval.
        _ if claim.verdict == Verdict::Unresolved => format!("*Unresolved*: {}.", claim.words),
        _ => format!(
            "*{}*: {} ({}).",
            capital(word(claim.verdict)),
            claim.words,
            interval(claim).expect("a share has an interval")
        ),
    });
    if !claim.formula.is_empty() {
        let lead = if claim.kind == "factual" {
            ""
        } else {
            "holds when "
        };
        let formula: Vec<&str> = claim.formula.split_whitespace().collect();
        write!(text, "\n\nTest: `{lead}{}`.", formula.join(" ")).expect("text can be written");
    }
    write!(text, " {}", claim.because).expect("text can be written");
    if let [bar] = claim.bars.as_slice()
        && let [_, Some(even), _] = bar.turns
    {
        let even = short(even);
        write!(text, " With {even} times its bar it would be as likely as not.")
            .expect("text can be written");
    }
    if !claim.decided_by.is_empty() {
        let mut apart: Vec<&Deciding> = claim.decided_by.iter().collect();
        apart.sort_by(|a, b| (b.high - b.low).abs().total_cmp(&(a.high - a.low).abs()));
        let named: Vec<String> = apart.into_iter().take(DECIDING).map(deciding).collect();
        write!(text, "\n\nDecided most by {}.", named.join(" and ")).expect("text can be written");
    }
    if !claim.contradicts.is_empty() {
        write!(text, " It contradicts {}.", claim.contradicts.join(", ")).expect("text can be written");
    }
    if !claim.rests_on.is_empty() {
        write!(text, "\n\nIt rests on {}", linked(&claim.rests_on)).expect("text can be written");
    }
    if !claim.settled_by.is_empty() {
        write!(text, "\n\nTo be settled by: {}", claim.settled_by).expect("text can be written");
    }
    text.push('\n');
    text
}

/// Mechanisms that stand alone in brackets lead to their chapters.
fn linked(words: &str) -> String {
    let mut text = String::new();
    for (position, part) in words.split('(').enumerate() {
        let Some((inside, outside)) = part.split_once(')').filter(|_| position > 0) else {
            text += part;
            continue;
        };
        let links: Option<Vec<String>> = inside
            .split(", ")
            .map(|name| {
                let chapter = name.replace(' ', "_");
                MECHANISMS
                    .contains(&chapter.as_str())
                    .then(|| format!("[{name}]({chapter}.md)"))
            })
            .collect();
        let inside = links.map_or_else(|| inside.to_owned(), |links| links.join(", "));
        text += &format!("({inside}){outside}");
    }
    text
}

fn deciding(found: &Deciding) -> String {
    format!(
        "`{}` (holds in {} of draws where it is low, {} where it is high{})",
        found.parameter,
        percent(found.low),
        percent(found.high),
        found
            .tips
            .map_or_else(String::new, |tips| format!(", half at {}", short(tips)))
    )
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}

#[test]
fn the_answer_claim_by_claim_is_what_a_run_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/gambit/claims.md");
    let page = std::fs::read_to_string(&path).expect("claims.md");
    let parts = parts(&answers());
    let marks: Vec<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("<!-- ")?.strip_suffix(" -->"))
        .filter(|mark| *mark != "end")
        .collect();
    let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(marks, names, "the page has a section for every claim, in order");
    let mut written = page.clone();
    for (name, text) in &parts {
        let mark = format!("<!-- {name} -->\n");
        let start = written.find(&mark).expect("asserted above") + mark.len();
        let length = written[start..].find(END).expect("a part ends");
        written.replace_range(start..start + length, text);
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &written).expect("claims.md is writable");
    }
    let committed = std::fs::read_to_string(&path).expect("claims.md");
    assert!(
        committed == written,
        "docs/src/gambit/claims.md is stale; run UPDATE=1 cargo test -p melian-cli --test gambit verdicts"
    );
}
