//! Changes the text of a policy as its simpler form demands, and keeps the rest as it is written, comments included.

use audit_policy::{KubernetesVersion, Loaded, Policy, load};
use audit_types::{Edit, Path, RuleIndex, Span, Step};

use crate::engine::Options;
use crate::parts::Addition;
use crate::search::TooLarge;
use crate::simplify::{Simplified, simplify};

/// Returns the edits that make the text of a policy that of the simpler policy. Comments stay, except for those at the end of a removed line, and
/// those inside a removed rule; those above a rule that is added to another one move with it if they can. `None` if the text would not load as the simpler policy: with anchors, or in an unusual layout.
///
/// ```
/// use audit_analysis::{Options, edited, simplified_edits, simplify};
/// use audit_policy::{KubernetesVersion, load};
///
/// let version = KubernetesVersion::NEWEST;
/// let loaded = load(b"apiVersion: audit.k8s.io/v1
/// kind: Policy
/// rules:
/// ## Who did what.
/// - level: Metadata
///   verbs: [get, get]
/// - level: Metadata
///   verbs: # twice
///   - get
/// - level: Metadata
///   verbs: [list]
/// ", version);
/// let policy = loaded.policy.as_ref().unwrap();
/// let simplified = simplify(policy, Options::default(), &|_, _| true).unwrap();
/// let edits = simplified_edits(&loaded, &simplified, version).unwrap();
/// let text = edited(&loaded.text, &edits).unwrap();
/// assert!(text.ends_with("# Who did what.\n- level: Metadata\n  verbs: [get, list]\n"), "{text}");
/// ```
pub fn simplified_edits(
    loaded: &Loaded,
    simplified: &Simplified,
    version: KubernetesVersion,
) -> Option<Vec<Edit>> {
    let mut removed = simplified.removed.clone();
    let merged = simplified.merged.iter();
    removed.extend(merged.map(|(_, other)| Path::rule(*other)));
    let mut spans = spans(loaded, &removed)?;
    let (mut edits, mut comments) = (Vec::new(), Vec::new());
    for addition in simplified.additions.as_ref()? {
        edits.push(insertion(loaded, addition, &mut comments)?);
    }
    spans.extend(comments);
    let removals = disjoint(spans).into_iter().map(|span| Edit {
        span,
        text: String::new(),
    });
    edits.extend(removals);
    edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let text = edited(&loaded.text, &edits)?;
    let policy = load(text.as_bytes(), version).policy?;
    (policy == simplified.policy).then_some(edits)
}

/// Simplifies a policy, and returns the edits of its text that lead to the result; `None` if the layout of the text does not allow them. Rules are only
/// merged if the text can be edited accordingly, and if no comment inside a rule is lost.
///
/// # Errors
///
/// Returns an error if that takes too long to decide.
pub fn simplify_text(
    policy: &Policy,
    loaded: &Loaded,
    version: KubernetesVersion,
) -> Result<(Simplified, Option<Vec<Edit>>), TooLarge> {
    let options = Options::default().with_version(version);
    let rules = loaded.rule_spans();
    // Comments inside a rule go with it.
    let has_comment = |rule: RuleIndex| {
        let span = rules.get(rule.get());
        let rest = span.and_then(|span| Some((span, loaded.text.get(span.end..)?)));
        let end = rest.map(|(span, rest)| span.end + rest.find('\n').unwrap_or(rest.len()));
        let text = span.zip(end);
        let text = text.and_then(|(span, end)| loaded.text.get(span.start..end));
        text.is_none_or(|text| text.contains('#'))
    };
    let simplified = simplify(policy, options, &|_, other| !has_comment(other))?;
    let edits = simplified_edits(loaded, &simplified, version);
    if edits.is_some() || simplified.merged.is_empty() {
        return Ok((simplified, edits));
    }
    let simplified = simplify(policy, options, &|_, _| false)?;
    let edits = simplified_edits(loaded, &simplified, version);
    Ok((simplified, edits))
}

