//! Removes rules and values from the text of a policy, and keeps the rest as it is written, comments included.

use audit_policy::{KubernetesVersion, Loaded, Policy, load};
use audit_types::{Path, Span, Step};

/// Returns the text of a policy without some of its rules and list items, given by their paths. Comments stay, except for those at the end of a
/// removed line. `None` if the text would not load as `expected`: with anchors, or in an unusual layout.
///
/// ```
/// use audit_analysis::{Options, simplified_text, simplify};
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
/// ", version);
/// let simplified = simplify(loaded.policy.as_ref().unwrap(), Options::default()).unwrap();
/// let text = simplified_text(&loaded, &simplified.removed, &simplified.policy, version).unwrap();
/// assert!(text.ends_with("# Who did what.\n- level: Metadata\n  verbs: [get]\n"));
/// ```
pub fn simplified_text(
    loaded: &Loaded,
    removed: &[Path],
    expected: &Policy,
    version: KubernetesVersion,
) -> Option<String> {
    let mut spans = Vec::new();
    for path in removed {
        spans.push(span(loaded, path, removed)?);
    }
    spans.sort_by_key(|span| (span.start, span.end));
    let mut text = String::with_capacity(loaded.text.len());
    let mut kept = 0;
    for span in spans {
        if kept < span.start {
            text.push_str(loaded.text.get(kept..span.start)?);
        }
        kept = kept.max(span.end);
    }
    text.push_str(loaded.text.get(kept..)?);
    let policy = load(text.as_bytes(), version).policy?;
    (policy.rules == expected.rules).then_some(text)
}

/// Returns what is to be removed for an item of a list.
fn span(loaded: &Loaded, path: &Path, removed: &[Path]) -> Option<Span> {
    let (Step::Index(index), above) = path.0.split_last()? else {
        return None;
    };
    let list = Path(above.to_vec());
    let item = loaded.locate(path)?.value;
    let source = loaded.text.as_str();
    let line_start = source.get(..item.start)?.rfind('\n').map_or(0, |at| at + 1);
    let before = source.get(line_start..item.start)?;
    if before
        .trim_start()
        .strip_prefix('-')
        .is_some_and(|rest| rest.trim().is_empty())
    {
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
