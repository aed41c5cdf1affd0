//! The page: self-contained, small, current, and safe to open whatever a model says.

use std::path::{Path, PathBuf};

use melian_report::data::{FORMAT, ModelInfo, Report, RunInfo};
use melian_report::page;

/// The page travels with every result by mail and memory stick.
const LARGEST_TEMPLATE: usize = 400 << 10;

const TEMPLATE: &str = include_str!("../assets/page.html");

fn report(title: &str) -> Report {
    Report {
        format: FORMAT.to_owned(),
        melian: "0.1.0".to_owned(),
        model: ModelInfo {
            name: "test".to_owned(),
            title: title.to_owned(),
            start: "2024-10-28".to_owned(),
            end: "2024-11-03".to_owned(),
            step_days: 7.0,
            step_ends: vec!["2024-11-03".to_owned()],
            counts: Vec::new(),
        },
        run: RunInfo {
            identity: "0".to_owned(),
            priors: "0".to_owned(),
            seed: u64::MAX,
            draws: 1,
            replications: 1,
            seconds: None,
            reproduce: "melian run test".to_owned(),
        },
        headlines: Vec::new(),
        worlds: Vec::new(),
        questions: Vec::new(),
        measures: Vec::new(),
        claims: Vec::new(),
        series: Vec::new(),
        choices: Vec::new(),
        events: Vec::new(),
        maps: Vec::new(),
        declarations: Vec::new(),
        files: Vec::new(),
        facts: Vec::new(),
        references: Vec::new(),
        checks: Vec::new(),
        anchors: vec![],
        problems: Vec::new(),
        changes: None,
        comparison: None,
        difference: None,
        explanation: None,
    }
}

/// Returns what stands in the page between the tags of the embedded report.
fn embedded(page: &str) -> &str {
    let (_, rest) = page
        .split_once("<script type=\"application/json\" id=\"report\">")
        .expect("the page embeds a report");
    rest.split_once("</script>").expect("the report ends").0
}

#[test]
fn the_embedded_report_reads_back_whole() {
    let before = report("A & B");
    let page = page(&before);
    let after: Report = serde_json::from_str(embedded(&page)).expect("the embedded report is JSON");
    assert_eq!(after.run.seed, u64::MAX);
    assert_eq!(after.model.title, "A & B");
    assert!(page.contains("<title>A &amp; B</title>"));
}

#[test]
fn no_text_of_a_model_ends_the_script_that_holds_it() {
    let hostile = "</script><script>alert(1)</script><!-- {{report}} {{title}} \u{2028} \u{2029}";
    let page = page(&report(hostile));
    let text = embedded(&page);
    assert!(!text.contains('<') && !text.contains('\u{2028}') && !text.contains('\u{2029}'));
    let after: Report = serde_json::from_str(text).expect("the embedded report is JSON");
    assert_eq!(after.model.title, hostile);
    assert_eq!(
        page.matches("</script>").count(),
        TEMPLATE.matches("</script>").count()
    );
}

#[test]
fn the_template_is_small() {
    assert!(TEMPLATE.len() <= LARGEST_TEMPLATE, "{} bytes", TEMPLATE.len());
}

#[test]
fn the_template_fetches_nothing() {
    let policy = "default-src 'none'";
    assert!(
        TEMPLATE.contains(policy),
        "the browser itself must refuse to fetch"
    );
    for word in [
        "src=\"http",
        "@import",
        "url(http",
        "fetch(",
        "XMLHttpRequest",
        "WebSocket",
        "sendBeacon",
    ] {
        assert!(!TEMPLATE.contains(word), "the template says {word}");
    }
}

#[test]
fn the_template_is_made_from_these_sources() {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web");
    let (_, rest) = TEMPLATE
        .split_once("name=\"melian-sources\" content=\"")
        .expect("the template says what it was made from");
    let stated = rest.split('"').next().expect("an attribute ends");
    assert_eq!(
        stated,
        fingerprint(&web),
        "crates/melian-report/assets/page.html is stale; run cargo xtask web"
    );
}

/// FNV-1a over names and contents, as `web/build.mjs` computes it.
fn fingerprint(web: &Path) -> String {
    let mut names: Vec<String> = ["build.mjs", "package-lock.json", "package.json", "tsconfig.json"]
        .map(str::to_owned)
        .to_vec();
    list(web, Path::new("src"), &mut names);
    names.sort();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for name in names {
        let content = std::fs::read(web.join(&name)).expect("a source of the page is readable");
        for byte in name.bytes().chain([b'\n']).chain(content) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    format!("{hash:016x}")
}

fn list(web: &Path, folder: &Path, names: &mut Vec<String>) {
    for entry in std::fs::read_dir(web.join(folder)).expect("the sources of the page are there") {
        let entry = entry.expect("a folder can be listed");
        let path: PathBuf = folder.join(entry.file_name());
        if entry.file_type().expect("a file has a type").is_dir() {
            list(web, &path, names);
        } else {
            names.push(
                path.to_str()
                    .expect("names of sources are plain")
                    .replace('\\', "/"),
            );
        }
    }
}
