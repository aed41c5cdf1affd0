//! Every test, in the order in which a failure costs least.

use anyhow::Result;

/// Runs everything that has to pass before a change lands.
pub fn run() -> Result<()> {
    let root = crate::root();
    crate::run(&root, "cargo", &["fmt", "--all", "--check"])?;
    crate::tidy::run()?;
    crate::licences::run()?;
    crate::run(
        &root,
        "cargo",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ],
    )?;
    // The command is built for release first: tests of whole commands and of the page use it.
    crate::run(&root, "cargo", &["build", "--release", "--package", "melian-cli"])?;
    crate::run(&root, "cargo", &["test", "--workspace"])?;
    // What is off by default is tested beside it: the tests of that name, no more.
    let with_trajectories = [
        "--package",
        "melian-data",
        "--package",
        "melian-cli",
        "--features",
        "melian-cli/trajectories",
    ];
    let clippy = [
        &["clippy"],
        &with_trajectories[..],
        &["--all-targets", "--", "--deny", "warnings"],
    ];
    crate::run(&root, "cargo", &clippy.concat())?;
    let tests = [&["test"], &with_trajectories[..], &["--test", "trajectories"]];
    crate::run(&root, "cargo", &tests.concat())?;
    crate::web::test()?;
    println!("all tests passed");
    Ok(())
}
