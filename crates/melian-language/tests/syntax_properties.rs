//! What holds for every text: nothing is lost, nothing panics, formatting is settled after one pass and changes no meaning.

use melian_language::format::format;
use melian_language::source::FileId;
use melian_language::syntax::{parse, parse_change, parse_expression};
use proptest::prelude::*;

const TASTE: &str = include_str!("syntax/taste.mel");
const LAYOUT: &str = include_str!("syntax/layout.mel");

/// Words, signs and layout that make up both sense and nonsense.
const FRAGMENTS: &[&str] = &[
    "melian 0.1\n",
    "model m",
    "time weekly from 2024-10-28 for 52 weeks",
    "unit person",
    "index S { a, b }",
    "subset T of S { a }",
    "map e[S] -> S { a: b }",
    "const",
    "param",
    "stock",
    "attribute",
    "flow",
    "let",
    "noise",
    "event",
    "choice",
    "transfer",
    "series",
    "measure",
    "question",
    "intervention",
    "claim",
    "headline",
    "anchor",
    "function",
    "check",
    "use",
    "treaty",
    "correlate",
    "observe",
    "x",
    "force[s, a]",
    "f(x, y)",
    "sum(x for s in S where s != t)",
    "normal(1, 2)",
    "from",
    "to",
    "by",
    "at",
    "of",
    "for",
    "where",
    "and",
    "or",
    "not",
    "if",
    "then",
    "else",
    "in",
    "under",
    "through pipeline(3, 4 weeks)",
    "carrying q = 1",
    "rate",
    "on",
    "with probability",
    "recurring",
    "when",
    "every",
    "options",
    "start",
    "utility",
    "rules",
    "available",
    "precision",
    "switching cost",
    "memory",
    "none",
    "quote",
    "holds when",
    "factual",
    "normative",
    "because",
    "contradicts",
    "cite",
    "outlines",
    "so that",
    "between",
    "is",
    "within",
    "freeze",
    "cut",
    "never",
    "always",
    "table {",
    "csv(\"f.csv\")",
    "40_000",
    "3 person/day",
    "1/(person*day)",
    "20%",
    "0.5",
    "1e-3",
    "7",
    "2024-10-28",
    "2024-13-01",
    "\"text\"",
    "\"x {mean(m)} y\"",
    "\"\\\"\"",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    "=",
    "==",
    "!=",
    "<",
    "<=",
    "+",
    "-",
    "*",
    "/",
    "^",
    "~",
    "->",
    "%",
    " ",
    " ",
    " ",
    "  ",
    "\n",
    "\n",
    "\n  ",
    "\n\n",
    "\t",
    "\r\n",
    "// note\n",
    " // note\n",
    "@",
    "é",
    "“",
    "\"",
    "\\",
    "&&",
    "!",
    ";",
    "#",
    "1,000",
    "1__0",
    ".5",
    "_x",
    "\u{feff}",
    "\u{a0}",
    "\u{0}",
];

fn nonsense() -> impl Strategy<Value = String> {
    let fragments = prop::collection::vec(prop::sample::select(FRAGMENTS), 0..60);
    let few = prop::collection::vec(prop::sample::select(FRAGMENTS), 0..8);
    prop_oneof![
        fragments.prop_map(|fragments| fragments.concat()),
        few.prop_map(|fragments| format!("melian 0.1\n{}", fragments.concat())),
        any::<String>()
    ]
}

/// A change of a text at a place, both given as shares of its length.
#[derive(Clone, Debug)]
struct Mutation {
    place: f64,
    removed: usize,
    inserted: &'static str,
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let removed = prop_oneof![6 => Just(0), 4 => 0..6usize, 1 => 0..200usize];
    let layout = prop::sample::select(&["\n", "\n\n\n", "\n  ", "  ", " // remark\n", "\n// remark\n"]);
    let inserted = prop_oneof![layout, prop::sample::select(FRAGMENTS)];
    let fields = (0.0..1.0f64, removed, inserted);
    fields.prop_map(|(place, removed, inserted)| Mutation {
        place,
        removed,
        inserted,
    })
}

