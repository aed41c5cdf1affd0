//! What each declaration may have and must have, and the words of the grammar.

use super::kind::Kind;

/// What a declaration may have, and what it must have.
pub(super) struct Form {
    pub keyword: &'static str,
    pub named: bool,
    pub indexed: bool,
    pub typed: bool,
    pub titled: bool,
    /// `Equal`, `Tilde`, `Arrow` or none.
    pub sign: Option<Kind>,
    /// What stands in braces, if anything does.
    pub block: Option<Block>,
    pub words: &'static [&'static str],
    /// Clauses it must have, each with the message and the help when it has not.
    pub required: &'static [(&'static str, &'static str, &'static str)],
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Block {
    Elements,
    Names,
    Images,
    Changes,
}

const PLAIN: Form = Form {
    keyword: "",
    named: true,
    indexed: false,
    typed: false,
    titled: true,
    sign: None,
    block: None,
    words: &[],
    required: &[],
};

const EQUATION: Form = Form {
    indexed: true,
    typed: true,
    sign: Some(Kind::Equal),
    required: &[("=", "has no value", "add `= VALUE`")],
    ..PLAIN
};

const DRAWN: Form = Form {
    sign: Some(Kind::Tilde),
    required: &[(
        "~",
        "has no distribution",
        "add `~ DISTRIBUTION`, such as `~ 1 to 2`",
    )],
    ..EQUATION
};

