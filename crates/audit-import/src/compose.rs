//! Servers of a Docker Compose file: each service with audit flags has its own.

use audit_policy::document::Node;
use audit_types::Span;
use audit_types::excerpt::excerpt;

use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, NamedServer, ParsedInput};
use crate::shell_words::ShellWord;

/// Maximum number of services that are inspected.
const MAX_SERVICES: usize = 1_000;

/// A service, and its lines.
struct Service<'d> {
    name: &'d str,
    first: usize,
    last: usize,
}

impl Service<'_> {
    const fn has(&self, line: usize) -> bool {
        self.first <= line && line <= self.last
    }
}

/// Divides flags that were read line by line among the services of a file. Those outside of services belong to the first.
pub(crate) fn divide(root: Node<'_>, lines: &Lines<'_>, found: &mut ParsedInput) {
    let mut services: Vec<Service<'_>> = services(root, lines);
    let is_audit = |word: &&ShellWord| word.text.starts_with("--audit-");
    let flags: Vec<usize> = found
        .words
        .iter()
        .filter(is_audit)
        .map(|word| word.line)
        .collect();
    services.retain(|service| flags.iter().any(|line| service.has(*line)));
    let overlaps = services.windows(2).any(|pair| match pair {
        [one, other] => one.last >= other.first,
        _ => false,
    });
    if services.len() < 2 || overlaps {
        return;
    }
    let mut services = services.into_iter();
    found.server = services.next().map(|service| named(&service));
    for service in services {
        let mut other = ParsedInput::new(InputFormat::Compose);
        let (own, rest) = std::mem::take(&mut found.words)
            .into_iter()
            .partition(|word| service.has(word.line));
        (other.words, found.words) = (own, rest);
        let (own, rest) = std::mem::take(&mut found.findings)
            .into_iter()
            .partition(|finding| service.has(finding.line));
        (other.findings, found.findings) = (own, rest);
        other.server = Some(named(&service));
        found.others.push(other);
    }
}

fn named(service: &Service<'_>) -> NamedServer {
    NamedServer {
        title: format!("the service `{}`", excerpt(service.name)),
        is_whole: true,
        line: service.first,
    }
}

/// Returns the services in the order of the text.
fn services<'d>(root: Node<'d>, lines: &Lines<'_>) -> Vec<Service<'d>> {
    let fields = root.get("services").into_iter().flat_map(Node::fields);
    let mut services: Vec<Service<'d>> = fields
        .take(MAX_SERVICES)
        .filter(|field| !field.value.is_alias())
        .map(|field| {
            let end = field.value.span().end.saturating_sub(1);
            Service {
                name: field.name,
                first: lines.at(field.key),
                last: lines.at(Span::new(end, end)),
            }
        })
        .collect();
    services.sort_unstable_by_key(|service| service.first);
    services
}