/// Returns the edits that remove items of lists, or fields of mappings, from the text of a policy. `None` if the layout does not allow it.
///
/// ```
/// use audit_analysis::{edited, removal_edits};
/// use audit_policy::{KubernetesVersion, load};
/// use audit_types::Path;
///
/// let text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [Panic, RequestReceived]\nrules:\n- level: Metadata\n";
/// let loaded = load(text.as_bytes(), KubernetesVersion::NEWEST);
/// let stage = Path::root().field("omitStages").index(0);
/// let edits = removal_edits(&loaded, &[stage]).unwrap();
/// assert!(edited(text, &edits).unwrap().contains("omitStages: [RequestReceived]\n"));
/// ```
pub fn removal_edits(loaded: &Loaded, removed: &[Path]) -> Option<Vec<Edit>> {
    let spans = disjoint(spans(loaded, removed)?).into_iter();
    let edits = spans.map(|span| Edit {
        span,
        text: String::new(),
    });
    Some(edits.collect())
}

/// Returns a text with edits, which are sorted and do not overlap. `None` if they do.
pub fn edited(text: &str, edits: &[Edit]) -> Option<String> {
    let mut edited = String::with_capacity(text.len());
    let mut kept = 0;
    for edit in edits {
        edited.push_str(text.get(kept..edit.span.start)?);
        edited.push_str(&edit.text);
        kept = edit.span.end;
    }
    edited.push_str(text.get(kept..)?);
    Some(edited)
}

fn spans(loaded: &Loaded, removed: &[Path]) -> Option<Vec<Span>> {
    removed
        .iter()
        .map(|path| span(loaded, path, removed))
        .collect()
}

/// Returns the same bytes as spans that do not overlap.
fn disjoint(mut spans: Vec<Span>) -> Vec<Span> {
    spans.sort_by_key(|span| (span.start, span.end));
    let mut disjoint: Vec<Span> = Vec::new();
    for span in spans {
        match disjoint.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            _ => disjoint.push(span),
        }
    }
    disjoint
}

/// Returns the edit that adds items to a list. If each has a line, the comments above their rule come with the first ones: their places are added
/// to `comments`.
fn insertion(loaded: &Loaded, addition: &Addition, comments: &mut Vec<Span>) -> Option<Edit> {
    let source = loaded.text.as_str();
    let after = loaded.locate(addition.after.as_ref()?)?.value;
    let line_start = line_start(source, after.start)?;
    let before = source.get(line_start..after.start)?;
    let items = addition.items.iter().map(|path| {
        let item = loaded.locate(path)?.value;
        let text = source.get(item.start..item.end)?;
        let start = self::line_start(source, item.start)?;
        Some((text, source.get(start..item.start)?.chars().count()))
    });
    let items: Vec<(&str, usize)> = items.collect::<Option<_>>()?;
    if !is_dash(before) {
        let texts = items.iter().map(|(text, _)| format!(", {text}"));
        let is_one_line = items.iter().all(|(text, _)| !text.contains('\n'));
        // The comments of the other rule have no place in a line, and would be taken for those of the next rule.
        let has_comments = |path: &Path| {
            let rule = Path(path.0.get(..2).unwrap_or_default().to_vec());
            let start = loaded.locate(&rule).map(|located| located.value.start);
            let above = start.and_then(|start| comments_above(source, start));
            above.is_none_or(|above| above.start < above.end)
        };
        let is_plain = is_one_line && !addition.items.iter().any(has_comments);
        return is_plain.then(|| Edit {
            span: Span::new(after.end, after.end),
            text: texts.collect(),
        });
    }
    let rest = source.get(after.end..)?;
    let line_end = rest.find('\n').map(|at| after.end + at + 1);
    let ends_with_return =
        |end: usize| source.get(..end).is_some_and(|text| text.ends_with("\r\n"));
    let new_line = match line_end {
        Some(end) if ends_with_return(end) => "\r\n",
        _ => "\n",
    };
    let mut lines = Vec::new();
    let indent = before.strip_suffix(before.trim_start())?;
    for ((item, column), path) in items.iter().zip(&addition.items) {
        let rule = Path(path.0.get(..2)?.to_vec());
        let above = comments_above(source, loaded.locate(&rule)?.value.start)?;
        if !comments.contains(&above) {
            let above_lines = source.get(above.start..above.end)?.lines();
            lines.extend(above_lines.map(|line| format!("{indent}{}", line.trim())));
            comments.push(above);
        }
        let item = moved(item, *column, before.chars().count())?;
        lines.push(format!("{before}{item}"));
    }
    let text = lines.into_iter().map(|line| match line_end {
        Some(_) => format!("{line}{new_line}"),
        None => format!("{new_line}{line}"),
    });
    let at = line_end.unwrap_or(source.len());
    Some(Edit {
        span: Span::new(at, at),
        text: text.collect(),
    })
}

