//! Whole commands, each a terminal session. What can be tested below is tested there.

mod session;

use std::path::Path;
use std::process::Command;

use session::{Said, Session, answers};

/// A model that answers in no time: a parameter, luck, two interventions, claims of several kinds.
const SMALL: &str = r#"melian 0.1

model small "A small model"
time weekly from 2025-01-06 for 4 weeks

unit person

param size : person ~ 90 to 110 "Size"
const scale = 1 "Scale"
noise luck ~ normal(0, 1) "Luck"

measure result : person = scale * size + luck * 1 person "Result"
question large = scale * size + luck * 1 person > 100 person "The result is large"

intervention double "Twice the size" { scale = 2 }
intervention nothing "Nothing changes" { scale = 1 }

claim doubles quote "twice as much" holds when effect(double, result) > 80 person
claim vain quote "it matters" holds when effect(nothing, result) > 1 person

headline "The result is {result}, large in {probability(large)} of futures; twice the size changes it by {effect(double, result)}."
"#;

const RUN: &[&str] = &["run", "m", "--draws", "256", "--reps", "4"];

fn and<'a>(arguments: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [arguments, more].concat()
}

#[test]
fn a_run_answers_first_then_gives_figures_claims_and_the_page() {
    let session = Session::with(&[("small.mel", SMALL)]);
    let said = session.melian(RUN).expect(0, &[]);
    let seconds = said.out.lines().nth(2).unwrap_or_default();
    assert!(seconds.ends_with(" s"), "{seconds}");
    let timeless = said.out.replace(seconds, "worlds, time");
    assert_eq!(
        timeless,
        "\
A small model
2025-01-06 to 2025-02-02, 1,024 futures (256 draws of 4), 3 worlds: baseline,
worlds, time

  The result is 99.63 persons [90 to 110], large in 46% [<0.1% to >99.9%] of
    futures; twice the size changes it by +99.65 persons [89 to 110].
  In brackets what holds with 90%: of a number, over futures; of a probability,
  over draws.

Questions              probability     90% of draws  error
  The result is large        46.3%  <0.1% to >99.9%   ±0.6

Measures   mean           90% of futures  error
  Result  99.63  persons       90 to 110  ±0.03

Claims                      share of draws  90% interval
  supported
    doubles: twice as much            100%          100%
  built in: true or false by construction
    vain: it matters                    0%

Page  small.melian/page.html
"
    );
    assert!(session.read("small.melian/page.html").contains("A small model"));
}

#[test]
fn a_folder_wins_over_a_shipped_model_and_says_so() {
    let session = Session::new();
    session.write("lanchester/small.mel", SMALL.as_bytes());
    let said = session.melian(&["run", "lanchester", "--draws", "8", "--reps", "2"]);
    said.expect(
        0,
        &[
            "running the folder ./lanchester, not the shipped model of that name",
            "A small model",
        ],
    );
}

#[test]
fn an_edit_is_named_with_the_answers_and_verdicts_that_moved() {
    let session = Session::with(&[("small.mel", SMALL)]);
    session.melian(RUN).expect(0, &[]);
    session
        .melian(RUN)
        .expect(0, &["Since the last run", "nothing changed"]);
    session.write("m/small.mel", SMALL.replace("90 to 110", "40 to 60").as_bytes());
    let said = session.melian(RUN).expect(
        0,
        &[
            "size: `90 to 110` became `40 to 60`",
            "doubles was supported and is now rejected",
            "answers that moved",
        ],
    );
    assert!(said.out.contains("99.63"), "{}", said.out);
}

#[test]
fn interventions_of_the_command_line_are_run_beside_the_baseline() {
    let session = Session::with(&[("small.mel", SMALL)]);
    let said = session.melian(&and(
        RUN,
        &["--do", "double", "--do", "scale=0.5", "--do", "nothing"],
    ));
    said.expect(
        0,
        &[
            "4 worlds: baseline",
            "Under double Twice the size",
            "Under scale=0.5",
            "Under nothing Nothing changes\n  nothing that is measured or asked differs in any future",
        ],
    );
}

#[test]
fn an_unknown_intervention_is_a_matter_of_usage() {
    let session = Session::with(&[("small.mel", SMALL)]);
    session.melian(&and(RUN, &["--do", "duoble"])).expect(
        2,
        &["small has no intervention `duoble`", "did you mean `double`?"],
    );
    session
        .melian(&and(RUN, &["--do", "x"]))
        .expect(2, &["interventions: double, nothing"]);
    let said = session.melian(&and(RUN, &["--do", "sclae=2"]));
    said.expect(
        2,
        &[
            "--> --do:1:1",
            "did you mean `scale`?",
            "`--do` asks for something that the model does not have",
        ],
    );
}

#[test]
fn json_holds_the_report_and_nothing_else() {
    let session = Session::with(&[("small.mel", SMALL)]);
    let said = session.melian(&and(RUN, &["--json"])).expect(0, &[]);
    let report: melian_report::data::Report = serde_json::from_str(&said.out).expect("a report");
    assert_eq!(report.format, melian_report::data::FORMAT);
    assert_eq!(report.worlds.len(), 3);
    session
        .melian(&and(RUN, &["--json=out/results.json", "--quiet"]))
        .expect(0, &[]);
    let written: melian_report::data::Report =
        serde_json::from_str(&session.read("out/results.json")).expect("a report");
    assert_eq!(written.run.identity, report.run.identity);
    assert_eq!(
        written.run.reproduce,
        "melian run m --draws 256 --reps 4 --seed 1"
    );
}

#[test]
fn the_same_run_gives_the_same_answers_on_any_number_of_threads() {
    let session = Session::with(&[("small.mel", SMALL)]);
    let answers = |threads: &str| {
        let said = session
            .melian(&and(RUN, &["--json", "--no-cache", "--threads", threads]))
            .expect(0, &[]);
        let mut report: melian_report::data::Report = serde_json::from_str(&said.out).expect("a report");
        report.run.seconds = None;
        report.changes = None;
        serde_json::to_string(&report).expect("plain data")
    };
    assert_eq!(answers("1"), answers("3"));
}