fn mutated() -> impl Strategy<Value = String> {
    let mutations = prop::collection::vec(mutation(), 1..5);
    (prop::sample::select(&[TASTE, LAYOUT]), mutations).prop_map(|(text, mutations)| {
        let mut text: Vec<char> = text.chars().collect();
        for Mutation {
            place,
            removed,
            inserted,
        } in mutations
        {
            let start = (place * text.len() as f64) as usize;
            let end = (start + removed).min(text.len());
            text.splice(start..end, inserted.chars());
        }
        text.into_iter().collect()
    })
}

/// Words of an expression. What must stand together is one word.
fn expression() -> impl Strategy<Value = Vec<String>> {
    let leaf = prop::sample::select(&[
        "x",
        "force[s, a]",
        "3",
        "40_000 person",
        "3 person/day",
        "20%",
        "2024-10-28",
        "0.5",
        "1/day",
        "now",
    ]);
    let leaf = leaf.prop_map(|word| vec![word.to_string()]);
    leaf.prop_recursive(6, 60, 3, |inner| {
        let infix = prop::sample::select(&["+", "-", "*", "/", "^", "of", "==", "<", "and", "or", "to"]);
        let word = |word: &str| vec![word.to_string()];
        prop_oneof![
            (inner.clone(), infix, inner.clone()).prop_map(move |(a, sign, b)| [a, word(sign), b].concat()),
            inner
                .clone()
                .prop_map(move |a| [word("("), a, word(")")].concat()),
            inner.clone().prop_map(move |a| [word("-"), a].concat()),
            inner.clone().prop_map(move |a| [word("not"), a].concat()),
            (inner.clone(), inner.clone())
                .prop_map(move |(a, b)| [word("f("), a, word(","), b, word(")")].concat()),
            (inner.clone(), inner.clone()).prop_map(move |(a, b)| [
                word("g[").clone(),
                a,
                word(","),
                b,
                word(","),
                word("]")
            ]
            .concat()),
            (inner.clone(), inner.clone()).prop_map(move |(a, b)| [
                word("sum("),
                a,
                word("for"),
                word("s"),
                word("in"),
                word("S"),
                word("where"),
                b,
                word(")")
            ]
            .concat()),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(move |(a, b, c)| [
                word("if"),
                a,
                word("then"),
                b,
                word("else"),
                c
            ]
            .concat()),
            inner.prop_map(move |a| [word("mean("), a, word(")"), word("under"), word("w")].concat()),
        ]
    })
}

/// Declarations of every layout: words with spaces, line ends and comments between them.
fn generated() -> impl Strategy<Value = String> {
    let gap = prop_oneof![
        12 => Just(" "),
        1 => Just("  "),
        2 => Just("\n  "),
        1 => Just("\n\n    "),
        1 => Just(" // why\n   "),
        1 => Just("\n  // on its own\n  "),
    ];
    let head = prop::sample::select(&["let x", "const a[S] : person/day", "measure m : 1", "question q"]);
    let tail = prop::sample::select(&[
        "",
        "\"a title\"",
        "cite source",
        "\"a title\" cite one, two",
        "\"a title of some length\" cite one cite two",
    ]);
    let declaration = (
        head,
        expression(),
        expression(),
        tail,
        any::<bool>(),
        prop::collection::vec(gap, 1..40),
    );
    let declaration = declaration.prop_map(|(head, value, other, tail, cases, gaps)| {
        let mut words = vec![head.to_string(), "=".to_string()];
        if cases {
            words.extend(["{".to_string(), "one:".to_string()]);
            words.extend(value);
            words.extend([",".to_string(), "else:".to_string()]);
            words.extend(other);
            words.push("}".to_string());
        } else {
            words.extend(value);
        }
        words.extend(
            tail.split(' ')
                .filter(|_| !tail.starts_with('"'))
                .map(str::to_string),
        );
        words.extend(Some(tail.to_string()).filter(|tail| tail.starts_with('"')));
        let mut text = String::new();
        for (word, gap) in words.iter().zip(gaps.iter().cycle()) {
            text += word;
            text += gap;
        }
        text + "\n"
    });
    prop::collection::vec(declaration, 1..4)
        .prop_map(|declarations| format!("melian 0.1\n{}", declarations.concat()))
}

