//! Licences and sources of all dependencies, without asking anything from outside.

use anyhow::{Context, Result, bail};
use cargo_metadata::{CargoOpt, MetadataCommand};
use spdx::Expression;

/// Licences that a dependency may have. All are permissive; MPL, LGPL and GPL are not among them.
const ALLOWED: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Crates that may not come in, with the reason.
const BANNED: &[(&str, &str)] = &[
    ("rand", "noise is addressed, never streamed"),
    (
        "libm",
        "elementary functions are our own, so that bits are the same everywhere",
    ),
    ("openssl-sys", "nothing here talks to a network"),
    ("tokio", "no async outside a server"),
];

/// Checks every package of the lock file.
pub fn run() -> Result<()> {
    let metadata = |features: Option<CargoOpt>| {
        let mut command = MetadataCommand::new();
        command.current_dir(crate::root());
        features.map(|features| command.features(features));
        command.exec().context("cargo metadata failed")
    };
    // What a feature brings moves tables and computes nothing: only the default build is held to the list of banned crates.
    let reachable = reachable_without_development(&metadata(None)?);
    let metadata = metadata(Some(CargoOpt::AllFeatures))?;
    let mut wrong = Vec::new();
    for package in &metadata.packages {
        let Some(source) = &package.source else { continue };
        let named = format!("{} {}", package.name, package.version);
        if !source.repr.contains("crates.io") {
            wrong.push(format!(
                "{named} comes from {}, not from the registry",
                source.repr
            ));
        }
        match &package.license {
            None => wrong.push(format!("{named} states no licence")),
            Some(licence) if !is_allowed(licence)? => wrong.push(format!("{named} is licensed {licence}")),
            Some(_) => {}
        }
        if let Some((_, reason)) = BANNED.iter().find(|(name, _)| *name == package.name.as_str())
            && reachable.contains(&package.id)
        {
            wrong.push(format!("{named} is banned: {reason}"));
        }
    }
    if !wrong.is_empty() {
        bail!("dependencies that may not be used:\n  {}", wrong.join("\n  "));
    }
    println!(
        "licences: {} packages, all permissive and from the registry",
        metadata.packages.len()
    );
    Ok(())
}

fn is_allowed(licence: &str) -> Result<bool> {
    // Old manifests separate alternatives with a slash.
    let text = licence.replace('/', " OR ");
    let expression = Expression::parse(&text)
        .map_err(|error| anyhow::anyhow!("cannot read licence {licence}: {error}"))?;
    Ok(expression.evaluate(|requirement| ALLOWED.contains(&requirement.to_string().as_str())))
}

/// Returns the packages that a user of the program gets: everything but development dependencies.
fn reachable_without_development(
    metadata: &cargo_metadata::Metadata,
) -> std::collections::BTreeSet<cargo_metadata::PackageId> {
    let nodes = metadata
        .resolve
        .as_ref()
        .map(|resolve| resolve.nodes.as_slice())
        .unwrap_or_default();
    let mut reached = std::collections::BTreeSet::new();
    // The command alone: what it is measured against may use what it likes.
    let mut open: Vec<_> = metadata.workspace_default_members.to_vec();
    while let Some(id) = open.pop() {
        if !reached.insert(id.clone()) {
            continue;
        }
        let Some(node) = nodes.iter().find(|node| node.id == id) else {
            continue;
        };
        for dependency in &node.deps {
            let needed = dependency
                .dep_kinds
                .iter()
                .any(|kind| kind.kind == cargo_metadata::DependencyKind::Normal);
            if needed {
                open.push(dependency.pkg.clone());
            }
        }
    }
    reached
}