#[test]
fn draws_double_until_the_answer_is_exact_enough() {
    let session = Session::with(&[("small.mel", SMALL)]);
    let said = session.melian(&["run", "m", "--draws", "16", "--reps", "2", "--until", "1%"]);
    said.expect(0, &["16 draws: Monte Carlo error is at most", "; doubling"]);
    session
        .melian(&and(RUN, &["--until", "0"]))
        .expect(2, &["a percentage between 0% and 100%"]);
}

#[test]
fn the_page_goes_where_it_is_asked_for() {
    let session = Session::with(&[("small.mel", SMALL)]);
    session.melian(&and(RUN, &["--out", "a/b", "-q"])).expect(0, &[]);
    session
        .melian(&and(RUN, &["--out", "c.html", "-q"]))
        .expect(0, &[]);
    assert_eq!(session.names("a/b"), ["page.html"]);
    assert!(session.path("c.html").is_file());
}

#[test]
fn a_page_that_cannot_be_written_loses_no_answer() {
    let session = Session::with(&[("small.mel", SMALL)]);
    session.write("taken", b"");
    let said = session.melian(&and(RUN, &["--out", "taken/page.html"]));
    said.expect(
        3,
        &[
            "The result is 99.63 persons",
            "cannot write `taken/page.html`: a file is where a folder should be",
            "write it elsewhere: `--out FOLDER`",
        ],
    );
}

#[test]
fn what_is_missing_is_named_with_what_could_be_meant() {
    let session = Session::new();
    session.melian(&["run", "lanchster"]).expect(
        3,
        &[
            "there is no folder and no shipped model named `lanchster`",
            "did you mean `lanchester`?",
        ],
    );
    session
        .melian(&["run", "zzz"])
        .expect(3, &["models that come with melian: birth_death, dialogue,"]);
    session
        .melian(&["run", "./mine"])
        .expect(3, &["there is no folder `./mine`"]);
    session.write("empty/readme.txt", b"");
    session
        .melian(&["run", "empty"])
        .expect(3, &["there is no `.mel` file in `empty`"]);
    session.write("m/small.mel", SMALL.as_bytes());
    session
        .melian(&["run", "m/small.mel"])
        .expect(3, &["a model is a folder of `.mel` files", "run its folder: `m`"]);
}

#[test]
fn text_that_cannot_be_read_is_reported_with_its_place() {
    let session = Session::new();
    session.write("m/small.mel", b"melian 0.1\n\xff");
    session.melian(RUN).expect(
        3,
        &[
            "cannot read `m/small.mel`: line 2 is not UTF-8 text",
            "save the file as UTF-8",
        ],
    );
    session.write("m/small.mel", &vec![b' '; (4 << 20) + 1]);
    session.melian(RUN).expect(3, &["larger than 4 MiB"]);
}

#[test]
fn an_unsound_model_is_shown_and_ends_with_one() {
    let session = Session::with(&[(
        "small.mel",
        &SMALL.replace("scale * size + luck * 1 person \"", "sclae * size \""),
    )]);
    for command in [RUN, &["check", "m"]] {
        session
            .melian(command)
            .expect(1, &["small.mel:12:27", "did you mean `scale`?"]);
    }
    assert!(!session.path("small.melian").exists(), "nothing is written");
}

#[test]
fn a_folder_with_nothing_but_a_version_is_no_model() {
    let session = Session::with(&[("m.mel", "melian 0.1\n")]);
    for command in ["check", "run"] {
        let said = session.melian(&[command, "m"]);
        assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
        let all = said.out + &said.err;
        assert!(all.contains("the model has no `model` declaration"), "{all}");
        assert!(all.contains("the model has no `time` declaration"), "{all}");
    }
}

#[test]
fn an_absent_fact_names_the_place_and_the_file_to_write() {
    let session = Session::with(&[("small.mel", &SMALL.replace("~ 90 to 110", "~ fact(garrison)"))]);
    session
        .melian(RUN)
        .expect(1, &["garrison", "small.mel:8", "facts.toml"]);
}

#[test]
fn flags_that_are_no_numbers_are_a_matter_of_usage() {
    let session = Session::with(&[("small.mel", SMALL)]);
    for (flag, value) in [
        ("--draws", "NaN"),
        ("--draws", "0"),
        ("--reps", "-1"),
        ("--seed", "1e400"),
        ("--until", "NaN%"),
    ] {
        session.melian(&["run", "m", flag, value]).expect(2, &[flag]);
    }
}

#[test]
fn a_run_beyond_memory_is_refused_with_advice() {
    let session = Session::with(&[("small.mel", SMALL)]);
    let said = session.melian(&["run", "m", "--draws", "65535", "--reps", "65535"]);
    said.expect(
        3,
        &[
            "MB of memory and may take 8589 MB",
            "the largest that fits: `--draws ",
            " --reps 65535`",
            "`--memory ",
        ],
    );
}

#[test]
fn a_failed_face_check_is_a_warning_with_cause_and_remedy() {
    let model = format!("{SMALL}check plausible = result between 200 person and 300 person\n");
    let session = Session::with(&[("small.mel", &model)]);
    session
        .melian(RUN)
        .expect(0, &["face check `plausible` fails", "likely cause:", "remedy:"]);
}

#[test]
fn numbers_that_go_wrong_are_warnings_and_the_run_goes_on() {
    let model = SMALL.replace(
        "scale * size + luck * 1 person \"Result\"",
        "1 person * ln(luck) \"Result\"",
    );
    let session = Session::with(&[("small.mel", &model)]);
    session.melian(RUN).expect(
        0,
        &[
            "is not a number in",
            "first in future 0:",
            "likely cause:",
            "remedy:",
        ],
    );
}