pub(super) const FORMS: &[Form] = &[
    Form {
        keyword: "model",
        ..PLAIN
    },
    Form {
        keyword: "time",
        named: false,
        titled: false,
        words: &["daily", "weekly", "every", "from", "for"],
        required: &[
            (
                "step",
                "says nothing about the step",
                "write `time weekly from 2024-10-28 for 52 weeks`",
            ),
            (
                "from",
                "has no first day",
                "write `time weekly from 2024-10-28 for 52 weeks`",
            ),
            (
                "for",
                "has no duration",
                "write `time weekly from 2024-10-28 for 52 weeks`",
            ),
        ],
        ..PLAIN
    },
    Form {
        keyword: "unit",
        sign: Some(Kind::Equal),
        ..PLAIN
    },
    Form {
        keyword: "index",
        block: Some(Block::Elements),
        words: &["outlines"],
        required: &[("{", "has no elements", "add `{ first, second }`")],
        ..PLAIN
    },
    Form {
        keyword: "subset",
        block: Some(Block::Names),
        words: &["of"],
        required: &[
            ("of", "does not say of which index it is a part", "add `of INDEX`"),
            ("{", "has no elements", "add `{ first, second }`"),
        ],
        ..PLAIN
    },
    Form {
        keyword: "map",
        indexed: true,
        sign: Some(Kind::Arrow),
        block: Some(Block::Images),
        required: &[
            (
                "[",
                "does not say from which index it leads",
                "write `map NAME[FROM] -> TO { a: b }`",
            ),
            ("->", "does not say to which index it leads", "add `-> INDEX`"),
            ("{", "has no entries", "add `{ a: b }`"),
        ],
        ..PLAIN
    },
    Form {
        keyword: "const",
        ..EQUATION
    },
    Form {
        keyword: "param",
        ..DRAWN
    },
    Form {
        keyword: "stock",
        required: &[("=", "has no initial value", "add `= VALUE`, such as `= 0`")],
        ..EQUATION
    },
    Form {
        keyword: "attribute",
        words: &["of", "rate"],
        required: &[
            (
                "of",
                "does not say which stock it travels with",
                "add `of STOCK` after the name",
            ),
            ("=", "has no initial value", "add `= VALUE`, such as `= 0`"),
        ],
        ..EQUATION
    },
    Form {
        keyword: "flow",
        words: &["from", "to", "through", "carrying"],
        required: &[("=", "has no rate", "add `= RATE`")],
        ..EQUATION
    },
    Form {
        keyword: "let",
        ..EQUATION
    },
    Form {
        keyword: "noise",
        ..DRAWN
    },
    Form {
        keyword: "event",
        typed: false,
        sign: None,
        words: &["at", "when", "recurring", "with", "if"],
        required: &[(
            "trigger",
            "has nothing that makes it happen",
            "add `at DATE`, `when CONDITION` or `at rate RATE`",
        )],
        ..EQUATION
    },
    Form {
        keyword: "choice",
        typed: false,
        sign: None,
        words: &[
            "by",
            "every",
            "options",
            "start",
            "utility",
            "rules",
            "available",
            "precision",
            "switching",
            "memory",
        ],
        required: &[
            ("by", "does not say who chooses", "add `by ACTOR`"),
            (
                "every",
                "does not say how often it is made",
                "add `every 4 weeks`",
            ),
            ("options", "has no options", "add `options { first, second }`"),
            (
                "decision",
                "has neither utilities nor rules",
                "add `utility { first: 0, second: VALUE }` or `rules { CONDITION: first, else: second }`",
            ),
        ],
        ..EQUATION
    },
    Form {
        keyword: "treaty",
        typed: false,
        sign: None,
        words: &[
            "between",
            "trigger",
            "territory",
            "in",
            "judge",
            "delay",
            "reliability",
        ],
        required: &[
            (
                "between",
                "does not say between whom",
                "add `between FIRST, SECOND`",
            ),
            (
                "trigger",
                "does not say when it applies",
                "add `trigger CONDITION`, such as `trigger salient > 0 km^2`",
            ),
            (
                "reliability",
                "does not say how reliable it is",
                "add `reliability ~ DISTRIBUTION`, such as `reliability ~ beta(3, 3)`",
            ),
        ],
        ..EQUATION
    },
    Form {
        keyword: "transfer",
        words: &["from", "to", "on"],
        required: &[
            ("=", "has no amount", "add `= AMOUNT`"),
            ("on", "has no event on which it is made", "add `on EVENT`"),
        ],
        ..EQUATION
    },
    Form {
        keyword: "correlate",
        named: false,
        sign: Some(Kind::Equal),
        required: &[("=", "has no value", "add `= VALUE`, such as `= 0.5`")],
        ..PLAIN
    },
    Form {
        keyword: "series",
        ..EQUATION
    },
    Form {
        keyword: "measure",
        words: &["by", "at"],
        ..EQUATION
    },
    Form {
        keyword: "question",
        typed: false,
        words: &["by", "at"],
        required: &[("=", "has no condition", "add `= CONDITION`")],
        ..EQUATION
    },
    Form {
        keyword: "intervention",
        block: Some(Block::Changes),
        required: &[("{", "changes nothing", "add `{ NAME = VALUE }`")],
        ..PLAIN
    },
    Form {
        keyword: "pathway",
        words: &["through"],
        required: &[(
            "through",
            "says of nothing that it goes through it",
            "add `through NAME, NAME[ELEMENT]`",
        )],
        ..PLAIN
    },
    Form {
        keyword: "claim",
        words: &[
            "quote",
            "holds",
            "factual",
            "normative",
            "because",
            "rests",
            "settled",
            "contradicts",
        ],
        ..PLAIN
    },
    Form {
        keyword: "headline",
        named: false,
        titled: false,
        ..PLAIN
    },
    Form {
        keyword: "anchor",
        sign: Some(Kind::Tilde),
        words: &["so"],
        required: &[
            (
                "so",
                "does not say which probability pins it",
                "add `so that probability(QUESTION)`",
            ),
            ("~", "has no elicited probability", "add `~ fact(NAME)`"),
        ],
        ..PLAIN
    },
    Form {
        keyword: "function",
        sign: Some(Kind::Equal),
        required: &[("=", "has no value", "add `= VALUE`")],
        ..PLAIN
    },
    Form {
        keyword: "check",
        sign: Some(Kind::Equal),
        words: &["between"],
        required: &[
            (
                "=",
                "has no measure",
                "write `check NAME = MEASURE between LOW and HIGH`",
            ),
            ("between", "has no range", "add `between LOW and HIGH`"),
        ],
        ..PLAIN
    },
    Form {
        keyword: "use",
        titled: false,
        ..PLAIN
    },
];

/// Words of later versions.
pub(super) const LATER: &[&str] = &["observe"];

