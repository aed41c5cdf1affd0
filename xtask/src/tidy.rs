//! What no compiler checks.

use std::collections::BTreeMap;
use std::process::Command;

use anyhow::{Context, Result, bail};
use cargo_metadata::{DependencyKind, MetadataCommand};

/// The allowed edges between crates: data flows one way.
const EDGES: &[(&str, &[&str])] = &[
    ("melian-language", &[]),
    ("melian-engine", &["melian-language"]),
    ("melian-analysis", &["melian-language", "melian-engine"]),
    (
        "melian-report",
        &["melian-language", "melian-engine", "melian-analysis"],
    ),
    ("melian-data", &["melian-language", "melian-engine"]),
    (
        "melian-cli",
        &[
            "melian-language",
            "melian-engine",
            "melian-analysis",
            "melian-report",
            "melian-data",
        ],
    ),
    ("coalition", &["melian-engine"]),
    ("xtask", &[]),
];

/// Words that do not belong into the repository, and why.
const FORBIDDEN: &[(&str, &str)] = &[
    ("todo!(", "nothing is left undone in silence"),
    ("unimplemented!(", "nothing is left undone in silence"),
    ("FIXME", "write an issue, or fix it"),
    ("#[ignore", "a test runs or does not exist"),
];

/// Files that name the words above because they forbid them.
const NAMES_THEM: &[&str] = &["xtask/src/tidy.rs", "Cargo.toml"];

/// No tracked text is larger; the built page and snapshots have caps of their own.
const LARGEST_FILE: u64 = 1 << 20;

/// Checks everything and says all that is wrong.
pub fn run() -> Result<()> {
    let mut wrong = edges()?;
    wrong.extend(lint_lists()?);
    wrong.extend(files()?);
    if !wrong.is_empty() {
        bail!("untidy:\n  {}", wrong.join("\n  "));
    }
    println!("tidy: edges, lint lists and files are in order");
    Ok(())
}

fn edges() -> Result<Vec<String>> {
    let metadata = MetadataCommand::new()
        .current_dir(crate::root())
        .no_deps()
        .exec()
        .context("cargo metadata failed")?;
    let allowed: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let Some(targets) = allowed.get(package.name.as_str()) else {
            wrong.push(format!(
                "crate {} has no line in the table of edges",
                package.name
            ));
            continue;
        };
        for dependency in package
            .dependencies
            .iter()
            .filter(|d| d.kind == DependencyKind::Normal && d.path.is_some())
        {
            if !targets.contains(&dependency.name.as_str()) {
                wrong.push(format!("{} may not depend on {}", package.name, dependency.name));
            }
        }
    }
    Ok(wrong)
}

/// Clippy reads only the nearest `clippy.toml`, so the lists are kept equal by hand and compared here.
fn lint_lists() -> Result<Vec<String>> {
    let root = crate::root();
    let mut texts = Vec::new();
    for name in ["melian-language", "melian-engine", "melian-analysis"] {
        let path = root.join("crates").join(name).join("clippy.toml");
        texts.push((name, std::fs::read_to_string(&path).unwrap_or_default()));
    }
    Ok(texts
        .iter()
        .filter(|(_, text)| *text != texts[0].1 || text.is_empty())
        .map(|(name, _)| {
            format!("crates/{name}/clippy.toml is missing or differs from that of melian-language")
        })
        .collect())
}

fn files() -> Result<Vec<String>> {
    let root = crate::root();
    let listing = Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(&root)
        .output()
        .context("git ls-files failed")?;
    let mut wrong = Vec::new();
    for name in String::from_utf8_lossy(&listing.stdout)
        .split('\0')
        .filter(|name| !name.is_empty())
    {
        let path = root.join(name);
        let Ok(content) = std::fs::read(&path) else {
            continue;
        };
        if content.len() as u64 > LARGEST_FILE {
            wrong.push(format!("{name} is larger than {} KiB", LARGEST_FILE >> 10));
        }
        let Ok(text) = std::str::from_utf8(&content) else {
            continue;
        };
        if NAMES_THEM.contains(&name) || name.ends_with(".lock") {
            continue;
        }
        for (word, reason) in FORBIDDEN {
            if (name.ends_with(".rs") || name.ends_with(".ts")) && text.contains(word) {
                wrong.push(format!("{name} says {word}: {reason}"));
            }
        }
    }
    Ok(wrong)
}
