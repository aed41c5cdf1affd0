//! The page, from TypeScript to one HTML template in the report crate.

use anyhow::Result;

/// Installs the pinned packages and builds the template.
pub fn build() -> Result<()> {
    let web = crate::root().join("web");
    crate::run(&web, "npm", &["ci", "--no-audit", "--no-fund"])?;
    crate::run(&web, "npm", &["run", "build"])
}

/// Builds the template again, compares it with the committed one, and runs the page's tests.
pub fn test() -> Result<()> {
    let root = crate::root();
    build()?;
    crate::run(
        &root,
        "git",
        &[
            "diff",
            "--exit-code",
            "--stat",
            "--",
            "crates/melian-report/assets",
        ],
    )?;
    crate::run(&root.join("web"), "npm", &["test"])
}
