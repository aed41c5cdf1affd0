//! The book's answer to every claim of the essay is what a run of the gambit says.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What stands above is written by hand.
const GENERATED: &str =
    "<!-- From here on written by UPDATE=1 cargo test -p melian-cli --test gambit book -->\n";

/// Most parameters that are named for a claim.
const DECIDING: usize = 4;

fn percent(share: &Value) -> String {
    format!("{:.0}%", share.as_f64().expect("a share") * 100.0)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}

/// Orders c02 before c02_more and c10.
fn order(claim: &Value) -> (u32, String) {
    let name = text(claim, "name");
    let number = name.trim_start_matches('c').split('_').next().unwrap_or_default();
    (number.parse().expect("claims are numbered"), name.to_owned())
}

fn answers(report: &Value) -> String {
    let mut claims: Vec<&Value> = report["claims"].as_array().expect("claims").iter().collect();
    claims.sort_by_key(|claim| order(claim));
    let mut page = String::new();
    for claim in claims {
        let line = |page: &mut String, line: String| page.push_str(&format!("{line}\n"));
        line(
            &mut page,
            format!("\n## {}: {}\n", text(claim, "name"), text(claim, "title")),
        );
        line(&mut page, format!("> {}\n", text(claim, "quote")));
        let interval = &claim["share_interval"];
        let holds = match interval.as_array() {
            Some(ends) => format!(
                "holds in {} of draws ({} to {})",
                percent(&claim["share"]),
                percent(&ends[0]),
                percent(&ends[1])
            ),
            None => text(claim, "words").to_owned(),
        };
        line(
            &mut page,
            format!(
                "**{}**: {holds}. {}\n",
                text(claim, "verdict"),
                text(claim, "because")
            ),
        );
        if !text(claim, "formula").is_empty() {
            line(&mut page, format!("```text\n{}\n```\n", text(claim, "formula")));
        }
        let deciding = claim["decided_by"].as_array().expect("a list");
        if !deciding.is_empty() {
            let mut told = String::new();
            for parameter in deciding.iter().take(DECIDING) {
                write!(
                    told,
                    "{}`{}` ({} to {})",
                    if told.is_empty() { "" } else { ", " },
                    text(parameter, "parameter"),
                    percent(&parameter["low"]),
                    percent(&parameter["high"])
                )
                .expect("a string takes all");
            }
            let more = match deciding.len().saturating_sub(DECIDING) {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            line(&mut page, format!("It turns on {told}{more}.\n"));
        }
        let contradicted = claim["contradicts"].as_array().expect("a list");
        if !contradicted.is_empty() {
            let names: Vec<&str> = contradicted.iter().filter_map(Value::as_str).collect();
            line(&mut page, format!("It contradicts {}.\n", names.join(", ")));
        }
    }
    let single_blank_lines = page.replace("\n\n\n", "\n\n");
    format!("{}\n", single_blank_lines.trim_end())
}

#[test]
fn the_book_answers_every_claim_as_a_run_does() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let said = Command::new(env!("CARGO_BIN_EXE_melian"))
        .args(["run", "gambit", "--json"])
        .current_dir(folder.path())
        .env("MELIAN_CACHE", folder.path())
        .output()
        .expect("the command runs");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let report: Value = serde_json::from_slice(&said.stdout).expect("JSON");

    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/gambit/claims.md");
    let page = std::fs::read_to_string(&path).expect("the page is there");
    let (by_hand, generated) = page.split_once(GENERATED).expect("the page has a generated part");
    let expect = answers(&report);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, format!("{by_hand}{GENERATED}{expect}")).expect("the page can be written");
        return;
    }
    assert!(
        generated == expect,
        "docs/src/gambit/claims.md is stale; run UPDATE=1 cargo test -p melian-cli --test gambit book"
    );
}