/// Returns the lines with only a comment that are directly above a place.
fn comments_above(source: &str, at: usize) -> Option<Span> {
    let end = line_start(source, at)?;
    let mut start = end;
    for line in source.get(..end)?.split_inclusive('\n').rev() {
        if !line.trim_start().starts_with('#') {
            break;
        }
        start -= line.len();
    }
    Some(Span::new(start, end))
}

/// Moves the lines of an item to another column. `None` if they are not indented by spaces as far as needed.
fn moved(item: &str, from: usize, to: usize) -> Option<String> {
    let mut lines = item.split('\n');
    let mut moved = lines.next()?.to_owned();
    for line in lines {
        moved.push('\n');
        if to >= from {
            if !line.trim().is_empty() {
                moved.push_str(&" ".repeat(to - from));
            }
            moved.push_str(line);
        } else {
            let (indent, rest) = line.split_at_checked(from - to).unwrap_or((line, ""));
            if !indent.trim_matches(' ').trim_matches('\r').is_empty() {
                return None;
            }
            moved.push_str(rest);
        }
    }
    Some(moved)
}

fn line_start(source: &str, at: usize) -> Option<usize> {
    Some(source.get(..at)?.rfind('\n').map_or(0, |at| at + 1))
}

/// Returns true if what is before an item in its line is the dash of a block list.
fn is_dash(before: &str) -> bool {
    let rest = before.trim_start().strip_prefix('-');
    rest.is_some_and(|rest| rest.trim().is_empty())
}

/// Returns what is to be removed for an item of a list.
fn span(loaded: &Loaded, path: &Path, removed: &[Path]) -> Option<Span> {
    let (Step::Index(index), above) = path.0.split_last()? else {
        return field_span(loaded, path);
    };
    let list = Path(above.to_vec());
    let item = loaded.locate(path)?.value;
    let source = loaded.text.as_str();
    let line_start = line_start(source, item.start)?;
    let before = source.get(line_start..item.start)?;
    if is_dash(before) {
        let rest = source.get(item.end..)?;
        let end = rest.find('\n').map_or(source.len(), |at| item.end + at + 1);
        let after = source.get(item.end..end)?.trim();
        // Anything but a comment after it belongs to something else.
        return (after.is_empty() || after.starts_with('#')).then(|| Span::new(line_start, end));
    }
    let is_kept = |at: &usize| !removed.contains(&list.index(*at));
    let next_kept = (index + 1..)
        .take_while(|at| loaded.locate(&list.index(*at)).is_some())
        .find(is_kept);
    match next_kept {
        Some(_) => Some(Span::new(
            item.start,
            loaded.locate(&list.index(index + 1))?.value.start,
        )),
        None => {
            let previous = loaded.locate(&list.index(index.checked_sub(1)?))?.value;
            Some(Span::new(previous.end, item.end))
        }
    }
}