/// Returns the abstract syntax as text, without places.
fn meaning(text: &str) -> String {
    let full = format!("{:?}", parse(text, FileId(0)).file());
    let mut out = String::new();
    let mut rest = full.as_str();
    while let Some(start) = rest.find("Span {") {
        out.push_str(&rest[..start]);
        let after = &rest[start..];
        rest = &after[after.find('}').map_or(after.len(), |end| end + 1)..];
    }
    out + rest
}

/// Returns the comments of a text in order.
fn comments(text: &str) -> Vec<String> {
    let root = parse(text, FileId(0)).tree.root();
    let tokens = root
        .descendants_with_tokens()
        .filter_map(|part| part.into_token());
    let comments = tokens.filter(|token| token.kind() == melian_language::syntax::kind::Kind::Comment);
    comments
        .map(|comment| comment.text().trim_end().to_string())
        .collect()
}

fn check_parse(text: &str) {
    let parsed = parse(text, FileId(0));
    assert_eq!(parsed.tree.text(), text);
    parsed.file();
    parsed.tree.dump();
    for diagnostic in &parsed.diagnostics {
        let places = diagnostic
            .primary
            .iter()
            .chain(&diagnostic.labels)
            .map(|label| label.span);
        for span in places.chain(diagnostic.edit.iter().map(|edit| edit.span)) {
            assert!(
                text.get(span.start as usize..span.end as usize).is_some(),
                "{diagnostic:?} lies outside of the text"
            );
        }
        assert!(diagnostic.help.is_some(), "{diagnostic:?} has no help");
    }
}

fn check_format(text: &str) {
    let Ok(once) = format(text) else { return };
    let twice = format(&once)
        .unwrap_or_else(|complaints| panic!("{text}\n became unsound as\n{once}\n{complaints:#?}"));
    assert_eq!(once, twice, "formatting {text:?} has not settled");
    assert_eq!(
        meaning(text),
        meaning(&once),
        "formatting changed the meaning of {text:?} to {once:?}"
    );
    assert_eq!(
        comments(text),
        comments(&once),
        "formatting changed the comments of {text:?} in {once:?}"
    );
    assert!(
        once.lines().all(|line| line.trim_end() == line),
        "{once:?} has spaces at the end of a line"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nonsense_is_kept_and_never_panics(text in nonsense()) {
        check_parse(&text);
        check_format(&text);
    }

    #[test]
    fn a_mutated_model_is_kept_and_never_panics(text in mutated()) {
        check_parse(&text);
        check_format(&text);
    }

    #[test]
    fn an_expression_or_a_change_alone_never_panics(text in nonsense()) {
        parse_expression(&text, FileId(0));
        parse_change(&text, FileId(0));
    }

    #[test]
    fn formatting_settles_and_changes_no_meaning(text in generated()) {
        check_parse(&text);
        check_format(&text);
    }
}

#[test]
fn what_fuzzing_has_found_stays_mended() {
    // A unit that is one alone became a second number.
    check_format("melian 0.1\nflow fired from depot =0 1/  1 day\n");
    assert_eq!(
        parse("melian 0.1\nlet a = 100 1/day\n", FileId(0)).diagnostics,
        []
    );
}

#[test]
fn formatting_the_corpus_settles_and_changes_no_meaning() {
    for text in [TASTE, LAYOUT] {
        assert_eq!(parse(text, FileId(0)).diagnostics, []);
        check_format(text);
    }
}
