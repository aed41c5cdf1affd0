//! The report as one HTML file: the template that is built from `web/`, with the report embedded as JSON.

use crate::data::Report;

/// Built by `cargo xtask web`.
const TEMPLATE: &str = include_str!("../assets/page.html");
/// Where the title of the window goes. It comes first in the template.
const TITLE: &str = "{{title}}";
/// Where the report goes.
const REPORT: &str = "{{report}}";

/// Returns the page that shows a report. It is one file that fetches nothing.
pub fn page(report: &Report) -> String {
    let json = serde_json::to_string(report).expect("a report is plain data with text as keys");
    let title = if report.model.title.is_empty() {
        &report.model.name
    } else {
        &report.model.title
    };
    let (head, rest) = TEMPLATE
        .split_once(TITLE)
        .expect("the template has a place for the title");
    let (middle, tail) = rest
        .split_once(REPORT)
        .expect("the template has a place for the report");
    let mut page = String::with_capacity(TEMPLATE.len() + json.len() + json.len() / 16);
    page.push_str(head);
    escape_text(&mut page, title);
    page.push_str(middle);
    embed(&mut page, &json);
    page.push_str(tail);
    page
}

/// Escapes what would end a script element or a line of one. All of it occurs only inside JSON strings, where the escape means the same.
fn embed(page: &mut String, json: &str) {
    for letter in json.chars() {
        match letter {
            '<' => page.push_str("\\u003c"),
            '\u{2028}' => page.push_str("\\u2028"),
            '\u{2029}' => page.push_str("\\u2029"),
            _ => page.push(letter),
        }
    }
}

fn escape_text(page: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '<' => page.push_str("&lt;"),
            '>' => page.push_str("&gt;"),
            '&' => page.push_str("&amp;"),
            _ => page.push(letter),
        }
    }
}
