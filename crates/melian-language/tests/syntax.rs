//! Text to tree to abstract syntax, and what is said of text that is wrong.

use melian_language::diagnostic::Diagnostic;
use melian_language::source::{FileId, Span};
use melian_language::syntax::ast::{Expression, ExpressionKind, Operator, UnitExpression};
use melian_language::syntax::{parse, parse_change, parse_expression};

const TASTE: &str = include_str!("syntax/taste.mel");

/// Parses a file, which need not name its version, and says what is wrong with it: the place, the message, the help and the edit.
fn complaints(input: &str) -> String {
    let text = match input.strip_prefix('!') {
        Some(whole) => whole.to_string(),
        None => format!("melian 0.1\n{input}"),
    };
    let parsed = parse(&text, FileId(0));
    assert_eq!(parsed.tree.text(), text);
    let at = |span: Span| &text[span.start as usize..span.end as usize];
    let mut out = String::new();
    for Diagnostic {
        code,
        message,
        primary,
        labels,
        help,
        edit,
        ..
    } in &parsed.diagnostics
    {
        let place = primary.as_ref().map_or("", |label| at(label.span));
        out += &format!("{code} at {place:?}: {message}\n");
        for label in labels {
            out += &format!("  label at {:?}: {}\n", at(label.span), label.text);
        }
        out += &format!("  help: {}\n", help.as_deref().unwrap_or("none"));
        if let Some(edit) = edit {
            out += &format!("  edit: {:?} to {:?}\n", at(edit.span), edit.replacement);
        }
    }
    out
}

/// Prints an expression with all its parentheses.
fn structure(input: &str) -> String {
    let (expression, complaints) = parse_expression(input, FileId(0));
    assert_eq!(complaints, [], "{input}");
    print(&expression)
}

fn print(expression: &Expression) -> String {
    let list = |parts: &[Expression]| parts.iter().map(print).collect::<Vec<_>>().join(", ");
    match &expression.kind {
        ExpressionKind::Missing => "?".into(),
        ExpressionKind::Number { value, unit: None } => value.to_string(),
        ExpressionKind::Number {
            value,
            unit: Some(unit),
        } => format!("{value} {}", print_unit(unit)),
        ExpressionKind::Date(day) => format!("day {day}"),
        ExpressionKind::Text(text) => format!("{text:?}"),
        ExpressionKind::Name(name) => name.clone(),
        ExpressionKind::Subscripted(name, subscripts) => format!("{}[{}]", name.text, list(subscripts)),
        ExpressionKind::Call(name, arguments) => {
            let arguments = arguments.iter().map(|argument| match &argument.key {
                Some(key) => format!("{}: {}", print(key), print(&argument.value)),
                None => print(&argument.value),
            });
            format!("{}({})", name.text, arguments.collect::<Vec<_>>().join(", "))
        }
        ExpressionKind::Reduce {
            name,
            body,
            over,
            filter,
        } => {
            let over = over
                .iter()
                .map(|(name, index)| format!(" {} in {}", name.text, index.text));
            let filter = filter.iter().map(|filter| format!(" where {}", print(filter)));
            format!(
                "{}({} for{}{})",
                name.text,
                print(body),
                over.collect::<String>(),
                filter.collect::<String>()
            )
        }
        ExpressionKind::Unary(Operator::Not, x) => format!("(not {})", print(x)),
        ExpressionKind::Unary(_, x) => format!("(-{})", print(x)),
        ExpressionKind::Binary(operator, a, b) => format!("({} {} {})", print(a), sign(*operator), print(b)),
        ExpressionKind::Of(a, b) => format!("({} of {})", print(a), print(b)),
        ExpressionKind::In(a, b) => format!("({} in {})", print(a), b.text),
        ExpressionKind::Interval(a, b) => format!("({} to {})", print(a), print(b)),
        ExpressionKind::If(c, a, b) => format!("(if {} then {} else {})", print(c), print(a), print(b)),
        ExpressionKind::Under(a, w) => format!("({} under {})", print(a), w.text),
    }
}

fn print_unit(unit: &UnitExpression) -> String {
    let factors = unit
        .factors
        .iter()
        .map(|(name, power)| format!("{}^{power}", name.text));
    if unit.percent {
        "%".into()
    } else {
        factors.collect::<Vec<_>>().join(" ")
    }
}

fn sign(operator: Operator) -> &'static str {
    match operator {
        Operator::Negate | Operator::Subtract => "-",
        Operator::Not => "not",
        Operator::Add => "+",
        Operator::Multiply => "*",
        Operator::Divide => "/",
        Operator::Power => "^",
        Operator::Equal => "==",
        Operator::NotEqual => "!=",
        Operator::Less => "<",
        Operator::LessEqual => "<=",
        Operator::Greater => ">",
        Operator::GreaterEqual => ">=",
        Operator::And => "and",
        Operator::Or => "or",
    }
}

#[test]
fn a_sound_file_has_no_diagnostics_and_all_its_declarations() {
    let parse = parse(TASTE, FileId(0));
    assert_eq!(parse.diagnostics, []);
    assert_eq!(parse.tree.text(), TASTE);
    assert_eq!(parse.file().declarations.len(), 40);
}

#[test]
fn operators_bind_as_the_reference_says() {
    for (input, expect) in [
        ("a or b and not c == d", "(a or (b and (not (c == d))))"),
        ("a + b - c * d / e", "((a + b) - ((c * d) / e))"),
        ("-a^2", "(-(a ^ 2))"),
        ("2^-3^2", "(2 ^ (-(3 ^ 2)))"),
        ("a - -b", "(a - (-b))"),
        ("20% of x * y", "((20 % of x) * y)"),
        (
            "highest of readiness of force[s, a]",
            "(highest of (readiness of force[s, a]))",
        ),
        (
            "-effect(w, m) < 20% of mean(m) under w",
            "((-effect(w, m)) < (20 % of (mean(m) under w)))",
        ),
        (
            "if a then b else if c then d else e + 1",
            "(if a then b else (if c then d else (e + 1)))",
        ),
        ("a + 1 to b * 2", "((a + 1) to (b * 2))"),
        ("s in South and t != s", "((s in South) and (t != s))"),
        (
            "sum(a[s] * b for s in S, t in T where s != t)",
            "sum((a[s] * b) for s in S t in T where (s != t))",
        ),
        ("discrete(1: 0.5, 2: 0.5)", "discrete(1: 0.5, 2: 0.5)"),
        ("csv(\"width.csv\")", "csv(\"width.csv\")"),
    ] {
        assert_eq!(structure(input), expect, "{input}");
    }
}

