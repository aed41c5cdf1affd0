//! What is wrong with a model, with an excerpt of the place. The one file that knows how diagnostics look.

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use melian_language::diagnostic::{Diagnostic, Label, Severity};
use melian_language::source::{FileId, Sources, Span};

use super::layout;

/// Renders diagnostics with colours, a blank line after each.
pub fn render(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let renderer = Renderer::styled().term_width(layout::width());
    diagnostics
        .iter()
        .map(|diagnostic| renderer.render(&groups(diagnostic, sources)) + "\n\n")
        .collect()
}

fn groups<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<Group<'a>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level
        .primary_title(diagnostic.message.as_str())
        .id(diagnostic.code);
    let mut group = Group::with_title(title);
    if let Some(primary) = &diagnostic.primary {
        group = group.elements(snippets(primary, &diagnostic.labels, sources));
    }
    group = group.elements(
        diagnostic
            .notes
            .iter()
            .map(|note| Level::NOTE.message(note.as_str())),
    );
    match (&diagnostic.help, &diagnostic.edit) {
        (Some(help), Some(edit)) => {
            let span = range(edit.span, sources);
            let patch = snippet(edit.span.file, sources).patch(Patch::new(span, edit.replacement.as_str()));
            vec![group, Level::HELP.secondary_title(help.as_str()).element(patch)]
        }
        (Some(help), None) => vec![group.element(Level::HELP.message(help.as_str()))],
        (None, _) => vec![group],
    }
}

/// Returns an excerpt for each file: that of the primary place first.
fn snippets<'a>(
    primary: &'a Label,
    labels: &'a [Label],
    sources: &'a Sources,
) -> Vec<Snippet<'a, Annotation<'a>>> {
    let mut files = vec![primary.span.file];
    for label in labels {
        if !files.contains(&label.span.file) {
            files.push(label.span.file);
        }
    }
    let annotation = |kind: AnnotationKind, label: &'a Label| {
        let annotation = kind.span(range(label.span, sources));
        if label.text.is_empty() {
            annotation
        } else {
            annotation.label(label.text.as_str())
        }
    };
    files
        .into_iter()
        .map(|file| {
            let first = Some(primary).filter(|primary| primary.span.file == file);
            let others = labels.iter().filter(|label| label.span.file == file);
            snippet(file, sources)
                .annotations(first.map(|label| annotation(AnnotationKind::Primary, label)))
                .annotations(others.map(|label| annotation(AnnotationKind::Context, label)))
        })
        .collect()
}

fn snippet<'a, T: Clone>(file: FileId, sources: &'a Sources) -> Snippet<'a, T> {
    Snippet::source(sources.text(file)).path(sources.name(file))
}

/// Returns the bytes of a span, kept within its file.
fn range(span: Span, sources: &Sources) -> std::ops::Range<usize> {
    let length = sources.text(span.file).len();
    let start = (span.start as usize).min(length);
    start..(span.end as usize).clamp(start, length)
}
