//! The reference of the report, written from the Rust source: `docs/src/reference/report.md` is what this test prints.
//!
//! `UPDATE=1 cargo test -p melian-report --test documented` writes the file.

use std::fmt::Write;
use std::path::Path;

use syn::{Attribute, Expr, Fields, GenericArgument, Item, Lit, Meta, PathArguments, Type};

const HEADER: &str = "\
# Results as JSON

<!-- Written from `crates/melian-report/src/data.rs` by its test `documented`; do not edit. -->

`melian run MODEL --json` and `melian compare MODEL --json` print the results as one JSON object, `--json=PATH` writes them to a file. It is the same
data that the page holds. Values are in the declared unit of their quantity; a share or probability lies between 0 and 1; a date is ISO 8601; `null`
stands for a number that could not be computed.

The field `format` names the version. Its last part changes when fields are added, its first when a field changes meaning: a
reader accepts an unknown last part and refuses an unknown first.

The whole is a [`Report`](#report).
";

#[test]
fn the_reference_is_that_of_the_report() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = std::fs::read_to_string(root.join("src/data.rs")).expect("data.rs is readable");
    let path = root.join("../../docs/src/reference/report.md");
    let written = reference(&source);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &written).expect("report.md is writable");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == written,
        "docs/src/reference/report.md is stale; run UPDATE=1 cargo test -p melian-report --test documented"
    );
}

#[test]
fn every_field_is_named_with_its_type_and_meaning() {
    let source =
        "/// A pair.\npub struct Pair {\n/// First, or `a | b`.\npub first: Option<(f64, Vec<Pair>)>,\n}";
    let expected = "\n## Pair\n\nA pair.\n\n| field | type | meaning |\n| --- | --- | --- |\n\
                    | `first` | [number, list of [`Pair`](#pair)] or null | First, or `a \\| b`. |\n";
    assert_eq!(reference(source), format!("{HEADER}{expected}"));
}

fn reference(source: &str) -> String {
    let file = syn::parse_file(source).expect("the source is Rust");
    let mut text = HEADER.to_owned();
    for item in &file.items {
        match item {
            Item::Struct(item) => {
                heading(&mut text, &item.ident.to_string(), &item.attrs);
                fields(&mut text, &item.fields);
            }
            Item::Enum(item) => {
                heading(&mut text, &item.ident.to_string(), &item.attrs);
                let plain = item
                    .variants
                    .iter()
                    .all(|variant| matches!(variant.fields, Fields::Unit));
                if plain {
                    text.push_str("| value | meaning |\n| --- | --- |\n");
                }
                for variant in &item.variants {
                    let name = snake_case(&variant.ident.to_string());
                    if plain {
                        row(&mut text, &[&format!("`\"{name}\"`"), &words(&variant.attrs)]);
                    } else {
                        write!(
                            text,
                            "{} The field `kind` is `\"{name}\"`.\n\n",
                            words(&variant.attrs)
                        )
                        .expect("text grows");
                        fields(&mut text, &variant.fields);
                        text.push('\n');
                    }
                }
            }
            _ => {}
        }
    }
    format!("{}\n", text.trim_end())
}

fn heading(text: &mut String, name: &str, attributes: &[Attribute]) {
    write!(text, "\n## {name}\n\n{}\n\n", words(attributes)).expect("text grows");
}

fn fields(text: &mut String, fields: &Fields) {
    text.push_str("| field | type | meaning |\n| --- | --- | --- |\n");
    for field in fields {
        let name = field.ident.as_ref().expect("fields of the report have names");
        row(
            text,
            &[&format!("`{name}`"), &type_name(&field.ty), &words(&field.attrs)],
        );
    }
}

fn row(text: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    writeln!(text, "| {} |", cells.join(" | ")).expect("text grows");
}

fn type_name(rust: &Type) -> String {
    match rust {
        Type::Tuple(tuple) => {
            let parts: Vec<String> = tuple.elems.iter().map(type_name).collect();
            format!("[{}]", parts.join(", "))
        }
        Type::Array(array) => {
            let Expr::Lit(length) = &array.len else {
                panic!("the length of an array is a number")
            };
            let Lit::Int(length) = &length.lit else {
                panic!("the length of an array is a whole number")
            };
            format!("{length} of {}", type_name(&array.elem))
        }
        Type::Path(path) => {
            let last = path.path.segments.last().expect("a path has an end");
            let inner = || match &last.arguments {
                PathArguments::AngleBracketed(list) => match list.args.first() {
                    Some(GenericArgument::Type(inner)) => type_name(inner),
                    _ => panic!("{} takes a type", last.ident),
                },
                _ => panic!("{} takes a type", last.ident),
            };
            match last.ident.to_string().as_str() {
                "String" => "text".to_owned(),
                "bool" => "true or false".to_owned(),
                "f64" => "number".to_owned(),
                "u32" | "u64" | "usize" => "whole number".to_owned(),
                "Value" => "GeoJSON".to_owned(),
                "Option" => format!("{} or null", inner()),
                "Vec" => format!("list of {}", inner()),
                other => format!("[`{other}`](#{})", other.to_lowercase()),
            }
        }
        _ => panic!("the report has only plain data"),
    }
}

/// Returns the doc comment in one line.
fn words(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(line) => Some(
                    line.value()
                        .trim()
                        .replace("[`FORMAT`]", "The version of this format"),
                ),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    lines.collect::<Vec<_>>().join(" ")
}

fn snake_case(name: &str) -> String {
    let mut text = String::new();
    for (position, letter) in name.char_indices() {
        if letter.is_uppercase() && position > 0 {
            text.push('_');
        }
        text.extend(letter.to_lowercase());
    }
    text
}