#[test]
fn a_unit_after_a_number_belongs_to_it_where_no_space_parts_it() {
    for (input, expect) in [
        ("40_000 person", "40000 person^1"),
        ("3 person/day", "3 person^1 day^-1"),
        ("3 person / day_length", "(3 person^1 / day_length)"),
        ("1 km^2 * 2", "(1 km^2 * 2)"),
        ("3 km ^ 2", "(3 km^1 ^ 2)"),
        ("0.5/day", "(0.5 / day)"),
        ("0.5 1/(person*day)", "0.5 person^-1 day^-1"),
        ("2 (person/day)", ""),
        ("4 weeks", "4 week^1"),
        ("7 to 9 person", "(7 to 9 person^1)"),
        ("10% to 30%", "(10 % to 30 %)"),
        ("3 person/day*x", "3 person^1 day^-1 x^1"),
        ("3 km^-2/(a/b^2)", "3 km^-2 a^-1 b^2"),
        ("3 of x", "(3 of x)"),
        ("2024-10-28 + 3 weeks", "(day 20024 + 3 week^1)"),
    ] {
        if expect.is_empty() {
            assert!(!parse_expression(input, FileId(0)).1.is_empty(), "{input}");
        } else {
            assert_eq!(structure(input), expect, "{input}");
        }
    }
}

#[test]
fn words_of_the_grammar_count_only_where_the_grammar_expects_them() {
    for input in [
        "let time = step + day\nlet step = time",
        "let x =\n  time\n  + model\nlet model = 3",
        "param start ~ 1 to 2\nlet rate = start * memory\nconst memory = 2\nlet on = precision",
        "index Kind { unit, stock, flow }\nlet x = force[unit] + force[flow]",
        "index Kind {\n  unit\n  stock \"Stock\"\n  model\n}",
        "attribute rate of force = 0.8 rate rate / 4 weeks",
        "event e at rate rate if rate > 3",
        "intervention i { freeze = 3, cut = 4, never = never\n at_once = cut cut, x = cut, freeze always }",
        "flow f from a to b = x",
        "flow f = x to b from a through pipeline(2, 3 weeks)",
        "const to_do = 3 // to\nconst r[S] = { a: 1 to 2\n  else: 3 }",
    ] {
        assert_eq!(complaints(input), "", "{input}");
    }
}

#[test]
fn line_ends_separate_entries_but_not_the_parts_of_an_expression() {
    let input = "const r[S] = {\n  a: 1 +\n    2\n  b: f(1,\n    2)\n  c: 3\n    - 4\n  else: if x then y\n    else z\n}";
    assert_eq!(complaints(input), "");
    let input = "const r[S] = table {\n  a 1 -2\n  b (3 - 4) 20% of x\n  c 1 to 2 40 person\n}";
    assert_eq!(complaints(input), "");
}

#[test]
fn changes_stand_alone_for_the_command_line() {
    for input in [
        "first_echelon = 0 person",
        "will[ukraine] = cut 0.5 from 2025-01-01",
        "freeze x",
        "e = at 2025-01-20",
        "c = lethal",
    ] {
        let (change, complaints) = parse_change(input, FileId(0));
        assert!(
            change.is_some() && complaints.is_empty(),
            "{input}: {complaints:?}"
        );
    }
    for input in ["x", "x =", "x = 3 4", "x = 3, y = 4", ""] {
        let (change, complaints) = parse_change(input, FileId(0));
        assert!(
            change.is_none() && complaints.len() == 1,
            "{input}: {complaints:?}"
        );
    }
}

#[test]
fn edits_mend_what_they_are_offered_for() {
    for input in [
        "const a = 1,000 + 2__000 + .5 + max(1,000, 2)",
        "let a = if x && y || !z then a ** 2 else b <> c",
        "question q = a = b",
        "index S { a b }\nconst r[S] = { a = 1, b = 2 }",
        "flow f : person / day from a = 3  person + 4person + 20 %",
        "param p = 1 to 2\nconst q ~ 3",
        "stokc a = 3 const b = 4",
    ] {
        let mut text = format!("melian 0.1\n{input}");
        // What follows a mistake may come to light only when that is mended.
        for _ in 0..3 {
            let found = parse(&text, FileId(0))
                .diagnostics
                .into_iter()
                .filter_map(|found| found.edit);
            for edit in found.collect::<Vec<_>>().iter().rev() {
                text.replace_range(
                    edit.span.start as usize..edit.span.end as usize,
                    &edit.replacement,
                );
            }
        }
        assert_eq!(parse(&text, FileId(0)).diagnostics, [], "{text}");
    }
}

#[test]
fn hostile_texts_end_in_one_complaint_and_keep_their_text() {
    let repeated = |start: &str, part: &str| format!("melian 0.1\n{start}{}", part.repeat(5_000));
    for (text, codes) in [
        (repeated("let x = ", "(a + "), &["E0110", "E0121"][..]),
        (repeated("let x = a", " + a"), &["E0121"]),
        (repeated("let x = ", "- "), &["E0121"]),
        (repeated("let x = a", " ^ a"), &["E0121"]),
        (repeated("let x = a", " of a"), &["E0121"]),
        (repeated("let x = ", "if a then b else "), &["E0121"]),
        (repeated("const x = ", "{ a: "), &["E0110", "E0121"]),
        (repeated("let x : ", "(a*"), &["E0127"]),
        (" ".repeat((4 << 20) + 1), &["E0121"]),
        ("a ".repeat(2 << 20), &["E0121"]),
    ] {
        let parsed = parse(&text, FileId(0));
        let found: Vec<&str> = parsed
            .diagnostics
            .iter()
            .map(|diagnostic| diagnostic.code)
            .collect();
        assert_eq!(found, codes, "{}", &text[..40]);
        assert!(parsed.tree.text() == text);
        parsed.file();
    }
}

