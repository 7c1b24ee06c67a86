//! Resolves a reference to an object that contains the policy, among the documents of the same text.

use crate::codes::ImportCode;
use apiserver_config::platforms::GARDENER_POLICY_KEY;
use audit_policy::document::{Document, Node, documents};
use audit_types::excerpt::excerpt;
use audit_types::{Severity, spelling};

use crate::parsed_input::{Lines, ObjectReference, ParsedInput};
use crate::pod::text_of;
use crate::recognize::kind::is_list;

/// Maximum number of documents that are searched.
const MAX_DOCUMENTS: usize = 200;

/// Maximum edit distance of a name that is suggested.
const MAX_DISTANCE: usize = 3;

/// Reads the policy that a document of the text refers to from another document. Without a reference, nothing is done.
pub(crate) fn resolve(text: &str, found: &mut ParsedInput) {
    let Some(reference) = found.policy_reference.take() else {
        return;
    };
    let lines = Lines::new(text);
    let mut names: Vec<String> = Vec::new();
    for span in documents(text).into_iter().take(MAX_DOCUMENTS) {
        let Ok(document) = Document::read_part(text, span) else {
            continue;
        };
        let Some(root) = document.root() else {
            continue;
        };
        let mut is_it = |root: &Node<'_>| {
            let name = root.at_path(&["metadata", "name"]).and_then(Node::text);
            let name = name.filter(|_| text_of(*root, "kind") == reference.kind);
            names.extend(name.map(str::to_owned));
            name.is_some_and(|name| name == reference.name)
        };
        let items = root.get("items").filter(|_| is_list(root));
        let items = items.into_iter().flat_map(Node::items).take(MAX_DOCUMENTS);
        if let Some(object) = std::iter::once(root).chain(items).find(&mut is_it) {
            read(object, &reference, &lines, found);
            return;
        }
    }
    let near = spelling::nearest(
        &reference.name,
        names.iter().map(String::as_str),
        MAX_DISTANCE,
    );
    let (severity, help) = match near {
        Some(near) => (
            Severity::Warning,
            format!("did you mean `{}`?", excerpt(near)),
        ),
        None => (
            Severity::Info,
            "put both objects into one text, separated by a line `---`".to_owned(),
        ),
    };
    found.report(
        ImportCode::UnresolvedPolicy,
        severity,
        reference.line,
        format!(
            "the policy is in the {} `{}`, which this text does not contain",
            reference.kind,
            excerpt(&reference.name)
        ),
        help,
    );
}

fn read(root: Node<'_>, reference: &ObjectReference, lines: &Lines<'_>, found: &mut ParsedInput) {
    let namespace = root.at_path(&["metadata", "namespace"]);
    if let Some((here, wanted)) = namespace.zip(reference.namespace.as_deref())
        && here.text() != Some(wanted)
    {
        found.report(
            ImportCode::UnresolvedPolicy,
            Severity::Error,
            lines.of(here),
            format!(
                "the {} `{}` is in the namespace `{}`, but is looked up in `{}`",
                reference.kind,
                excerpt(&reference.name),
                excerpt(here.text().unwrap_or_default()),
                excerpt(wanted)
            ),
            "it must be in the namespace of the object that refers to it",
        );
    }
    if reference.kind == "ConfigMap" {
        config_map(root, reference, lines, found);
    } else if let Some(policy) = root
        .at_path(&["spec"])
        .and_then(|spec| spec.field("policy"))
        .and_then(|field| lines.below(field))
    {
        let typed = policy.lines().any(|line| line.starts_with("kind:"));
        let prefix = if typed {
            ""
        } else {
            "apiVersion: audit.k8s.io/v1\nkind: Policy\n"
        };
        found.policy = Some(format!("{prefix}{policy}"));
    }
}

fn config_map(
    root: Node<'_>,
    reference: &ObjectReference,
    lines: &Lines<'_>,
    found: &mut ParsedInput,
) {
    let data = root.get("data");
    if let Some(policy) = data.and_then(|data| data.get(GARDENER_POLICY_KEY)) {
        found.policy = policy.text().map(str::to_owned);
        return;
    }
    let keys: Vec<_> = data
        .into_iter()
        .flat_map(Node::fields)
        .map(|field| format!("`{}`", excerpt(field.name)))
        .take(3)
        .collect();
    let help = if keys.is_empty() {
        "Gardener reads the policy from this key of `data`, and rejects the Shoot without it"
            .to_owned()
    } else {
        format!(
            "Gardener reads the policy from this key of `data`, not from {}",
            keys.join(" or ")
        )
    };
    found.report(
        ImportCode::UnresolvedPolicy,
        Severity::Error,
        data.map_or_else(|| lines.of(root), |data| lines.of(data)),
        format!(
            "the ConfigMap `{}` has no key `{GARDENER_POLICY_KEY}`",
            excerpt(&reference.name)
        ),
        help,
    );
}
