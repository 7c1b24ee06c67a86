//! A policy that the page's is compared with: the baseline, a file, or the same text on another version.

use audit_import::{EmbeddedPolicy, Recognized, has_template_marks, recognize_other};
use audit_policy::{KubernetesVersion, LineIndex, Loaded, Matcher, Policy, Span};
use playground_protocol::{BaselinePolicy, Problem};

/// Another policy than the page's, read exactly as the editor's text is, but without lints, which nobody sees.
pub(crate) struct OtherPolicy {
    /// The policy.
    pub(crate) policy: Policy,
    /// Lines of its rules in the whole text, counted from 1.
    pub(crate) lines: Vec<usize>,
}

impl OtherPolicy {
    /// Loads a text: a policy, or a document that contains one.
    ///
    /// # Errors
    /// If the server rejects the policy, or the text contains none.
    pub(crate) fn load(other: &BaselinePolicy) -> Result<Self, Problem> {
        let BaselinePolicy {
            text,
            version,
            part,
        } = other;
        let mut loaded = audit_policy::load(text.as_bytes(), *version);
        let is_accepted = loaded.policy.is_some();
        let may_be_other = !is_accepted || has_template_marks(text);
        let found = may_be_other
            .then(|| recognize_other(text, is_accepted))
            .flatten();
        let Some(found) = found else {
            let policy = loaded.policy.take();
            let policy = policy.ok_or_else(|| rejected(*version, loaded.error.take()))?;
            // The server's decoder skips a byte order mark, which is not in the text that spans are of.
            let lines = lines(&loaded.text, loaded.rule_spans());
            return Ok(Self { policy, lines });
        };
        let policies: Vec<&EmbeddedPolicy> = found.policies().map(|(_, policy)| policy).collect();
        let selected = policies.get(*part).or(policies.last());
        let embedded = selected.ok_or_else(|| without_policy(&found))?;
        Self::embedded(text, embedded, *version)
    }

    /// Loads a policy inside a document.
    fn embedded(
        text: &str,
        embedded: &EmbeddedPolicy,
        version: KubernetesVersion,
    ) -> Result<Self, Problem> {
        if let Some(template) = embedded.template() {
            return Err(Problem {
                message: format!("the other policy is {}, not a policy yet", template.title()),
                help: template.remedy().to_owned(),
            });
        }
        let mut loaded: Loaded = embedded.load(version);
        let is_accepted = embedded.is_accepted(&loaded);
        let spans = loaded.rule_spans().into_iter();
        let spans = spans.map(|span| embedded.source.span(span)).collect();
        match loaded.policy.take().filter(|_| is_accepted) {
            Some(policy) => Ok(Self {
                policy,
                lines: lines(text, spans),
            }),
            None => Err(rejected(version, loaded.error.take())),
        }
    }

    /// Returns its compiled form.
    pub(crate) fn matcher(&self) -> Matcher {
        Matcher::new(&self.policy)
    }
}

/// Returns the lines of spans, counted from 1.
fn lines(text: &str, spans: Vec<Span>) -> Vec<usize> {
    let index = LineIndex::new(text);
    let lines = spans.iter().map(|span| index.position(span.start).line);
    lines.collect()
}

fn rejected(version: KubernetesVersion, error: Option<String>) -> Problem {
    Problem {
        message: format!("Kubernetes {version} rejects the other policy"),
        help: error.unwrap_or_else(|| "open it in the editor to see why".to_owned()),
    }
}

fn without_policy(found: &Recognized) -> Problem {
    let title = found.documents.first().map(|document| &document.title);
    Problem {
        message: format!(
            "the other text is {} without a policy",
            title.map_or("a text", String::as_str)
        ),
        help: "open a policy, or a document that contains one".to_owned(),
    }
}
