//! The manifest that is patched: its one document and the server's container in it.

use audit_policy::Span;
use audit_policy::document::{Document, Node, documents};
use audit_types::excerpt::excerpt;

use super::error::PatchError;
use crate::parsed_input::Lines;
use crate::pod::{Server, quoted_name, server};

/// A parsed manifest.
#[derive(Clone, Copy)]
pub(super) struct Manifest<'d> {
    pub(super) root: Node<'d>,
    pub(super) server: Server<'d>,
    pub(super) is_json: bool,
}

/// Returns the span of the only document.
pub(super) fn only_document(manifest: &str, lines: &Lines<'_>) -> Result<Span, PatchError> {
    let is_written = |span: &Span| {
        let text = manifest.get(span.start..span.end).unwrap_or_default();
        let text = text.strip_prefix("---").unwrap_or(text);
        text.lines().any(|line| {
            let line = line.trim().trim_start_matches('\u{feff}');
            !line.is_empty() && !line.starts_with('#')
        })
    };
    let mut written = documents(manifest).into_iter().filter(is_written);
    let Some(first) = written.next() else {
        return Err(PatchError::new(
            None,
            "the text contains no manifest",
            "use the manifest of kube-apiserver: `/etc/kubernetes/manifests/kube-apiserver.yaml` on a kubeadm node",
        ));
    };
    match written.next() {
        None => Ok(first),
        Some(second) => Err(PatchError::new(
            Some(lines.at(second)),
            "the text contains more than one document",
            "the kubelet only reads the first one: use only the manifest of kube-apiserver",
        )),
    }
}

/// Finds the server's container.
pub(super) fn find<'d>(
    document: &'d Document<'d>,
    lines: &Lines<'_>,
) -> Result<Manifest<'d>, PatchError> {
    let no_server = || {
        PatchError::new(
            None,
            "no container is kube-apiserver",
            "use the manifest of kube-apiserver: `/etc/kubernetes/manifests/kube-apiserver.yaml` on a kubeadm node",
        )
    };
    let root = document.root().ok_or_else(no_server)?;
    if let Some((key, span)) = document.repeated_keys().next() {
        return Err(PatchError::new(
            Some(lines.at(span)),
            format!(
                "the field `{}` is set twice",
                excerpt(key.trim_matches('"'))
            ),
            "the last value is used: keep one of the two",
        ));
    }
    let server = server(root).ok_or_else(no_server)?;
    if let Some(other) = server.other {
        return Err(PatchError::new(
            Some(lines.of(other)),
            format!(
                "the container {} also looks like kube-apiserver",
                quoted_name(other)
            ),
            "a pod should have one server: remove the other one first",
        ));
    }
    let first_key = root.fields().map(|field| field.key.start).min();
    let is_json = root.spelled().starts_with('{')
        && first_key.is_some_and(|at| {
            let at = at - root.span().start;
            root.spelled()
                .get(at..)
                .is_some_and(|rest| rest.starts_with('"'))
        });
    Ok(Manifest {
        root,
        server,
        is_json,
    })
}
