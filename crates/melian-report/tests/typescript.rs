//! The types of the report for TypeScript, written from the Rust source: `web/src/report.ts` is what this test prints.
//!
//! `UPDATE=1 cargo test -p melian-report --test typescript` writes the file.

use std::fmt::Write;
use std::path::Path;

use syn::{Attribute, Expr, Fields, GenericArgument, Item, Lit, Meta, PathArguments, Type};

const HEADER: &str = "// Types of the report. Written from `crates/melian-report/src/data.rs` by its test `typescript`; do not edit.\n";

#[test]
fn the_types_for_typescript_are_those_of_the_report() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let source = std::fs::read_to_string(root.join("src/data.rs")).expect("data.rs is readable");
    let path = root.join("../../web/src/report.ts");
    let written = typescript(&source);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &written).expect("report.ts is writable");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == written,
        "web/src/report.ts is stale; run UPDATE=1 cargo test -p melian-report --test typescript"
    );
}

#[test]
fn every_shape_of_type_is_written() {
    let source = r#"
        /// A pair.
        pub struct Pair {
            /// First.
            pub first: Option<(f64, Vec<u32>)>,
            /// Second.
            pub second: [f64; 2],
        }
        /// A way.
        #[serde(rename_all = "snake_case")]
        pub enum Way { /// Out.
            WayOut, /// In.
            In }
    "#;
    let expected = "\n/** A pair. */\nexport interface Pair {\n  /** First. */\n  first: [number, number[]] | null;\n  \
                    /** Second. */\n  second: [number, number];\n}\n\n/** A way. */\nexport type Way =\n  \
                    /** Out. */\n  | \"way_out\"\n  /** In. */\n  | \"in\";\n";
    assert_eq!(typescript(source), format!("{HEADER}{expected}"));
}

/// Returns the TypeScript for all public types of a Rust source.
fn typescript(source: &str) -> String {
    let file = syn::parse_file(source).expect("the source is Rust");
    let mut text = HEADER.to_owned();
    for item in &file.items {
        match item {
            Item::Struct(item) => {
                text.push('\n');
                comment(&mut text, "", &item.attrs);
                writeln!(text, "export interface {} {{", item.ident).expect("strings take text");
                fields(&mut text, "  ", &item.fields);
                text.push_str("}\n");
            }
            Item::Enum(item) => {
                text.push('\n');
                comment(&mut text, "", &item.attrs);
                writeln!(text, "export type {} =", item.ident).expect("strings take text");
                let variants: Vec<String> = item
                    .variants
                    .iter()
                    .map(|variant| {
                        let mut text = String::new();
                        comment(&mut text, "  ", &variant.attrs);
                        let name = snake_case(&variant.ident.to_string());
                        if matches!(variant.fields, Fields::Unit) {
                            write!(text, "  | \"{name}\"").expect("strings take text");
                        } else {
                            writeln!(text, "  | {{\n      kind: \"{name}\";").expect("strings take text");
                            fields(&mut text, "      ", &variant.fields);
                            text.push_str("    }");
                        }
                        text
                    })
                    .collect();
                text.push_str(&variants.join("\n"));
                text.push_str(";\n");
            }
            _ => {}
        }
    }
    text
}

fn fields(text: &mut String, indent: &str, fields: &Fields) {
    for field in fields {
        comment(text, indent, &field.attrs);
        let name = field.ident.as_ref().expect("fields of the report have names");
        writeln!(text, "{indent}{name}: {};", type_name(&field.ty)).expect("strings take text");
    }
}

fn type_name(rust: &Type) -> String {
    match rust {
        Type::Tuple(tuple) => {
            let parts: Vec<_> = tuple.elems.iter().map(type_name).collect();
            format!("[{}]", parts.join(", "))
        }
        Type::Array(array) => {
            let Expr::Lit(length) = &array.len else {
                panic!("the length of an array is a number")
            };
            let Lit::Int(length) = &length.lit else {
                panic!("the length of an array is a whole number")
            };
            let length: usize = length.base10_parse().expect("the length of an array is small");
            format!("[{}]", vec![type_name(&array.elem); length].join(", "))
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
                "String" => "string".to_owned(),
                "bool" => "boolean".to_owned(),
                "f64" | "u32" | "u64" | "usize" => "number".to_owned(),
                "Value" => "unknown".to_owned(),
                "Option" => format!("{} | null", inner()),
                "Vec" => match inner() {
                    inner if inner.contains(" | ") => format!("({inner})[]"),
                    inner => format!("{inner}[]"),
                },
                other => other.to_owned(),
            }
        }
        _ => panic!("the report has only plain data"),
    }
}

fn comment(text: &mut String, indent: &str, attributes: &[Attribute]) {
    let lines: Vec<String> = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(literal) => match &literal.lit {
                    Lit::Str(line) => Some(
                        line.value()
                            .trim()
                            .replace("[`FORMAT`]", "The version of the format"),
                    ),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        })
        .collect();
    if !lines.is_empty() {
        writeln!(text, "{indent}/** {} */", lines.join(" ")).expect("strings take text");
    }
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