#[test]
fn check_says_what_is_sound_and_prints_what_is_asked_for() {
    let session = Session::with(&[("small.mel", SMALL)]);
    session.melian(&["check", "m"]).expect(
        0,
        &["small is sound: 1 parameter, 0 stocks, 1 measure, 1 question, 2 claims"],
    );
    session
        .melian(&["check", "m", "--print", "model"])
        .expect(0, &["size"]);
    session
        .melian(&["check", "m", "--print", "program"])
        .expect(0, &["result"]);
    session
        .melian(&["check", "m", "--print", "tree"])
        .expect(0, &["small.mel"]);
    session.melian(&["check", "m", "--evidence"]).expect(
        0,
        &["1 parameters of 1 name neither a fact nor a work", "small.mel:8"],
    );
    session
        .melian(&["check", "--explain", "e0301"])
        .expect(0, &["E0301"]);
    session
        .melian(&["check", "--explain", "E9999"])
        .expect(2, &["there is no code `E9999`"]);
}

#[test]
fn check_gives_the_same_as_json() {
    let session = Session::with(&[("small.mel", &SMALL.replace("scale * size", "sclae * size"))]);
    let said = session.melian(&["check", "m", "--json"]).expect(1, &[]);
    let found: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(found["format"], "melian-check 1.0");
    assert_eq!(found["sound"], false);
    assert_eq!(found["diagnostics"][0]["code"], "E0201");
    assert_eq!(found["diagnostics"][0]["place"]["file"], "small.mel");
    assert_eq!(found["diagnostics"][0]["place"]["line"], 12);
    assert_eq!(found["diagnostics"][0]["edit"]["replacement"], "scale");
}

#[test]
fn a_new_model_is_sound_formatted_and_runs() {
    let session = Session::new();
    session
        .melian(&["new", "fort"])
        .expect(0, &["now `melian run ./fort`"]);
    session.melian(&["check", "fort"]).expect(0, &["fort is sound:"]);
    session
        .melian(&["fmt", "--check", "fort"])
        .expect(0, &["nothing to change"]);
    session
        .melian(&["run", "fort", "--draws", "64"])
        .expect(0, &["Relief arrives in"]);
    session.melian(&["new", "fort"]).expect(
        3,
        &["`fort` exists already and is not empty", "choose another name"],
    );
    session
        .melian(&["new", "my-fort"])
        .expect(2, &["`my-fort` cannot name a model", "try `my_fort`"]);
}

#[test]
fn a_shipped_model_is_copied_whole() {
    let session = Session::new();
    session
        .melian(&["copy", "lanchester", "mine"])
        .expect(0, &["copied lanchester to mine"]);
    session
        .melian(&["check", "mine"])
        .expect(0, &["lanchester is sound"]);
    session
        .melian(&["copy", "lanchester", "mine"])
        .expect(3, &["exists already and is not empty"]);
    session
        .melian(&["copy", "lanchestre"])
        .expect(3, &["did you mean `lanchester`?"]);
}

#[test]
fn fmt_lays_files_out_and_leaves_broken_ones_alone() {
    let session = Session::with(&[("small.mel", &SMALL.replace("const scale = 1", "const   scale=1"))]);
    session
        .melian(&["fmt", "--check", "m"])
        .expect(1, &["small.mel would change"]);
    session.melian(&["fmt", "m"]).expect(0, &["small.mel formatted"]);
    assert!(session.read("m/small.mel").contains("const scale = 1"));
    session.write("m/broken.mel", b"melian 0.1\nconst = = 1\n");
    session.melian(&["fmt", "m"]).expect(1, &["broken.mel:2"]);
    assert_eq!(session.read("m/broken.mel"), "melian 0.1\nconst = = 1\n");
}

#[test]
fn colours_are_for_terminals_only() {
    let session = Session::with(&[("small.mel", SMALL)]);
    let said = session.melian(RUN);
    assert!(!said.out.contains('\u{1b}') && !said.err.contains('\u{1b}'));
}