/// Returns what is to be removed for a field of a mapping: its lines, or up to the next or from the previous field.
fn field_span(loaded: &Loaded, path: &Path) -> Option<Span> {
    let located = loaded.locate(path)?;
    let (start, end) = (located.key?.start, located.value.end);
    let source = loaded.text.as_str();
    let line_start = line_start(source, start)?;
    let before = source.get(line_start..start)?;
    let rest = source.get(end..)?;
    let line_end = rest.find('\n').map_or(source.len(), |at| end + at + 1);
    let after = source.get(end..line_end)?.trim();
    let is_alone = after.is_empty() || after.starts_with('#');
    if is_alone && before.trim().is_empty() {
        return Some(Span::new(line_start, line_end));
    }
    if is_dash(before) && is_alone {
        // The next field takes its place.
        let next = source.get(line_end..)?;
        let content = next.trim_start_matches([' ', '\n', '\r']);
        let skipped = next.len() - content.len();
        let blank = next.get(..skipped)?;
        let indent = blank.len() - blank.rfind('\n').map_or(0, |at| at + 1);
        return (indent == before.len()).then(|| Span::new(start, line_end + skipped));
    }
    let until_comma = source.get(..start)?.trim_end_matches(' ');
    if until_comma.ends_with(',') {
        return Some(Span::new(until_comma.len() - 1, end));
    }
    let next = rest.trim_start_matches(' ').strip_prefix(',')?;
    let next = next.trim_start_matches(' ');
    Some(Span::new(start, source.len() - next.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the text of the simpler policy, and the warnings.
    fn simpler(text: &str) -> (String, Vec<String>) {
        let version = KubernetesVersion::NEWEST;
        let loaded = load(text.as_bytes(), version);
        let policy = loaded.policy.as_ref().unwrap();
        let (simplified, edits) = simplify_text(policy, &loaded, version).unwrap();
        let edits = edits.unwrap();
        (edited(text, &edits).unwrap(), simplified.warnings())
    }

    const HEAD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

    #[test]
    fn settings_that_repeat_those_of_the_policy_go() {
        let rows = [
            // The list of the policy has a stage twice.
            (
                "omitStages: [RequestReceived, RequestReceived]\nrules:\n- level: Metadata\n",
                "omitStages: [RequestReceived]\nrules:\n- level: Metadata\n",
            ),
            // The rule repeats the list of the policy, in each layout.
            (
                "omitStages: [RequestReceived]\nrules:\n- omitStages: [RequestReceived]\n\n  level: Metadata\n",
                "omitStages: [RequestReceived]\nrules:\n- level: Metadata\n",
            ),
            (
                "omitStages: [RequestReceived]\nrules:\n- level: Metadata\n  omitStages:\n  - RequestReceived\n  verbs: [get]\n",
                "omitStages: [RequestReceived]\nrules:\n- level: Metadata\n  verbs: [get]\n",
            ),
            (
                "omitStages: [RequestReceived]\nrules:\n- omitStages: [RequestReceived] # as above\n  level: Metadata\n",
                "omitStages: [RequestReceived]\nrules:\n- level: Metadata\n",
            ),
            (
                "omitStages: [RequestReceived]\nrules:\n- {level: Metadata, omitStages: [RequestReceived], verbs: [get]}\n",
                "omitStages: [RequestReceived]\nrules:\n- {level: Metadata, verbs: [get]}\n",
            ),
            (
                "omitStages: [RequestReceived]\nrules:\n- {omitStages: [RequestReceived], level: Metadata}\n",
                "omitStages: [RequestReceived]\nrules:\n- {level: Metadata}\n",
            ),
            // One of two stages.
            (
                "omitStages: [RequestReceived]\nrules:\n- level: Metadata\n  omitStages: [RequestReceived, Panic]\n",
                "omitStages: [RequestReceived]\nrules:\n- level: Metadata\n  omitStages: [Panic]\n",
            ),
            // Managed fields, as the policy has them.
            (
                "rules:\n- level: Request\n  omitManagedFields: false\n",
                "rules:\n- level: Request\n",
            ),
            (
                "omitManagedFields: true\nrules:\n- level: Request\n  omitManagedFields: false\n",
                "omitManagedFields: true\nrules:\n- level: Request\n  omitManagedFields: false\n",
            ),
        ];
        for (before, after) in rows {
            let (text, warnings) = simpler(&[HEAD, before].concat());
            assert_eq!(text, [HEAD, after].concat());
            assert!(warnings.is_empty());
        }
    }

    #[test]
    fn a_removed_rule_with_another_effect_has_a_warning() {
        let rules = "rules:\n- level: Metadata\n- level: None\n  verbs: [get]\n- level: Metadata\n  verbs: [list]\n";
        let (text, warnings) = simpler(&[HEAD, rules].concat());
        assert_eq!(text, [HEAD, "rules:\n- level: Metadata\n"].concat());
        // The third rule has the effect of the first, so its place does not matter.
        assert_eq!(
            warnings,
            [
                "rule 2 could never match: rule 1 matched all its requests first, with another effect. If it should count, move it above rule 1 instead of removing it"
            ]
        );
    }
}
