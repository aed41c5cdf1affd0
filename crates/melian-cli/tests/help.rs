//! The reference of the commands is what their help says: `docs/src/reference/commands.md` is what this test prints.
//!
//! `UPDATE=1 cargo test -p melian-cli --test help` writes the file.

use std::path::Path;
use std::process::Command;

const HEADER: &str = "\
# Commands

<!-- Written from the help of each command by the test `help` of `melian-cli`; do not edit. -->

What a command answers goes to standard output, what it says beside that (diagnostics, warnings, progress) to standard error. There is progress only on a
terminal, and colour only where it can be shown; `NO_COLOR` switches it off. Ctrl-C ends a run cleanly: results are written whole
or not at all.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | the model is unsound, or an anchor cannot be met |
| 2 | the command was not used as it is meant to be |
| 3 | the world: a file, the disk, the size of the machine |
| 101 | a fault of melian |
| 130 | interrupted |

The last run of every model is remembered in the user's cache folder, so that the next can say what changed; `MELIAN_CACHE` names another folder. Answers that a repeated run takes and parts of long runs that were interrupted lie there too:
`melian cache` lists them.
";

fn help(command: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_melian"))
        .args(command)
        .arg("--help")
        .env("COLUMNS", "100")
        .env("NO_COLOR", "1")
        // Help fits itself to a terminal, wherever it finds one.
        .stdin(std::process::Stdio::null())
        .output()
        .expect("the command runs");
    String::from_utf8(output.stdout).expect("help is text")
}

#[test]
fn the_reference_is_what_help_says() {
    let mut written = HEADER.to_owned();
    for command in [
        "run",
        "merge",
        "compare",
        "diff",
        "explain",
        "check",
        "anchor",
        "fmt",
        "new",
        "copy",
        "cache",
        "cache trim",
    ] {
        written.push_str(&format!(
            "\n## melian {command}\n\n```text\n{}\n```\n",
            help(&command.split(' ').collect::<Vec<_>>()).trim_end()
        ));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/src/reference/commands.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &written).expect("commands.md is writable");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == written,
        "docs/src/reference/commands.md is stale; run UPDATE=1 cargo test -p melian-cli --test help"
    );
}