#[test]
fn nobody_reading_on_is_no_failure() {
    use std::io::Read;
    let session = Session::with(&[("small.mel", SMALL)]);
    let mut child = session
        .command(&["check", "m", "--print", "program"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the command runs");
    let mut first = [0; 1];
    child
        .stdout
        .take()
        .expect("a pipe")
        .read_exact(&mut first)
        .expect("a byte");
    assert!(child.wait().expect("it ends").success());
}

#[cfg(unix)]
#[test]
fn interrupting_a_run_leaves_nothing_behind() {
    // A series is recorded in every step, so none can be left out.
    let long = SMALL.replace("for 4 weeks", "for 5000 weeks") + "series path = luck\n";
    let session = Session::with(&[("small.mel", &long)]);
    let mut child = session
        .command(&["run", "m", "--draws", "60000", "--reps", "40"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the command runs");
    // Long enough to be at work, far too short for hundreds of millions of steps of futures.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert!(
        child.try_wait().expect("it can be asked").is_none(),
        "the run is still on"
    );
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .expect("kill")
            .success()
    );
    let said = Said::of(child.wait_with_output().expect("it ends"));
    said.expect(130, &["interrupted; no result was written"]);
    assert_eq!(session.names("."), ["m"]);
}

#[test]
fn help_names_every_command() {
    let session = Session::new();
    session.melian(&["--help"]).expect(
        0,
        &[
            "run",
            "compare",
            "diff",
            "explain",
            "check",
            "anchor",
            "fmt",
            "new",
            "copy",
            "cache",
            "melian run lanchester",
        ],
    );
    session.melian(&["run", "--help"]).expect(
        0,
        &[
            "--do",
            "--draws",
            "--reps",
            "--seed",
            "--until",
            "--memory",
            "--resume",
            "--no-cache",
            "--json",
            "--out",
            "--open",
        ],
    );
    assert!(Path::new(env!("CARGO_BIN_EXE_melian")).exists());
}

/// A log hazard that an elicited probability pins.
const ANCHORED: &str = r#"melian 0.1

model anchored "An anchored model"
time weekly from 2025-01-06 for 52 weeks

param heat ~ normal(-1, 1) "Log hazard"
event break_in at rate exp(heat) / 1 year
question broken = occurred(break_in) "Somebody breaks in"
anchor heat so that probability(broken) ~ 0.1 to 0.3
"#;

#[test]
fn anchors_are_said_to_be_open_solved_and_stale() {
    let session = Session::with(&[("anchored.mel", ANCHORED)]);
    session.melian(&["check", "m"]).expect(
        0,
        &["W1010", "`heat` is anchored and not solved for", "with 1 warning"],
    );
    session
        .melian(&["run", "m", "--json=open.json", "-q"])
        .expect(0, &["W1010"]);
    assert!(session.read("open.json").contains(r#""state":"open""#));
    assert_eq!(session.names("m"), ["anchored.mel"], "a run solves nothing");

    let said = session.melian(&["anchor", "m"]).expect(
        0,
        &[
            "broken, elicited",
            "reached",
            "at heat",
            "Written to anchors.lock",
        ],
    );
    assert_eq!(said.err, "");
    session
        .melian(&["check", "m"])
        .expect(0, &["anchored is sound: "]);
    let said = session
        .melian(&["run", "m", "--json=solved.json"])
        .expect(0, &["Somebody breaks in (elicited)", "18.1%"]);
    assert_eq!(said.err, "");
    let results = session.read("solved.json");
    assert!(results.contains(r#""state":"solved""#) && results.contains(r#""elicited":true"#));

    session.write(
        "m/anchored.mel",
        ANCHORED.replace("exp(heat)", "exp(2 * heat)").as_bytes(),
    );
    session.melian(&["check", "m"]).expect(
        0,
        &[
            "W1011",
            "was solved for another version of this model",
            "with 1 warning",
        ],
    );
    session
        .melian(&["run", "m", "-q", "--json=stale.json"])
        .expect(0, &["W1011"]);
    assert!(session.read("stale.json").contains(r#""state":"stale""#));
    session.melian(&["anchor", "m", "--quiet"]).expect(0, &[]);
    session
        .melian(&["check", "m"])
        .expect(0, &["anchored is sound: "]);

    session.write(
        "m/anchored.mel",
        ANCHORED.replace("anchor heat", "// anchor heat").as_bytes(),
    );
    session
        .melian(&["check", "m"])
        .expect(0, &["W1011", "the model has none", "delete `anchors.lock`"]);
    session
        .melian(&["anchor", "m"])
        .expect(0, &["anchored has no anchors: nothing to solve for"]);
}

#[test]
fn a_lock_is_the_same_on_any_number_of_threads() {
    let session = Session::with(&[("anchored.mel", ANCHORED)]);
    session.melian(&["anchor", "m", "--threads", "1"]).expect(0, &[]);
    let one = session.read("m/anchors.lock");
    session.melian(&["anchor", "m", "--threads", "3"]).expect(0, &[]);
    assert_eq!(session.read("m/anchors.lock"), one);
    session
        .melian(&["anchor", "m", "--seed", "2", "--draws", "128", "--reps", "4"])
        .expect(0, &["128 draws x 4 replications, seed 2"]);
    assert_ne!(session.read("m/anchors.lock"), one);
}

#[test]
fn what_cannot_be_met_ends_with_its_reach_and_writes_no_lock() {
    let text = ANCHORED.replace("exp(heat) / 1 year", "exp(heat) / 1 year if now >= 2025-12-22");
    let session = Session::with(&[("anchored.mel", &text.replace("normal(-1, 1)", "uniform(-2, 0)"))]);
    session.melian(&["anchor", "m"]).expect(
        1,
        &[
            "E0721",
            "anchored.mel:9:1",
            "no value of `heat` gives `broken` its elicited",
            "it goes from",
            "help",
        ],
    );
    assert_eq!(session.names("m"), ["anchored.mel"]);
}

#[test]
fn a_lock_that_cannot_be_used_is_an_error_until_it_is_written_anew() {
    let hostile: [(&[u8], &[&str]); 6] = [
        (b"version = 7\n", &["anchors.lock:1:11", "it has version 7"]),
        (b"# old\n\nvers", &["anchors.lock:3"]),
        (b"version = 1\ndraws = \xff\n", &["line 2 is not UTF-8 text"]),
        (b"", &["missing field `version`"]),
        (
            b"version = 1\ndepends_on = \"\"\ndraws = 1\nreplications = 1\nseed = 1\nhost = \"x\"\n",
            &["anchors.lock:6", "unknown field `host`"],
        ),
        (b"version = 99999999999999999999999\n", &["anchors.lock"]),
    ];
    let session = Session::with(&[("anchored.mel", ANCHORED)]);
    for (bytes, says) in hostile {
        session.write("m/anchors.lock", bytes);
        for command in ["check", "run"] {
            session
                .melian(&[command, "m"])
                .expect(1, &["E0805", "solve the anchors again"])
                .expect(1, says);
        }
    }
    session.write("m/anchors.lock", &vec![b'#'; (4 << 20) + 1]);
    session.melian(&["check", "m"]).expect(1, &["larger than 4 MiB"]);
    session
        .melian(&["anchor", "m"])
        .expect(0, &["Written to anchors.lock"]);
    session
        .melian(&["check", "m"])
        .expect(0, &["anchored is sound: "]);
}

#[test]
fn a_shipped_model_is_solved_in_a_copy() {
    let session = Session::new();
    session
        .melian(&["anchor", "lanchester"])
        .expect(2, &["comes with melian", "`melian copy lanchester ./lanchester`"]);
}

#[cfg(unix)]
#[test]
fn interrupting_a_solution_leaves_the_old_lock() {
    let session = Session::with(&[
        (
            "anchored.mel",
            &ANCHORED.replace("for 52 weeks", "for 5000 weeks"),
        ),
        ("anchors.lock", "old"),
    ]);
    let mut child = session
        .command(&["anchor", "m", "--draws", "60000", "--reps", "40"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the command runs");
    std::thread::sleep(std::time::Duration::from_millis(1500));
    assert!(
        child.try_wait().expect("it can be asked").is_none(),
        "it is still solving"
    );
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(killed.expect("kill").success());
    let said = Said::of(child.wait_with_output().expect("it ends"));
    said.expect(130, &["interrupted; no result was written"]);
    assert_eq!(session.names("m"), ["anchored.mel", "anchors.lock"]);
    assert_eq!(session.read("m/anchors.lock"), "old");
}

const COMPARE: &[&str] = &["compare", "m", "--draws", "256", "--reps", "4"];

/// What a comparison says as data.
fn compared(session: &Session, more: &[&str]) -> melian_report::data::Report {
    let said = session
        .melian(&and(&and(COMPARE, &["--json"]), more))
        .expect(0, &[]);
    serde_json::from_str(&said.out).expect("a report")
}

#[test]
fn a_comparison_says_what_would_have_been_otherwise() {
    let session = Session::with(&[("small.mel", SMALL)]);
    let said = session.melian(&and(COMPARE, &["--do", "double", "--do", "nothing"]));
    let said = said.expect(
        0,
        &[
            "3 worlds: baseline",
            "Under double Twice the size",
            "the same luck",
            "Under double it is true in every future",
            "The other way round, it is true only under double",
            "Under nothing Nothing changes\n  nothing that is measured or asked differs in any future",
            "Page  small.melian/page.html",
        ],
    );
    assert!(!said.out.contains("Claims"), "{}", said.out);
}

#[test]
fn interventions_at_once_are_one_world_beside_those_of_each() {
    let session = Session::with(&[("small.mel", SMALL)]);
    let report = compared(&session, &["--do", "double + size=100 person"]);
    let names: Vec<&str> = report.worlds.iter().map(|world| world.name.as_str()).collect();
    assert_eq!(
        names,
        ["baseline", "double", "size=100 person", "double+size=100 person"]
    );
    assert_eq!(report.worlds[3].parts, ["double", "size=100 person"]);
    let comparison = report.comparison.expect("it compares");
    let of_result = |found: &&melian_report::data::Interaction| found.name == "result";
    let beyond = comparison
        .interactions
        .iter()
        .find(of_result)
        .expect("an interaction");
    // 2 (100) less size, less what twice and 100 do alone: 100 - size, which is 0 in the mean.
    let estimate = &beyond.effect.estimate;
    assert!(estimate.mean.expect("known").abs() < 1.0, "{estimate:?}");
    assert!(estimate.knowledge_sd.expect("known") > 3.0, "{estimate:?}");
}

#[test]
fn interventions_that_add_say_that_they_only_add() {
    let model = SMALL.replace(
        "luck * 1 person \"Result\"\n",
        "luck * 1 person + bonus\nconst bonus : person = 0 person\n",
    );
    let model = model.replace("question large", "question late");
    let session = Session::with(&[(
        "small.mel",
        &model.replace("probability(large)", "probability(late)"),
    )]);
    session
        .melian(&and(COMPARE, &["--do", "double+bonus=5 person"]))
        .expect(
            0,
            &["together they do exactly what each does alone, in every future"],
        );
}

#[test]
fn a_comparison_gives_the_same_bits_on_any_number_of_threads() {
    let session = Session::with(&[("small.mel", SMALL)]);
    let answers = |threads: &str| {
        let asked = [
            "--do",
            "double",
            "--sweep",
            "size=90..110:3",
            "--threads",
            threads,
        ];
        let mut report = compared(&session, &asked);
        report.run.seconds = None;
        serde_json::to_string(&report).expect("plain data")
    };
    assert_eq!(answers("1"), answers("3"));
}

#[test]
fn a_comparison_in_single_precision_agrees_with_one_in_double() {
    let session = Session::with(&[("small.mel", SMALL)]);
    let found = |more: &[&str]| {
        let asked = and(&["--do", "double", "--sweep", "size=90..110:3"], more);
        let report = compared(&session, &asked);
        let sweep = report.comparison.and_then(|comparison| comparison.sweep);
        let answers = sweep.expect("a sweep").answers;
        let means = answers.iter().flat_map(|answer| &answer.points);
        let means: Vec<f64> = means.filter_map(|estimate| estimate.mean).collect();
        (report.run, means)
    };
    let ((double, expect), (single, means)) = (found(&[]), found(&["--precision", "single"]));
    assert_ne!(double.identity, single.identity);
    assert!(
        single.reproduce.contains("--precision single"),
        "{}",
        single.reproduce
    );
    assert!(expect.len() >= 6 && means.len() == expect.len());
    // Digits of single precision, and no future whose answer is turned by them.
    for (mean, expect) in means.iter().zip(&expect) {
        assert!(
            (mean - expect).abs() <= 1e-5 * expect.abs(),
            "{mean}, not {expect}"
        );
    }
    assert_ne!(means, expect);
}

#[test]
fn a_sweep_goes_on_under_every_intervention_beside_it() {
    let session = Session::with(&[("small.mel", SMALL)]);
    let asked = ["--do", "double+luck=median", "--sweep", "size=90..110:5"];
    let sweep = compared(&session, &asked)
        .comparison
        .and_then(|comparison| comparison.sweep);
    let sweep = sweep.expect("a sweep");
    let means = |answers: &[melian_report::data::SweepAnswer]| -> Vec<f64> {
        let result = answers
            .iter()
            .find(|answer| answer.name == "result")
            .expect("an answer");
        result
            .points
            .iter()
            .map(|point| point.mean.expect("known"))
            .collect()
    };
    let worlds: Vec<&str> = sweep.under.iter().map(|under| under.world.as_str()).collect();
    assert_eq!(worlds, ["double", "luck=median", "double+luck=median"]);
    // Under the same luck a result of twice the size is that of once the size and the size again; without luck it is exact.
    let (as_it_stands, doubled) = (means(&sweep.answers), means(&sweep.under[0].answers));
    for ((value, once), twice) in sweep.values.iter().zip(&as_it_stands).zip(&doubled) {
        assert!((twice - once - value).abs() < 1e-9, "{once} {twice}");
    }
    assert_eq!(means(&sweep.under[1].answers), sweep.values);
    assert_eq!(
        means(&sweep.under[2].answers),
        [180.0, 190.0, 200.0, 210.0, 220.0]
    );
    session.melian(&and(COMPARE, &asked)).expect(
        0,
        &[
            "As size is held at Size\n",
            "As size is held at Size, under double\n",
        ],
    );
    session
        .melian(&and(COMPARE, &["--do", "double", "--sweep", "scale=0..2:3"]))
        .expect(
            2,
            &[
                "`double` changes `scale` itself, which is swept",
                "leave this `--do` out",
            ],
        );
}

#[test]
fn a_sweep_holds_a_quantity_at_one_value_after_another() {
    let session = Session::with(&[("small.mel", SMALL)]);
    session
        .melian(&and(COMPARE, &["--sweep", "scale=0..2:3"]))
        .expect(
            0,
            &[
                "As scale is held at Scale",
                "Result: rises, and never turns in 100% of futures",
            ],
        );
    let report = compared(&session, &["--sweep", "size=90..110:5"]);
    let reproduce = &report.run.reproduce;
    assert!(reproduce.contains("--sweep size=90..110:5"), "{reproduce}");
    let sweep = report
        .comparison
        .and_then(|comparison| comparison.sweep)
        .expect("a sweep");
    assert_eq!(sweep.unit, "person");
    assert_eq!(sweep.values, [90.0, 95.0, 100.0, 105.0, 110.0]);
    let result = sweep
        .answers
        .iter()
        .find(|answer| answer.name == "result")
        .expect("an answer");
    let means: Vec<f64> = result
        .points
        .iter()
        .map(|point| point.mean.expect("known"))
        .collect();
    for pair in means.windows(2) {
        assert!((pair[1] - pair[0] - 5.0).abs() < 1e-9, "{means:?}");
    }
}

/// Twice the size makes more of the result by its half and by its rest.
const WAYS: &str = "let half = 0.5 * scale * size\nlet rest = 0.25 * scale * size\nlet aside = luck\n\
                    pathway by_half \"By its half\" through half\npathway by_rest through rest\n\
                    pathway by_both through half, rest\npathway by_luck through aside\n";

fn with_ways() -> String {
    SMALL.replace(
        "measure result : person = scale * size",
        "measure result : person = half + rest + 0.25 * scale * size",
    ) + WAYS
}

#[test]
fn an_effect_is_taken_apart_by_pathways() {
    let session = Session::with(&[("small.mel", &with_ways())]);
    let asked = &["--do", "double", "--through", "by_rest,by_half"];
    let report = compared(&session, asked);
    let comparison = report.comparison.expect("it compares");
    let apart = comparison.apart.iter().find(|apart| apart.name == "result");
    let apart = apart.expect("the effect on the result");
    let effect = apart.effect.mean.expect("a mean");
    let names: Vec<&str> = apart.parts.iter().map(|part| part.pathway.as_str()).collect();
    assert_eq!(names, ["by_rest", "by_half"]);
    for (estimate, share) in [
        (&apart.parts[0].share, 0.25),
        (&apart.parts[1].share, 0.5),
        (&apart.parts[1].alone, 0.5),
        (&apart.parts[1].missed, 0.5),
        (&apart.otherwise, 0.25),
    ] {
        let mean = estimate.mean.expect("a mean");
        assert!((mean - share * effect).abs() < 1e-9, "{mean} of {effect}");
    }
    let said = session.melian(&and(COMPARE, asked));
    said.expect(
        0,
        &[
            "through what",
            "By its half",
            "by rest",
            "otherwise",
            "they add up to the effect",
        ],
    );
}

#[test]
fn what_cannot_be_taken_apart_is_refused_with_advice() {
    let session = Session::with(&[("small.mel", &with_ways())]);
    let cases: &[(&[&str], &[&str])] = &[
        (&["--through", "by_half"], &["compare with what?"]),
        (
            &["--do", "double", "--through", "by_hafl"],
            &["has no pathway `by_hafl`", "did you mean `by_half`?"],
        ),
        (
            &["--do", "double", "--through", "all"],
            &["`half` is on the pathways `by_half` and `by_both`"],
        ),
        (
            &["--do", "double", "--through", "by_luck"],
            &[
                "the pathway `by_luck` leads nowhere",
                "nothing that `double` changes reaches it",
            ],
        ),
    ];
    for (more, parts) in cases {
        session.melian(&and(COMPARE, more)).expect(2, parts);
    }
    assert!(!session.path("small.melian").exists(), "nothing is written");
    let plain = Session::with(&[("small.mel", SMALL)]);
    plain
        .melian(&and(COMPARE, &["--do", "double", "--through", "all"]))
        .expect(2, &["declares no pathway", "pathway NAME"]);
}

#[test]
fn what_cannot_be_compared_is_refused_with_advice() {
    let events = SMALL.to_owned()
        + "let twice = 2 * scale\nevent flood at rate 0.1 / 1 week\nstock ships : person = 5 person\nparam share ~ uniform(0, 1)\n\
           choice council by elders every 2 weeks options { build, wait } start wait utility { build: 1, wait: 0 }\n";
    let session = Session::with(&[("small.mel", &events)]);
    let cases: &[(&[&str], &[&str])] = &[
        (&[], &["compare with what?", "interventions: double, nothing"]),
        (&["--do", "duoble"], &["did you mean `double`?"]),
        (
            &["--do", "double+scale=3"],
            &[
                "`double` and `scale=3` cannot act at once",
                "`scale`",
                "--do double --do scale=3",
            ],
        ),
        (&["--do", "double+double"], &["names `double` twice"]),
        (
            &["--do", "twice=3"],
            &["`twice` is derived", "this equation would no longer be heard"],
        ),
        (&["--sweep", "sclae=0..1:3"], &["did you mean `scale`?"]),
        (
            &["--sweep", "twice=0..1:3"],
            &["would cut its equation", "let twice = 2 * scale"],
        ),
        (&["--sweep", "flood=0..1:3"], &["an event has no value"]),
        (
            &["--sweep", "council=0..1:3"],
            &["a choice has options", "--do council=build --do council=wait"],
        ),
        (&["--sweep", "result=0..1:3"], &["it is only read off"]),
        (&["--sweep", "ships=-1..1:3"], &["it is never below 0"]),
        (
            &["--sweep", "share=0..2:3"],
            &["its prior gives values between 0 and 1"],
        ),
        (&["--sweep", "scale=0..2:1"], &["a whole number from 2 to 101"]),
        (
            &["--sweep", "scale=0..1:3", "--sweep", "size=1..2:3"],
            &["one quantity is swept at a time"],
        ),
    ];
    for (more, parts) in cases {
        session.melian(&and(COMPARE, more)).expect(2, parts);
    }
    assert!(!session.path("small.melian").exists(), "nothing is written");
}

#[test]
fn an_equation_that_is_cut_is_named() {
    let model = SMALL.replace("= scale * size + luck", "= twice * size + luck") + "let twice = 2 * scale\n";
    let session = Session::with(&[("small.mel", &model)]);
    session
        .melian(&and(COMPARE, &["--do", "twice=cut 3"]))
        .expect(0, &["cuts what twice is computed from: let twice = 2 * scale"]);
}

#[test]
fn too_few_futures_for_an_answer_say_how_many_are_needed() {
    let model = SMALL.replace("> 100 person", "> 108 person");
    let session = Session::with(&[("small.mel", &model)]);
    let said = session.melian(&[
        "compare",
        "m",
        "--do",
        "scale=0.97",
        "--draws",
        "64",
        "--reps",
        "2",
    ]);
    let said = said.expect(0, &[]);
    let words = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("are too few: that is") && words.contains("in all would give"),
        "{words}"
    );
}

/// Two versions of a model: the prior and the scale are others, and words.
fn two_versions() -> Session {
    let session = Session::with(&[("small.mel", SMALL)]);
    let later = SMALL
        .replace("90 to 110", "180 to 220")
        .replace("const scale = 1", "const scale = 1.5")
        .replace("twice as much", "twice as many");
    session.write("later/small.mel", later.as_bytes());
    session
}

const DIFF: &[&str] = &["--draws", "256", "--reps", "4"];

#[test]
fn two_versions_differ_by_what_each_change_does() {
    let session = two_versions();
    session.melian(&and(&["diff", "m", "later"], DIFF)).expect(
        0,
        &[
            "What differs between m and later",
            "const scale: `1` became `1.5`",
            "param size: `90 to 110` became `180 to 220`",
            "In words only: claim doubles",
            "what each change does",
            "the parts add up to the difference",
        ],
    );
    let said = session
        .melian(&and(&["diff", "m", "later", "--json"], DIFF))
        .expect(0, &[]);
    let report: melian_report::data::Report = serde_json::from_str(&said.out).expect("a report");
    let difference = report.difference.expect("a difference");
    assert_eq!(difference.changes.len(), 2);
    assert!(difference.all_orders);
    let answer = difference.answers.iter().find(|answer| answer.name == "result");
    let answer = answer.expect("the result");
    let means: Vec<f64> = answer
        .parts
        .iter()
        .map(|part| part.part.mean.expect("a mean"))
        .collect();
    // From 100 * 1 to 200 * 1.5: the scale adds 50 before the size does and 100 after it, the size 100 and 150.
    assert!((means[0] - 75.0).abs() < 1.0, "{means:?}");
    assert!((means[1] - 125.0).abs() < 1.0, "{means:?}");
    let change = answer.change.mean.expect("a mean");
    assert!(
        (means[0] + means[1] - change).abs() < 1e-9,
        "{means:?} of {change}"
    );
}

#[test]
fn a_version_that_is_the_same_differs_in_nothing() {
    let session = Session::with(&[("small.mel", SMALL)]);
    session.melian(&and(&["diff", "m", "m"], DIFF)).expect(
        0,
        &[
            "nothing that any answer reads",
            "every answer is the same in every future",
        ],
    );
}

#[test]
fn a_revision_of_git_is_a_version() {
    let session = two_versions();
    let git = |arguments: &[&str]| {
        let output = (session.program("git"))
            .args(["-c", "user.name=a", "-c", "user.email=a@b.c"])
            .args(arguments)
            .output();
        Said::of(output.expect("git runs")).expect(0, &[]);
    };
    git(&["init", "--quiet"]);
    git(&["add", "m"]);
    git(&["commit", "--quiet", "--message", "first"]);
    session.write("m/small.mel", session.read("later/small.mel").as_bytes());
    session.melian(&and(&["diff", "m@HEAD", "m"], DIFF)).expect(
        0,
        &[
            "What differs between m@HEAD and m",
            "const scale: `1` became `1.5`",
        ],
    );
    git(&["commit", "--quiet", "--all", "--message", "second"]);
    session
        .melian(&and(&["diff", "m@HEAD~1", "m@HEAD"], DIFF))
        .expect(
            0,
            &[
                "What differs between m@HEAD~1 and m@HEAD",
                "const scale: `1` became `1.5`",
            ],
        );
    session
        .melian(&["diff", "m@HEAD~7", "m"])
        .expect(2, &["git has no `m` at `HEAD~7`", "git log --oneline"]);
    session
        .melian(&["diff", "m@--help", "m"])
        .expect(2, &["`--help` is no revision", "a commit, branch or tag"]);
    session.write("elsewhere/notes.toml", b"");
    git(&["add", "elsewhere"]);
    git(&["commit", "--quiet", "--message", "third"]);
    session
        .melian(&["diff", "elsewhere@HEAD", "m"])
        .expect(3, &["no `.mel` file in `elsewhere@HEAD`"]);
}

#[test]
fn a_version_that_cannot_be_had_is_refused_with_advice() {
    let session = two_versions();
    session.melian(&["diff", "m"]).expect(2, &["<MODEL>"]);
    session
        .melian(&["diff", "lanchester@HEAD", "m"])
        .expect(2, &["`lanchester` comes with melian and has no revisions"]);
    session
        .melian(&["diff", "nowhere@HEAD", "m"])
        .expect(3, &["no folder and no shipped model named `nowhere`"]);
    session.write("later/small.mel", b"melian 0.1\n\nparam size ~ unheard_of(2)\n");
    session.melian(&["diff", "m", "later"]).expect(1, &["unheard_of"]);
}

#[test]
fn explain_tells_of_one_future_what_it_hung_on() {
    let session = Session::with(&[("small.mel", SMALL)]);
    let explain = |arguments: &[&str]| {
        session.melian(&and(&["explain", "m", "--draws", "64", "--reps", "2"], arguments))
    };
    explain(&["large", "--future", "3:1"]).expect(0, &["Future 3:1 of 64 draws of 2", "The result is large"]);
    explain(&["large", "--near", "large=no"]).expect(0, &["the most typical with large=no", ": no, as in"]);
    let said = explain(&["result", "--json"]).expect(0, &["\"candidates\""]);
    let json: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    assert_eq!(json["explanation"]["target"], "result");

    explain(&["larg"]).expect(
        2,
        &["no measure, question or event `larg`", "did you mean `large`?"],
    );
    explain(&["large", "--future", "64:0"]).expect(2, &["no future 64:0", "the last is 63:1"]);
    explain(&["large", "--future", "first"]).expect(2, &["not a draw and a replication", "--future 12:3"]);
    explain(&["large", "--near", "large"]).expect(2, &["gives no answer"]);
    explain(&["large", "--near", "large=maybe"]).expect(2, &["yes or no, not `maybe`"]);
    explain(&["large", "--near", "result=yes"]).expect(2, &["there is no question `result`"]);
    let vast = SMALL.replace(
        "question large =",
        "question vast = size > 1e9 person\nquestion large =",
    );
    session.write("m/small.mel", vast.as_bytes());
    explain(&["large", "--near", "vast=yes"]).expect(2, &["none of 128 futures has vast=yes", "--draws"]);
}

#[test]
fn shards_merge_to_the_answers_of_one_run() {
    let session = Session::new();
    let size = ["--draws", "100", "--reps", "4"];
    let run = |more: &[&str]| session.melian(&[&["run", "lanchester"], &size[..], more].concat());
    let merge = |more: &[&str]| {
        session.melian(&[&["merge", "lanchester", "--parts", "shards"], &size[..], more].concat())
    };
    for shard in ["1/3", "2/3", "3/3"] {
        run(&["--shard", shard, "--parts", "shards"]).expect(0, &["Shard  shards/shard-"]);
    }
    assert_eq!(
        session.names("shards"),
        ["shard-1-of-3.part", "shard-2-of-3.part", "shard-3-of-3.part"]
    );
    merge(&["--json=merged.json", "-q"]).expect(0, &[]);
    run(&["--json=whole.json", "-q"]).expect(0, &[]);
    let report = |name: &str| answers(&session.read(name));
    assert_eq!(report("merged.json"), report("whole.json"));

    // What belongs to another run says why, what is missing or doubled is named.
    merge(&["--seed", "2"]).expect(
        3,
        &[
            "shard-1-of-3.part` cannot be merged",
            "with seed 1",
            "with seed 2",
        ],
    );
    merge(&["--do", "blue_men=500 person"]).expect(3, &["of other interventions"]);
    let path = |name: &str| session.path(&format!("shards/{name}"));
    std::fs::copy(path("shard-1-of-3.part"), path("twice.part")).expect("a copy");
    merge(&[]).expect(3, &["both have draw 0", "remove one of the two"]);
    std::fs::remove_file(path("twice.part")).expect("it is there");
    let bytes = std::fs::read(path("shard-2-of-3.part")).expect("it is there");
    std::fs::write(path("shard-2-of-3.part"), &bytes[..bytes.len() - 1]).expect("it is cut off");
    merge(&[]).expect(3, &["shard-2-of-3.part` cannot be merged: it is damaged"]);
    std::fs::remove_file(path("shard-2-of-3.part")).expect("it is there");
    merge(&[]).expect(3, &["draws 32 to 63 are missing", "`--shard 2/3`"]);
    session
        .melian(&["merge", "lanchester"])
        .expect(3, &["there is no shard in `lanchester.melian`", "--shard 1/4"]);
    run(&["--shard", "4/3"]).expect(2, &["shards are numbered from 1/3 to 3/3"]);
}

#[test]
fn no_instruction_set_and_no_number_of_threads_changes_an_answer() {
    let session = Session::new();
    for model in ["lanchester", "dialogue", "richardson"] {
        let answer = |instructions: &str, threads: &str| {
            let arguments = [
                "run",
                model,
                "-q",
                "--draws",
                "64",
                "--no-cache",
                "--threads",
                threads,
                "--json",
            ];
            let mut command = session.command(&arguments);
            let said = Said::of(
                command
                    .env("MELIAN_INSTRUCTIONS", instructions)
                    .output()
                    .expect("it runs"),
            );
            if said.code != Some(0) {
                assert!(said.err.contains("this processor"), "{}", said.err);
                return None;
            }
            Some(answers(&said.out))
        };
        let expect = answer("portable", "1").expect("every processor has these");
        for (instructions, threads) in [("portable", "3"), ("avx2", "1"), ("avx512", "2"), ("", "2")] {
            if let Some(found) = answer(instructions, threads) {
                assert!(
                    found == expect,
                    "{model} differs with `{instructions}` on {threads} threads"
                );
            }
        }
    }
    let mut command = session.command(&["run", "lanchester"]);
    let said = Said::of(
        command
            .env("MELIAN_INSTRUCTIONS", "mmx")
            .output()
            .expect("it runs"),
    );
    assert_eq!(said.code, Some(2), "{}", said.err);
    assert!(said.err.contains("portable"), "{}", said.err);
}
