//! Models that are too large, or shaped to be slow: reported, and soon.

use std::collections::BTreeMap;
use std::fmt::Write;

use melian_language::check;

const HEAD: &str =
    "melian 0.1\nmodel example \"Example\"\ntime weekly from 2024-01-01 for 4 weeks\nunit person\n";

/// Returns the codes of what is said about a model.
fn codes(declarations: &str) -> Vec<&'static str> {
    let files = BTreeMap::from([("model.mel".to_owned(), format!("{HEAD}{declarations}"))]);
    check(&files).diagnostics.iter().map(|d| d.code).collect()
}

/// Writes lines, each made from its number.
fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).fold(String::new(), |mut text, number| {
        let _ = writeln!(text, "{}", line(number));
        text
    })
}

fn elements(count: usize) -> String {
    let names: Vec<String> = (0..count).map(|number| format!("e{number}")).collect();
    names.join(", ")
}

#[test]
fn a_long_chain_of_equations_is_checked() {
    let chain = lines(20_000, |i| format!("let x{i} = x{}", i + 1));
    assert_eq!(
        codes(&format!("{chain}let x20000 = 1\nseries shown = x0\n")),
        [""; 0]
    );
}

#[test]
fn a_long_cycle_is_one_error() {
    let cycle = lines(3_000, |i| format!("let x{i} = x{}", (i + 1) % 3_000));
    assert_eq!(codes(&format!("{cycle}series shown = x0\n")), ["E0601"]);
}

#[test]
fn quantities_that_all_refer_to_one_another_are_checked() {
    let tangle = lines(400, |i| {
        let (a, b, c) = ((i * 7 + 1) % 400, (i * 5 + 2) % 400, (i + 3) % 400);
        format!("let x{i} = 1 + previous(x{a}, 0) + previous(x{b}, 0) + previous(x{c}, 0)")
    });
    assert_eq!(codes(&format!("{tangle}series shown = x0\n")), [""; 0]);
}

#[test]
fn very_much_that_is_correlated_is_checked_or_refused() {
    let indexed = |count: usize, value: &str| {
        let index = format!("index I {{ {} }}\nparam x[I] ~ normal(0, 1)\n", elements(count));
        format!("{index}correlate x = {value}\nseries shown = sum(x[i] for i in I)\n")
    };
    assert_eq!(codes(&indexed(256, "0.3")), [""; 0]);
    assert_eq!(codes(&indexed(256, "-0.1")), ["E0713"]);
    assert_eq!(codes(&indexed(257, "0.3")), ["E0712"]);
    let parameters = lines(3_000, |i| {
        format!("param p{i} ~ normal(0, 1)\nseries s{i} = p{i}")
    });
    let chain = lines(2_999, |i| format!("correlate p{i}, p{} = 0.4", i + 1));
    assert_eq!(codes(&format!("{parameters}{chain}")), ["E0712"]);
    let pairs = lines(1_500, |i| format!("correlate p{}, p{} = 0.4", 2 * i, 2 * i + 1));
    assert_eq!(codes(&format!("{parameters}{pairs}")), [""; 0]);
}

#[test]
fn functions_that_double_what_they_are_given_are_refused() {
    let doubling = lines(40, |i| match i {
        0 => "function f0(x) = x + x".to_owned(),
        i => format!("function f{i}(x) = f{}(f{}(x))", i - 1, i - 1),
    });
    assert_eq!(codes(&format!("{doubling}series shown = f39(1)\n")), ["E0804"]);
}

#[test]
fn functions_within_functions_are_refused_before_they_exhaust_the_stack() {
    let nested = |inner: &str| format!("{}{inner}{}", "sqrt(".repeat(100), ")".repeat(100));
    let deep = lines(30, |i| match i {
        0 => format!("function f0(x) = {}", nested("x")),
        i => format!("function f{i}(x) = {}", nested(&format!("f{}(x)", i - 1))),
    });
    assert_eq!(codes(&format!("{deep}series shown = f29(1)\n")), ["E0804"]);
}

#[test]
fn sums_over_too_many_elements_are_refused() {
    let model = format!(
        "index A {{ {} }}\nlet x[a: A] = 1\nlet y = sum(x[a] * x[b] * x[c] for a in A, b in A, c in A)\nseries shown = y\n",
        elements(1_000)
    );
    assert_eq!(codes(&model), ["E0804"]);
}

#[test]
fn cases_that_stand_for_many_elements_count_as_often() {
    let long = vec!["x[a, b]"; 200].join(" + ");
    let model = format!(
        "index S {{ s1, s2 }}\nindex A {{ {} }}\nlet x[a: A, b: A] = 1\nlet y[s: S, a: A, b: A] = {{ s1: {long}, s2: 1 }}\nseries shown = y[s1, e0, e0]\n",
        elements(200)
    );
    assert_eq!(codes(&model), ["E0804"]);
}

#[test]
fn a_table_as_large_as_a_model_may_be_is_checked() {
    let width = 400;
    let rows = lines(width, |i| format!("e{i} {}", vec!["1"; width].join(" ")));
    let head = elements(width).replace(", ", " ");
    let model = format!(
        "index A {{ {} }}\nindex B {{ {} }}\nconst x[A, B] = table {{\n{head}\n{rows}}}\nseries shown = x[e0, e0]\n",
        elements(width),
        elements(width)
    );
    assert_eq!(codes(&model), [""; 0]);
}

#[test]
fn an_index_has_at_most_ten_thousand_elements() {
    let model = format!(
        "index A {{ {} }}\nlet x[A] = 1\nseries shown = x[e0]\n",
        elements(10_001)
    );
    assert_eq!(codes(&model).first(), Some(&"E0803"));
}

#[test]
fn very_many_unknown_names_are_told_soon() {
    let known = lines(5_000, |i| format!("series known{i} = {i}"));
    let unknown = lines(5_000, |i| format!("series shown{i} = unknown{i}"));
    assert_eq!(codes(&format!("{known}{unknown}")), vec!["E0201"; 5_000]);
}

#[test]
fn a_file_has_at_most_four_mebibytes() {
    assert_eq!(codes(&"// comment\n".repeat(400_000)), ["E0802"]);
}

#[test]
fn the_highest_expression_that_the_parser_takes_is_checked() {
    let model = format!("let x = {}1\nseries shown = x\n", "1 + ".repeat(254));
    assert_eq!(codes(&model), [""; 0]);
    let deep = format!(
        "let x = {}1{}\nseries shown = x\n",
        "sqrt(".repeat(120),
        ")".repeat(120)
    );
    assert_eq!(codes(&deep), [""; 0]);
}
