//! Recognizes documents and finds the policies inside them.
//!
//! People rarely have a policy as a file of its own: it is a value of a ConfigMap, a file of a cloud-init configuration, a mapping of RKE1's
//! `cluster.yml`. [`recognize`] says what a text is, before anything in it is judged, and returns each policy with a [`SourceMap`] by which its
//! findings have the spans of the outer text, and fixes are written back where that is certain. `DOCUMENTS.md` of this crate lists the kinds.
//!
//! ```
//! use audit_import::{InputFormat, KubernetesVersion, recognize};
//!
//! let text = "kind: ConfigMap\napiVersion: v1\ndata:\n  policy: |\n    kind: Policy\n    apiVersion: audit.k8s.io/v1\n    rules:\n    - level: Loud\n";
//! let recognized = recognize(text);
//! let document = &recognized.documents[0];
//! assert_eq!((document.format, document.policies[0].path.as_str()), (InputFormat::ConfigMap, "data.policy"));
//! let checked = document.policies[0].check(text, KubernetesVersion::NEWEST);
//! let span = checked.findings[0].span().unwrap();
//! assert_eq!(&text[span.start..span.end], "Loud");
//! ```

mod ansible;
mod base64;
mod check;
mod embedded;
mod finder;
pub(crate) mod kind;
mod mapping;
pub(crate) mod mime;
pub(crate) mod no_policy;
mod other_file;
mod owner;
mod policies;
mod printed;
mod quoted_block;
mod recognized;
mod scalar_map;
mod script;
pub(crate) mod script_text;
mod source_map;
mod template;
mod terraform;
mod text_kind;
pub(crate) mod texts;
mod written;

use audit_types::{Diagnostic, Span};

use crate::codes::DocumentCode;
pub(crate) use finder::BYTE_ORDER_MARK;
use finder::Finder;

pub use check::{CheckedPart, has_template_marks, recognize_other};
pub use embedded::{EmbeddedCheck, EmbeddedPolicy, PolicyForm};
pub use quoted_block::{QuotedBlock, quoted_blocks};
pub use recognized::{Recognized, RecognizedDocument};
pub(crate) use script::{fence, here_documents, may_have_fences, without_tabs};
pub use source_map::{SourceMap, WriteBack};
pub use template::TemplateLanguage;
pub(crate) use template::language_of as template_language;
pub(crate) use terraform::{
    PolicySource, is_configuration as is_terraform, objects as terraform_objects, source_of_policy,
    talos_policy,
};
pub use written::PolicyReference;

/// Maximum size of a text in bytes; that of a policy.
pub(crate) const MAX_DOCUMENT_BYTES: usize = 16 << 20;

/// Recognizes the documents of a text, and finds the policies inside. Never fails: an unknown text is a document of an unknown format.
pub fn recognize(text: &str) -> Recognized {
    if text.len() > MAX_DOCUMENT_BYTES {
        let message = format!(
            "the text is larger than {} MiB: policies in it are not searched",
            MAX_DOCUMENT_BYTES >> 20
        );
        let finding = Diagnostic::of(DocumentCode::PartlyRead, message)
            .with_help("check the policy as a file of its own")
            .labeled(audit_types::Document::Manifest, Span::new(0, 0));
        return Recognized {
            documents: Vec::new(),
            findings: vec![finding],
        };
    }
    let mut found = Finder::new(text);
    found.read();
    found.finish()
}