/// Words of other languages, and the keyword that is meant.
const SYNONYMS: &[(&str, &str)] = &[
    ("parameter", "param"),
    ("constant", "const"),
    ("variable", "let"),
    ("var", "let"),
    ("auxiliary", "let"),
    ("level", "stock"),
    ("enum", "index"),
    ("set", "index"),
    ("dimension", "index"),
    ("import", "use"),
    ("include", "use"),
    ("fn", "function"),
    ("def", "function"),
    ("func", "function"),
    ("scenario", "intervention"),
    ("option", "choice"),
    ("decision", "choice"),
    ("random", "noise"),
    ("hypothesis", "claim"),
    ("assert", "check"),
];

/// Words that cannot name anything: an expression would not end before them.
pub(super) const GRAMMAR: &[&str] = &[
    "and", "or", "not", "if", "then", "else", "of", "in", "to", "for", "where", "under", "by", "at", "from",
    "cite", "through", "carrying", "with", "within", "so",
];

/// Words that are not the unit of the number before them.
pub(super) const NO_UNITS: &[&str] = &[
    "and",
    "or",
    "not",
    "if",
    "then",
    "else",
    "of",
    "in",
    "to",
    "for",
    "where",
    "under",
    "by",
    "at",
    "from",
    "cite",
    "through",
    "carrying",
    "with",
    "within",
    "so",
    "is",
    "on",
    "rate",
    "every",
    "between",
    "holds",
    "when",
    "recurring",
    "daily",
    "weekly",
    "options",
    "start",
    "utility",
    "rules",
    "available",
    "precision",
    "switching",
    "memory",
    "quote",
    "because",
    "rests",
    "settled",
    "contradicts",
    "factual",
    "normative",
    "outlines",
    "trigger",
    "territory",
    "judge",
    "delay",
    "reliability",
];

pub(super) fn form(keyword: &str) -> Option<&'static Form> {
    FORMS.iter().find(|form| form.keyword == keyword)
}

/// Returns what is declared, in words.
pub(super) fn noun(form: &'static Form) -> &'static str {
    match form.keyword {
        "param" => "parameter",
        "const" => "constant",
        "let" => "derived quantity",
        "correlate" => "correlation",
        "use" => "part of the library",
        keyword => keyword,
    }
}

pub(super) fn with_article(noun: &str) -> String {
    match noun {
        "noise" | "time" => noun.to_string(),
        "unit" => "a unit".to_string(),
        _ if noun.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {noun}"),
        _ => format!("a {noun}"),
    }
}

/// Returns the keyword that was probably meant.
pub(super) fn suggestion(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    if let Some((_, meant)) = SYNONYMS.iter().find(|(synonym, _)| *synonym == lower) {
        return Some(meant);
    }
    let furthest = if lower.len() < 5 { 1 } else { 2 };
    let nearest = FORMS
        .iter()
        .map(|form| (distance(&lower, form.keyword), form.keyword))
        .min()?;
    (nearest.0 <= furthest).then_some(nearest.1)
}

/// Lists what a declaration may have, in words.
pub(super) fn clauses_in_words(form: &Form) -> String {
    let mut clauses: Vec<String> = Vec::new();
    match form.sign {
        Some(Kind::Equal) => clauses.push("`=`".into()),
        Some(Kind::Tilde) => clauses.push("`~`".into()),
        Some(Kind::Arrow) => clauses.push("`->`".into()),
        _ => {}
    }
    clauses.extend(form.words.iter().map(|word| format!("`{word}`")));
    if form.titled {
        clauses.push("a title".into());
        clauses.push("`cite`".into());
    }
    match clauses.pop() {
        Some(last) if !clauses.is_empty() => format!("{} and {last}", clauses.join(", ")),
        Some(only) => only,
        None => String::new(),
    }
}

/// Counts the letters to add, remove, replace or swap with their neighbour.
///
/// # Method
/// Optimal string alignment, by dynamic programming over prefixes.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(32).collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let differs = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1)
                .min(row[j - 1] + 1)
                .min(rows[i - 1][j - 1] + differs);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
