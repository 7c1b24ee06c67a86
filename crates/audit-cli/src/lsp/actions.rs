//! Code actions: fixes of single findings, and all that `check --fix` would make.

use std::collections::HashMap;

use audit_policy::{Diagnostic, Edit, KubernetesVersion, Span};
use gen_lsp_types::{
    CodeAction, CodeActionKind, CodeActionParams, DocumentChange,
    OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextDocumentIdentifier, TextEdit,
    Uri, WorkspaceEdit,
};

use super::diagnostics::diagnostic;
use super::documents::Document;
use super::positions::Lines;
use crate::check::open::{fixed, with_line_ends};

/// Kind of the action that applies all safe fixes.
pub(super) const FIX_ALL: &str = "source.fixAll.auditPolicy";

/// An open document with its lines and what the editor understands.
pub(super) struct Context<'d> {
    pub(super) uri: &'d str,
    pub(super) document: &'d Document,
    pub(super) lines: &'d Lines<'d>,
    /// The editor checks the version of a document before it changes it.
    pub(super) has_versions: bool,
}

/// Returns the actions at a range.
pub(super) fn actions(
    context: &Context<'_>,
    params: &CodeActionParams,
    version: KubernetesVersion,
) -> Vec<CodeAction> {
    let Some(findings) = context.document.findings(version) else {
        return Vec::new();
    };
    let only = params.context.only.as_deref();
    let mut actions = Vec::new();
    if is_wanted(only, "quickfix") {
        let span = context.lines.span(params.range);
        actions.extend(
            findings
                .at(span)
                .filter_map(|finding| context.quick_fix(finding)),
        );
    }
    if is_wanted(only, FIX_ALL) && findings.is_policy {
        actions.extend(context.fix_all(version));
    }
    actions
}

/// Returns whether the editor asks for a kind: for all, for it, or for one that contains it.
fn is_wanted(only: Option<&[CodeActionKind]>, kind: &str) -> bool {
    only.is_none_or(|only| {
        only.iter().any(|wanted| {
            let wanted = String::from(wanted.clone());
            let rest = kind.strip_prefix(wanted.as_str());
            rest.is_some_and(|rest| rest.is_empty() || wanted.is_empty() || rest.starts_with('.'))
        })
    })
}

impl Context<'_> {
    /// Returns the fix of a finding. The title of one that is a matter of choice ends with that, and it is not preferred.
    fn quick_fix(&self, finding: &Diagnostic) -> Option<CodeAction> {
        let fix = finding.fix.as_ref()?;
        let title = if fix.is_choice {
            format!("{} (changes what is logged)", fix.title)
        } else {
            fix.title.clone()
        };
        Some(CodeAction {
            title,
            kind: Some(CodeActionKind::QuickFix),
            diagnostics: Some(vec![diagnostic(finding, self.uri, self.lines)]),
            is_preferred: Some(!fix.is_choice),
            edit: Some(self.edit(fix.edits.iter().map(|edit| Edit {
                span: edit.span,
                text: with_line_ends(&edit.text, &self.document.text),
            }))),
            ..CodeAction::default()
        })
    }

    /// Returns the action that makes of the document what `check --fix` makes of a file. `None` if that changes nothing.
    fn fix_all(&self, version: KubernetesVersion) -> Option<CodeAction> {
        let text = &self.document.text;
        let settings = self.document.settings(version);
        let fixed = fixed(text, &self.document.file, &settings)?;
        let edit = changed_part(text, &fixed);
        Some(CodeAction {
            title: "apply all fixes that are not optional".to_owned(),
            kind: Some(CodeActionKind::Custom(FIX_ALL.into())),
            edit: Some(self.edit([edit].into_iter())),
            ..CodeAction::default()
        })
    }

    fn edit(&self, edits: impl Iterator<Item = Edit>) -> WorkspaceEdit {
        let edits = edits.map(|edit| TextEdit {
            range: self.lines.range(edit.span),
            new_text: edit.text,
        });
        let uri = Uri(self.uri.to_owned());
        if !self.has_versions {
            let changes = HashMap::from([(uri, edits.collect())]);
            return WorkspaceEdit {
                changes: Some(changes),
                ..WorkspaceEdit::default()
            };
        }
        let text_document = OptionalVersionedTextDocumentIdentifier {
            version: Some(self.document.version),
            text_document_identifier: TextDocumentIdentifier { uri },
        };
        let edits = edits.map(Into::into).collect();
        let change = TextDocumentEdit {
            text_document,
            edits,
        };
        WorkspaceEdit {
            document_changes: Some(vec![DocumentChange::TextDocumentEdit(change)]),
            ..WorkspaceEdit::default()
        }
    }
}

/// Returns the edit between the first and the last line in which two texts differ.
fn changed_part(before: &str, after: &str) -> Edit {
    let same_start = common(before.split_inclusive('\n'), after.split_inclusive('\n'));
    let [before_rest, after_rest] =
        [before, after].map(|text| text.get(same_start..).unwrap_or_default());
    let same_end = common(
        before_rest.split_inclusive('\n').rev(),
        after_rest.split_inclusive('\n').rev(),
    );
    let text = after_rest.get(..after_rest.len() - same_end);
    Edit {
        span: Span::new(same_start, before.len() - same_end),
        text: text.unwrap_or_default().to_owned(),
    }
}

/// Returns the length of the lines that two texts begin with alike.
fn common<'t>(one: impl Iterator<Item = &'t str>, other: impl Iterator<Item = &'t str>) -> usize {
    let pairs = one.zip(other).take_while(|(one, other)| one == other);
    pairs.map(|(line, _)| line.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_changed_part_is_between_the_lines_that_are_the_same() {
        for (before, after, start, end, text) in [
            ("a\nb\nc\n", "a\nx\nc\n", 2, 4, "x\n"),
            ("a\nb\n", "a\nb\nc\n", 4, 4, "c\n"),
            ("a\nb", "a\nb\n", 2, 3, "b\n"),
            ("a\na\n", "a\n", 2, 4, ""),
            ("", "a\n", 0, 0, "a\n"),
            ("a\r\nb\r\n", "a\r\nc\r\n", 3, 6, "c\r\n"),
        ] {
            let edit = changed_part(before, after);
            let expected = (Span::new(start, end), text);
            assert_eq!((edit.span, edit.text.as_str()), expected, "{before:?}");
        }
    }

    #[test]
    fn a_kind_is_wanted_by_itself_and_by_what_contains_it() {
        let kind = |name: &'static str| CodeActionKind::Custom(name.into());
        for (wanted, expected) in [
            ("source", true),
            ("source.fixAll", true),
            ("source.fixAll.auditPolicy", true),
            ("source.fixAll.auditPolicy.more", false),
            ("source.fix", false),
            ("quickfix", false),
            ("", true),
        ] {
            assert_eq!(
                is_wanted(Some(&[kind(wanted)]), FIX_ALL),
                expected,
                "{wanted}"
            );
        }
        assert!(is_wanted(None, FIX_ALL) && !is_wanted(Some(&[]), FIX_ALL));
    }
}