#[test]
fn a_file_names_its_version_first() {
    insta::assert_snapshot!(complaints("!const a = 1"), @r##"
    E0101 at "": the first line does not name the version of the language
      help: start the file with `melian 0.1`
      edit: "" to "melian 0.1\n"
    "##);
    insta::assert_snapshot!(complaints("!melian\nconst a = 1"), @r##"
    E0101 at "melian": the version of the language is missing after `melian`
      help: start the file with `melian 0.1`
      edit: "melian" to "melian 0.1"
    "##);
    insta::assert_snapshot!(complaints("!melian 0.2\nconst a = 1"), @r##"
    E0102 at "0.2": version 0.2 of the language is not known
      help: this program reads version 0.1
    "##);
    assert_eq!(
        complaints("!// A comment may come first.\nmelian 0.1\nconst a = 1"),
        ""
    );
    insta::assert_snapshot!(complaints("const a = 1\nmelian 0.1"), @r##"
    E0116 at "melian": the version of the language stands on the first line, once
      help: remove this line
    "##);
}

#[test]
fn characters_without_a_meaning_are_named() {
    insta::assert_snapshot!(complaints("const a = 3 @ 4\nconst b = 2"), @r##"
    E0103 at "@": `@` has no meaning here
      help: remove it
    "##);
    insta::assert_snapshot!(complaints("let x = “hello” + “world”"), @r##"
    E0103 at "“": `“` has no meaning here
      help: write strings between straight quotes: `"`
    "##);
    insta::assert_snapshot!(complaints("let x = _foo + 2"), @r##"
    E0103 at "_foo": a name starts with a letter, and `_foo` does not
      help: write `foo`
    "##);
    insta::assert_snapshot!(complaints("let x = 3 $ 4 $ 5"), @r##"
    E0103 at "$": `$` has no meaning here
      help: remove it
    "##);
    insta::assert_snapshot!(complaints("const a = 3\t// three"), @r##"
    W0101 at "\t": a tab stands here, which editors show at different widths
      help: run `melian fmt`, or write spaces
      edit: "\t" to "  "
    "##);
}

#[test]
fn strings_end_on_their_line() {
    insta::assert_snapshot!(complaints("const a = \"oops\nconst b = 2"), @r##"
    E0104 at "\"oops": this string has no closing quote on its line
      help: a string ends on the line on which it begins: add `"`
    "##);
    insta::assert_snapshot!(complaints(r#"const a = 3 "one\n""#), @r##"
    E0129 at "\\n": a backslash in a string stands before a quote or another backslash
      help: write `\\` for a backslash
    "##);
    insta::assert_snapshot!(complaints("const a = 3 'one'"), @r##"
    E0103 at "'": `'` has no meaning here
      help: write strings between double quotes: `"`
    "##);
}

#[test]
fn numbers_are_digits_with_one_point() {
    insta::assert_snapshot!(complaints("const a = 1,000 person\nconst b = 2"), @r##"
    E0105 at "1,000": `1,000` has commas between its digits
      help: write `1_000`
      edit: "1,000" to "1_000"
    "##);
    insta::assert_snapshot!(complaints("const a = 1,000,000.5"), @r##"
    E0105 at "1,000,000.5": `1,000,000.5` has commas between its digits
      help: write `1_000_000.5`
      edit: "1,000,000.5" to "1_000_000.5"
    "##);
    insta::assert_snapshot!(complaints("const a = max(1,000, 2)"), @r##"
    E0105 at "1,000": `1,000` has commas between its digits
      help: write `1_000`
      edit: "1,000" to "1_000"
    "##);
    insta::assert_snapshot!(complaints("const a = 1__0 + 5_ + .5 + 1.2.3 + 1e999"), @r##"
    E0105 at "1__0": `1__0` has an underscore that does not stand between two digits
      help: write `1_0`
      edit: "1__0" to "1_0"
    E0105 at "5_": `5_` has an underscore that does not stand between two digits
      help: write `5`
      edit: "5_" to "5"
    E0105 at ".5": `.5` has no digit before its point
      help: write `0.5`
      edit: ".5" to "0.5"
    E0105 at "1.2.3": `1.2.3` is not a number
      help: a number has one point, with digits on both sides: `1.2`
    E0105 at "1e999": `1e999` is too large to compute with
      help: numbers reach up to 1.8e308
    "##);
}

#[test]
fn dates_are_in_the_calendar() {
    insta::assert_snapshot!(complaints("event e at 2024-02-30"), @r##"
    E0106 at "2024-02-30": there is no 2024-02-30 in the calendar
      help: a date is year, month and day, such as 2024-10-28
    "##);
    insta::assert_snapshot!(complaints("event e at 2023-02-29"), @r##"
    E0106 at "2023-02-29": there is no 2023-02-29 in the calendar
      help: a date is year, month and day, such as 2024-10-28
    "##);
}

#[test]
fn units_have_no_spaces_and_one_before() {
    insta::assert_snapshot!(complaints("flow f : person / day from a = 3"), @r##"
    E0107 at "person / day": a unit is written without spaces
      help: write `person/day`
      edit: "person / day" to "person/day"
    "##);
    insta::assert_snapshot!(complaints("const a = 3  person"), @r##"
    E0107 at "  person": one space stands between a number and its unit
      help: write it like `40_000 person`
      edit: "  " to " "
    "##);
    insta::assert_snapshot!(complaints("const a = 3person"), @r##"
    E0107 at "person": one space stands between a number and its unit
      help: write it like `40_000 person`
      edit: "" to " "
    "##);
    insta::assert_snapshot!(complaints("const a = 20 %"), @r##"
    E0107 at " %": `%` stands right after its number
      help: remove the space
      edit: " %" to "%"
    "##);
    insta::assert_snapshot!(complaints("const a : = 3"), @r##"
    E0127 at "=": a unit stands after `:`, and here stands `=`
      help: write a unit such as `person/day`, or `1` for a plain number
    "##);
    insta::assert_snapshot!(complaints("const a : 7 = 3"), @r##"
    E0127 at "7": a unit stands after `:`, and here stands `7`
      help: write a unit such as `person/day`, or `1` for a plain number
    "##);
}

#[test]
fn two_values_are_compared_by_a_double_sign() {
    insta::assert_snapshot!(complaints("question q = a = b by 2025-01-01"), @r##"
    E0108 at "=": `=` gives a value, and here two values are compared
      help: write `==`
      edit: "=" to "=="
    "##);
    insta::assert_snapshot!(complaints("question q = if a = b then c else d"), @r##"
    E0108 at "=": `=` gives a value, and here two values are compared
      help: write `==`
      edit: "=" to "=="
    "##);
    insta::assert_snapshot!(complaints("event e when a = 3"), @r##"
    E0108 at "=": `=` gives a value, and here two values are compared
      help: write `==`
      edit: "=" to "=="
    "##);
    insta::assert_snapshot!(complaints("let x = sum(a for s in S where s = t)"), @r##"
    E0108 at "=": `=` gives a value, and here two values are compared
      help: write `==`
      edit: "=" to "=="
    "##);
    insta::assert_snapshot!(complaints("flow f = a from b = c"), @r##"
    E0108 at "=": this flow has a second `=`
      help: to compare two values, write `==`
    "##);
}

#[test]
fn signs_of_other_languages_have_their_counterparts() {
    insta::assert_snapshot!(complaints("let a = if x && y || !z then 1 else 2"), @r##"
    E0109 at "&&": `&&` is written `and` here
      help: write `and`
      edit: "&&" to "and"
    E0109 at "||": `||` is written `or` here
      help: write `or`
      edit: "||" to "or"
    E0109 at "!": `!` is written `not` here
      help: write `not`
      edit: "!" to "not"
    "##);
    insta::assert_snapshot!(complaints("let x = a ** 2 <> b"), @r##"
    E0109 at "**": `**` is written `^` here
      help: write `^`
      edit: "**" to "^"
    E0109 at "<>": `<>` is written `!=` here
      help: write `!=`
      edit: "<>" to "!="
    "##);
    insta::assert_snapshot!(complaints("# comment\nconst a = 1"), @r##"
    E0109 at "#": a comment starts with `//`, not `#`
      help: write `//`
      edit: "#" to "//"
    "##);
    insta::assert_snapshot!(complaints("index S { a; b; c }"), @r##"
    E0109 at ";": entries are separated by `,` or line ends, not by `;`
      help: write `,`
      edit: ";" to ","
    E0109 at ";": entries are separated by `,` or line ends, not by `;`
      help: write `,`
      edit: ";" to ","
    "##);
    insta::assert_snapshot!(complaints("let x = a ≥ b − c"), @r##"
    E0109 at "≥": `≥` is written `>=` here
      help: write `>=`
      edit: "≥" to ">="
    E0109 at "−": `−` is written `-` here
      help: write `-`
      edit: "−" to "-"
    "##);
    insta::assert_snapshot!(complaints("let x = a ; b"), @r##"
    E0109 at ";": a declaration ends without a sign: `;` has no meaning here
      help: remove it
      edit: ";" to ""
    "##);
    insta::assert_snapshot!(complaints("const a = 3;\nconst b = 4"), @r##"
    E0109 at ";": a declaration ends without a sign: `;` has no meaning here
      help: remove it
      edit: ";" to ""
    "##);
}

#[test]
fn an_open_bracket_is_shown_where_it_was_opened() {
    insta::assert_snapshot!(complaints("index Side { russia, ukraine\nstock x = 3\nparam p ~ 2 to 3"), @r##"
    E0110 at "{": this `{` is never closed
      label at "stock": `}` is missing before this
      help: add `}`
    "##);
    insta::assert_snapshot!(complaints("let a = (b + c\nlet d = 4"), @r##"
    E0110 at "(": this `(` is never closed
      label at "let": `)` is missing before this
      help: add `)`
    "##);
    insta::assert_snapshot!(complaints("param x ~ normal(1, 2\n  \"title\"\nflow f from x = 3"), @r##"
    E0110 at "(": this `(` is never closed
      label at "\"title\"": `)` is missing before this
      help: add `)`
    "##);
    insta::assert_snapshot!(complaints("const r[S] = table {\n  a 1\nconst d = 3"), @r##"
    E0110 at "{": this `{` is never closed
      label at "const": `}` is missing before this
      help: add `}`
    "##);
}

#[test]
fn a_closing_bracket_has_an_opening_one() {
    insta::assert_snapshot!(complaints("let a = b + c)\nlet d = 4"), @r##"
    E0111 at ")": this `)` closes nothing
      help: remove it, or open the bracket before it
    "##);
    insta::assert_snapshot!(complaints("const a = 3\n}\nconst b = 2"), @r##"
    E0111 at "}": this `}` closes nothing
      help: remove it, or open the bracket before it
    "##);
    insta::assert_snapshot!(complaints("let a = (b + c]) * 2"), @r##"
    E0111 at "]": this `]` closes nothing
      help: remove it, or open the bracket before it
    "##);
}

#[test]
fn names_are_names() {
    insta::assert_snapshot!(complaints("const = 4\nconst b = 2"), @r##"
    E0112 at "=": a constant needs a name, and here stands `=`
      help: a name is a letter followed by letters, digits and `_`
    "##);
    insta::assert_snapshot!(complaints("index S { 1, b }"), @r##"
    E0112 at "1": an element needs a name, and here stands `1`
      help: a name is a letter followed by letters, digits and `_`
    "##);
    insta::assert_snapshot!(complaints("const of = 3"), @r##"
    E0122 at "of": `of` is a word of the grammar and cannot name a constant
      help: choose another name, such as `of_`
    "##);
    insta::assert_snapshot!(complaints("index S { in, to, x }"), @r##"
    E0122 at "in": `in` is a word of the grammar and cannot name an element
      help: choose another name, such as `in_`
    E0122 at "to": `to` is a word of the grammar and cannot name an element
      help: choose another name, such as `to_`
    "##);
    insta::assert_snapshot!(complaints("claim c contradicts 3"), @r##"
    E0112 at "3": a claim needs a name, and here stands `3`
      help: a name is a letter followed by letters, digits and `_`
    "##);
}

#[test]
fn values_are_not_left_out() {
    insta::assert_snapshot!(complaints("let a = [b)\nlet d = 4"), @r##"
    E0113 at "[": a value is missing before `[`
      help: write a number, a name or a calculation
    "##);
    insta::assert_snapshot!(complaints("const a =\nconst b = 2"), @r##"
    E0113 at "=": a value is missing after `=`
      help: write a number, a name or a calculation
    "##);
    insta::assert_snapshot!(complaints("const a = 3 +\nconst b = 2"), @r##"
    E0113 at "+": a value is missing after `+`
      help: write a number, a name or a calculation
    "##);
    insta::assert_snapshot!(complaints("let x = f(a, , b)"), @r##"
    E0113 at ",": a value is missing before `,`
      help: write a number, a name or a calculation
    "##);
    insta::assert_snapshot!(complaints("let x = sum(a[s] for s in South where)"), @r##"
    E0113 at ")": a value is missing before `)`
      help: write a number, a name or a calculation
    "##);
    insta::assert_snapshot!(complaints(r#"const a = "three""#), @r##"
    E0113 at "\"three\"": a value belongs here, and here stands a string
      help: write a number, a name or a calculation
    "##);
    insta::assert_snapshot!(complaints("let x = 2 * {a: 1}"), @r##"
    E0113 at "{": an expression belongs here, and here stands a list in braces
      help: cases in braces stand right after `=` or `~`, or after `:` within cases
    "##);
}

#[test]
fn declarations_start_with_a_known_word() {
    insta::assert_snapshot!(complaints("stokc a = 3\nconst b = 2"), @r##"
    E0114 at "stokc": no declaration starts with `stokc`
      help: did you mean `stock`?
      edit: "stokc" to "stock"
    "##);
    insta::assert_snapshot!(complaints("variable x = 2"), @r##"
    E0114 at "variable": no declaration starts with `variable`
      help: did you mean `let`?
      edit: "variable" to "let"
    "##);
    insta::assert_snapshot!(complaints("x = 2\nconst b = 2"), @r##"
    E0114 at "x": no declaration starts with `x`
      help: write `let x = ..`
    "##);
    insta::assert_snapshot!(complaints("This is prose, pasted by mistake. It has several words\nand more than one line: of text.\nconst a = 3"), @r##"
    E0114 at "This": no declaration starts with `This`
      help: a declaration starts with a word such as `param`, `stock`, `flow` or `let`
    "##);
    insta::assert_snapshot!(complaints("3 + 4\nconst a = 3"), @r##"
    E0114 at "3": no declaration starts with `3`
      help: a declaration starts with a word such as `param`, `stock`, `flow` or `let`
    "##);
}

#[test]
fn words_of_later_versions_are_reserved() {
    insta::assert_snapshot!(complaints("observe x[s] from data(front/weekly).km2 by week, s = s ~ normal(e)\nconst b = 2"), @r##"
    E0115 at "observe": `observe` is reserved for a later version of the language
      help: remove it, or put `//` before its lines
    "##);
}

#[test]
fn a_pathway_says_what_it_goes_through() {
    insta::assert_snapshot!(complaints("pathway p \"By men\" through a, b[x],\n  c of pact\nconst d = 3"), @"");
    insta::assert_snapshot!(complaints("pathway p"), @r##"
    E0118 at "pathway p": the pathway `p` says of nothing that it goes through it
      help: add `through NAME, NAME[ELEMENT]`
    "##);
    insta::assert_snapshot!(complaints("pathway p through a b"), @r##"
    E0119 at "b": names are separated by commas, and here `b` follows a name
      help: add `,`
      edit: "" to ","
    "##);
}

#[test]
fn a_choice_is_decided_by_utilities_or_by_rules() {
    let choice = |decides: &str| {
        complaints(&format!(
            "choice c by a every 4 weeks options {{ x, y }} start x {decides}\nconst d = 3"
        ))
    };
    insta::assert_snapshot!(choice("rules { b > 3 and occurred(e): y, f[i] == g: x\n else: x }"), @"");
    insta::assert_snapshot!(choice("rules { b > 3: y } utility { x: 0, y: 1 }"), @r##"
    E0117 at "utility": this choice has a second way to decide
      help: keep one of the two
    "##);
    insta::assert_snapshot!(choice(""), @r##"
    E0118 at "choice c": the choice `c` has neither utilities nor rules
      help: add `utility { first: 0, second: VALUE }` or `rules { CONDITION: first, else: second }`
    "##);
    insta::assert_snapshot!(choice("rules { b > 3 y, c: x }"), @r##"
    E0125 at ",": a condition is followed by `:`, and here stands `,`
      help: add `:`
      edit: "" to " :"
    "##);
    insta::assert_snapshot!(choice("rules {\n b > 3\n c: x\n }"), @r##"
    E0125 at "3": a condition is followed by `:`
      help: add `:`
      edit: "" to " :"
    "##);
    insta::assert_snapshot!(choice("rules { b = 3: x }"), @r##"
    E0108 at "=": `=` gives a value, and here two values are compared
      help: write `==`
      edit: "=" to "=="
    "##);
    insta::assert_snapshot!(choice("rules { b > 3 = x, : y }"), @r##"
    E0120 at "=": a comparison cannot be compared again
      label at ">": the first comparison
      help: write `a < b and b < c`
    E0108 at "=": `=` gives a value, and here two values are compared
      help: write `==`
      edit: "=" to "=="
    E0125 at ",": a condition is followed by `:`, and here stands `,`
      help: add `:`
      edit: "" to " :"
    E0113 at ":": a value is missing before `:`
      help: write a number, a name or a calculation
    "##);
    insta::assert_snapshot!(choice("rules { else: x, b > 3: y, else: x }"), @r##"
    E0116 at "b": no row stands after `else`
      help: `else` decides whatever else is so: put this row before it
    E0116 at "else": no row stands after `else`
      help: `else` decides whatever else is so: put this row before it
    "##);
    insta::assert_snapshot!(choice("rules b > 3: y"), @r##"
    E0125 at "b": `rules` is followed by `{`, and here stands `b`
      help: write the entries between `{` and `}`
    "##);
    insta::assert_snapshot!(choice("rules { b > 3: y"), @r##"
    E0110 at "{": this `{` is never closed
      label at "const": `}` is missing before this
      help: add `}`
    "##);
    insta::assert_snapshot!(choice("rules { b > 3: 5 }"), @r##"
    E0112 at "5": an option needs a name, and here stands `5`
      help: a name is a letter followed by letters, digits and `_`
    "##);
}

#[test]
fn a_correlation_names_what_goes_together_and_how_far() {
    let after = |correlation: &str| complaints(&format!("{correlation}\nconst d = 3"));
    insta::assert_snapshot!(after("correlate a, b[x], c of d, e[x, y] = -0.5 \"Title\" cite one"), @"");
    insta::assert_snapshot!(after("correlate a = 1 / 3"), @"");
    insta::assert_snapshot!(after("correlate a,\n  b\n  = 0.5"), @"");
    insta::assert_snapshot!(after("correlate a, b"), @r##"
    E0118 at "correlate": `correlate` has no value
      help: add `= VALUE`, such as `= 0.5`
    "##);
    insta::assert_snapshot!(after("correlate a b = 0.5"), @r##"
    E0119 at "b": names are separated by commas, and here `b` follows a name
      help: add `,`
      edit: "" to ","
    "##);
    insta::assert_snapshot!(after("correlate a, b ~ 0.5"), @r##"
    E0126 at "~": a correlation has a value, which stands after `=`
      help: write `=`
      edit: "~" to "="
    "##);
    insta::assert_snapshot!(after("correlate a, = 0.5"), @r##"
    E0112 at "=": what is correlated needs a name, and here stands `=`
      help: a name is a letter followed by letters, digits and `_`
    "##);
    insta::assert_snapshot!(after("correlate a and b = 0.5"), @r##"
    E0116 at "and": `and` does not belong in the declaration of a correlation
      help: a correlation has `=`, a title and `cite`
    "##);
    insta::assert_snapshot!(after("correlate a[x, b = 0.5"), @r##"
    E0110 at "[": this `[` is never closed
      label at "const": `]` is missing before this
      help: add `]`
    E0119 at "=": entries are separated by commas, and here `=` follows an entry
      help: add `,`
      edit: "" to ","
    "##);
    insta::assert_snapshot!(after("correlate = 0.5"), @r##"
    E0112 at "=": what is correlated needs a name, and here stands `=`
      help: a name is a letter followed by letters, digits and `_`
    "##);
    insta::assert_snapshot!(after("correlate a, b = 0.5 = 0.6"), @r##"
    E0108 at "=": `=` gives a value, and here two values are compared
      help: write `==`
      edit: "=" to "=="
    "##);
    insta::assert_snapshot!(after("correlate a, b = 0.5 by c"), @r##"
    E0116 at "by": `by` does not belong in the declaration of a correlation
      help: a correlation has `=`, a title and `cite`
    "##);
}

#[test]
fn a_treaty_says_between_whom_when_and_how_reliable() {
    insta::assert_snapshot!(complaints("treaty pact between a, b \"Title\"\n  trigger x > 1 judge y == ask\n  territory z in force from ratified delay 1 to 8 weeks\n  reliability ~ beta(3, 3)\nconst b = 2"), @"");
    insta::assert_snapshot!(complaints("treaty pact"), @r##"
    E0118 at "treaty pact": the treaty `pact` does not say between whom
      help: add `between FIRST, SECOND`
    "##);
    insta::assert_snapshot!(complaints("treaty pact between a, b trigger x > 1 reliability = 0.5"), @r##"
    E0125 at "=": `reliability` is followed by `~`, and here stands `=`
      help: add `~`
      edit: "" to " ~"
    "##);
    insta::assert_snapshot!(complaints("treaty pact between a, b trigger x > 1 in force reliability ~ beta(3, 3)"), @r##"
    E0120 at "in": a comparison cannot be compared again
      label at ">": the first comparison
      help: write `a < b and b < c`
    "##);
    insta::assert_snapshot!(complaints("treaty pact between a, b trigger x > 1 in effect from y reliability ~ beta(3, 3)"), @r##"
    E0120 at "in": a comparison cannot be compared again
      label at ">": the first comparison
      help: write `a < b and b < c`
    E0116 at "from": `from` does not belong in the declaration of a treaty
      help: a treaty has `between`, `trigger`, `territory`, `in`, `judge`, `delay`, `reliability`, a title and `cite`
    "##);
}

#[test]
fn each_declaration_has_its_own_clauses() {
    insta::assert_snapshot!(complaints("const a = 3 const b = 4"), @r##"
    E0116 at "const": the declaration of a `const` starts on a line of its own
      help: put it on the next line
      edit: "" to "\n"
    "##);
    insta::assert_snapshot!(complaints("unit person[Side]"), @r##"
    E0116 at "[": a unit has no indices here
      help: indices stand right after a name
    "##);
    insta::assert_snapshot!(complaints("unit person : 1"), @r##"
    E0116 at ":": a unit has no unit here
      help: a unit stands after the name
    "##);
    insta::assert_snapshot!(complaints("const a = b c"), @r##"
    E0116 at "c": `c` follows a value with nothing between
      help: put a sign such as `+` or `*` between the two, or remove one
    "##);
    insta::assert_snapshot!(complaints("anchor p that probability(q) ~ 3"), @r##"
    E0116 at "that": `that` does not belong in the declaration of an anchor
      help: an anchor has `~`, `so`, a title and `cite`
    "##);
    insta::assert_snapshot!(complaints("let x = {a: 1} + 2"), @r##"
    E0116 at "+": `+` does not belong in the declaration of a derived quantity
      help: a derived quantity has `=`, a title and `cite`
    "##);
    insta::assert_snapshot!(complaints("const a = 3 from b"), @r##"
    E0116 at "from": `from` does not belong in the declaration of a constant
      help: a constant has `=`, a title and `cite`
    "##);
    insta::assert_snapshot!(complaints(r#"headline "a" "b""#), @r##"
    E0116 at "\"b\"": a string does not belong in the declaration of a headline
      help: remove it, or start a declaration on a new line
    "##);
}

#[test]
fn a_clause_stands_once() {
    insta::assert_snapshot!(complaints("claim c holds when a > b holds when c"), @r##"
    E0117 at "holds": this claim has a second formula
      help: keep one of the two
    "##);
    insta::assert_snapshot!(complaints("event e at 2025-01-01 when b"), @r##"
    E0117 at "when": this event has a second trigger
      help: keep one of the two
    "##);
    insta::assert_snapshot!(complaints(r#"model m "a" "b""#), @r##"
    E0117 at "\"b\"": this model has a second title
      help: keep one of the two
    "##);
    insta::assert_snapshot!(complaints("measure m = 3 by 2025-01-01 at 2025-01-01"), @r##"
    E0117 at "at": this measure has a second date
      help: keep one of the two
    "##);
}

#[test]
fn some_clauses_must_stand() {
    insta::assert_snapshot!(complaints("stock a\nconst b = 2"), @r##"
    E0118 at "stock a": the stock `a` has no initial value
      help: add `= VALUE`, such as `= 0`
    "##);
    insta::assert_snapshot!(complaints("flow f = 3"), @r##"
    E0118 at "flow f": the flow `f` leads neither from a stock nor to one
      help: add `from STOCK` or `to STOCK`
    "##);
    insta::assert_snapshot!(complaints("flow f from x to y"), @r##"
    E0118 at "flow f": the flow `f` has no rate
      help: add `= RATE`
    "##);
    insta::assert_snapshot!(complaints("time weekly from 2024-01-01"), @r##"
    E0118 at "time": `time` has no duration
      help: write `time weekly from 2024-10-28 for 52 weeks`
    "##);
    insta::assert_snapshot!(complaints("event e\nconst a = 2"), @r##"
    E0118 at "event e": the event `e` has nothing that makes it happen
      help: add `at DATE`, `when CONDITION` or `at rate RATE`
    "##);
    insta::assert_snapshot!(complaints("transfer t = 3 person from a to b"), @r##"
    E0118 at "transfer t": the transfer `t` has no event on which it is made
      help: add `on EVENT`
    "##);
    insta::assert_snapshot!(complaints("subset A { b }"), @r##"
    E0118 at "subset A": the subset `A` does not say of which index it is a part
      help: add `of INDEX`
    "##);
    insta::assert_snapshot!(complaints("map m { a: b }"), @r##"
    E0118 at "map m": the map `m` does not say from which index it leads
      help: write `map NAME[FROM] -> TO { a: b }`
    "##);
    insta::assert_snapshot!(complaints("choice c by a every 4 weeks"), @r##"
    E0118 at "choice c": the choice `c` has no options
      help: add `options { first, second }`
    "##);
    insta::assert_snapshot!(complaints("intervention i"), @r##"
    E0118 at "intervention i": the intervention `i` changes nothing
      help: add `{ NAME = VALUE }`
    "##);
    insta::assert_snapshot!(complaints("check c = m"), @r##"
    E0118 at "check c": the check `c` has no range
      help: add `between LOW and HIGH`
    "##);
    insta::assert_snapshot!(complaints("anchor a so that probability(q)"), @r##"
    E0118 at "anchor a": the anchor `a` has no elicited probability
      help: add `~ fact(NAME)`
    "##);
    insta::assert_snapshot!(complaints("attribute q : 1 = 3"), @r##"
    E0118 at ":": an attribute says first with which stock it travels, and then its unit
      help: add `of STOCK` after the name
    "##);
}

#[test]
fn entries_are_separated() {
    insta::assert_snapshot!(complaints("index S { a b c }"), @r##"
    E0119 at "b": entries are separated by commas or line ends, and here `b` follows an entry
      help: add `,`
      edit: "" to ","
    "##);
    insta::assert_snapshot!(complaints("function f(a b) = a"), @r##"
    E0119 at "b": entries are separated by commas, and here `b` follows an entry
      help: add `,`
      edit: "" to ","
    "##);
    insta::assert_snapshot!(complaints("let x = f(a b)"), @r##"
    E0119 at "b": entries are separated by commas, and here `b` follows an entry
      help: add `,`
      edit: "" to ","
    "##);
    insta::assert_snapshot!(complaints("intervention i { a = , b 3, freeze c, d = at 2025-01-01 e = 3 }"), @r##"
    E0113 at ",": a value is missing before `,`
      help: write a number, a name or a calculation
    E0125 at "3": what is changed is followed by `=`, and here stands `3`
      help: add `=`
      edit: "" to " ="
    E0119 at "e": entries are separated by commas or line ends, and here `e` follows an entry
      help: add `,`
      edit: "" to ","
    "##);
}

#[test]
fn comparisons_do_not_chain() {
    insta::assert_snapshot!(complaints("let x = a < b < c"), @r##"
    E0120 at "<": a comparison cannot be compared again
      label at "<": the first comparison
      help: write `a < b and b < c`
    "##);
    assert_eq!(complaints("let x = (a < b) == c"), "");
}

#[test]
fn weak_words_stand_in_parentheses() {
    insta::assert_snapshot!(complaints("let x = a + if b then c else d"), @r##"
    E0123 at "if": `if` within a calculation stands in parentheses
      help: put parentheses around it
    "##);
    insta::assert_snapshot!(complaints("let x = a * not b"), @r##"
    E0123 at "not": `not` within a calculation stands in parentheses
      help: put parentheses around it
    "##);
    insta::assert_snapshot!(complaints("const r[S] = table {\n  a 1,000\n  b 3 + 4\n  c 5\n}\nconst d = 3"), @r##"
    E0105 at "1,000": `1,000` has commas between its digits
      help: write `1_000`
      edit: "1,000" to "1_000"
    E0123 at "+": a calculation in a table stands in parentheses
      help: write `(a + b)`
    "##);
}

#[test]
fn months_are_no_step() {
    insta::assert_snapshot!(complaints("time monthly from 2024-01-01 for 3 weeks"), @r##"
    E0124 at "monthly": calendar months differ in length, and are therefore no step
      help: write `weekly` or `every 30 days`
    "##);
    insta::assert_snapshot!(complaints("time every 2 months from 2024-01-01 for 3 weeks"), @r##"
    E0124 at "months": calendar months differ in length, and are therefore no step
      help: write `weekly` or `every 30 days`
    "##);
}

#[test]
fn signs_and_words_are_not_left_out() {
    insta::assert_snapshot!(complaints("const r[S] = { a = 1, b 2 }"), @r##"
    E0125 at "=": an element is followed by `:`, and here stands `=`
      help: write `:`
      edit: "=" to ":"
    E0125 at "2": an element is followed by `:`, and here stands `2`
      help: add `:`
      edit: "" to " :"
    "##);
    insta::assert_snapshot!(complaints(r#"claim c quote "a" holds a > b"#), @r##"
    E0125 at "a": `holds` is followed by `when`, and here stands `a`
      help: add `when`
    "##);
    insta::assert_snapshot!(complaints("check c = m between 3 to 4"), @r##"
    E0125 at "to": the lower end of a range is followed by `and`, and here stands `to`
      help: add `and`
    "##);
    insta::assert_snapshot!(complaints("function f = 3"), @r##"
    E0125 at "=": a function's name is followed by `(`, and here stands `=`
      help: write `function NAME(a, b) = VALUE`
    "##);
    insta::assert_snapshot!(complaints("let x = sum(a[s] for s South)"), @r##"
    E0125 at "South": the name after `for` is followed by `in`, and here stands `South`
      help: add `in`
    "##);
    insta::assert_snapshot!(complaints("let x = if a then b"), @r##"
    E0125 at "b": the value after `then` is followed by `else`
      help: add `else`
    "##);
    insta::assert_snapshot!(complaints("choice c by a every 4 weeks options a, b"), @r##"
    E0125 at "a": `options` is followed by `{`, and here stands `a`
      help: write the entries between `{` and `}`
    "##);
    insta::assert_snapshot!(complaints("claim c factual: fact(x) within 10%"), @r##"
    E0125 at "within": the fact is followed by `is`, and here stands `within`
      help: add `is`
    "##);
    insta::assert_snapshot!(complaints("flow f from x through delay(3) = 3"), @r##"
    E0113 at "delay": a flow leads through a pipeline, and here stands `delay`
      help: write `through pipeline(ORDER, MEAN)`, such as `pipeline(3, 4 weeks)`
    "##);
    insta::assert_snapshot!(complaints("flow f from x carrying a 3 = 3"), @r##"
    E0125 at "3": a carried attribute is followed by `=`, and here stands `3`
      help: add `=`
      edit: "" to " ="
    "##);
    insta::assert_snapshot!(complaints("let x = sum(a, b for s in S)"), @r##"
    E0116 at "for": a reduction over elements has one body and nothing beside it
      help: write `max(sum(a for s in S), b)`
    "##);
}

#[test]
fn a_distribution_stands_after_a_tilde() {
    insta::assert_snapshot!(complaints("param p = 3"), @r##"
    E0126 at "=": a parameter is drawn from a distribution, which stands after `~`
      help: write `~`
      edit: "=" to "~"
    "##);
    insta::assert_snapshot!(complaints("const p ~ 3"), @r##"
    E0126 at "~": a constant has a value, which stands after `=`
      help: write `=`, or declare a `param`
      edit: "~" to "="
    "##);
    insta::assert_snapshot!(complaints("noise n = normal(0, 1)"), @r##"
    E0126 at "=": noise is drawn from a distribution, which stands after `~`
      help: write `~`
      edit: "=" to "~"
    "##);
    insta::assert_snapshot!(complaints("let x ~ 3"), @r##"
    E0126 at "~": a derived quantity has a value, which stands after `=`
      help: write `=`, or declare `noise`
      edit: "~" to "="
    "##);
}

#[test]
fn formulas_of_headlines_are_closed() {
    insta::assert_snapshot!(complaints(r#"headline "x {a + } y""#), @r##"
    E0113 at "}": a value is missing before `}`
      help: write a number, a name or a calculation
    "##);
    insta::assert_snapshot!(complaints(r#"headline "x {a b} y""#), @r##"
    E0116 at "b": `b` does not belong in this formula
      help: a formula is one calculation, such as `{median(m)}`
    "##);
    insta::assert_snapshot!(complaints(r#"headline "x {a y"#), @r##"
    E0128 at "{": this formula has no closing brace
      help: write `}` after the formula, or `{{` for a brace in the text
    "##);
    insta::assert_snapshot!(complaints("headline \"x {a\" cite b\nconst c = 1"), @r##"
    E0128 at "{": this formula has no closing brace
      help: write `}` after the formula, or `{{` for a brace in the text
    "##);
}
