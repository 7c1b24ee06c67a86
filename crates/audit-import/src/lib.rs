//! Reads what kube-apiserver is started with into settings, and patches settings into a manifest.
//!
//! ```
//! use apiserver_config::KubernetesVersion;
//! use audit_import::{InputFormat, import};
//!
//! let read = import("kube-apiserver --audit-log-path=/a.log --audit-log-maxage 7", KubernetesVersion::NEWEST);
//! assert_eq!((read.format, read.settings.log.max_age_days), (InputFormat::Flags, 7));
//! assert_eq!(read.findings, []);
//! ```
//!
//! [`import`] never fails: problems are findings, each with a page in `findings/`. [`patch`] changes only the parts of a manifest that are about auditing.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod arguments;
mod assignment;
mod auditing_off;
mod base64_data;
mod branches;
mod cis_profile;
mod codes;
mod commands;
mod compose;
mod distributions;
mod document_check;
mod environment;
mod fields;
mod finding;
mod flag_lines;
mod flag_names;
mod format;
mod gardener;
mod hidden;
mod image_version;
mod implied;
mod import;
mod input_format;
mod inventory;
mod json_patch;
mod k0s;
mod k3d;
mod k3d_command;
mod k3d_nodes;
mod kind_cluster;
mod kubeadm;
mod kubeadm_keys;
mod kubeadm_old;
mod kubeadm_version;
mod kubeconfig;
mod lexer;
mod microk8s;
mod minikube;
mod mounts;
mod no_flags;
mod object_volumes;
mod objects;
mod openshift;
mod other_programs;
mod other_servers;
mod other_version;
mod parameters;
mod parsed_input;
mod patch;
mod platforms;
mod pod;
mod policy_origin;
mod policy_reference;
mod process;
mod process_line;
mod program;
mod readers;
mod recognize;
mod rke2_profile;
mod script_flags;
mod script_word;
mod segments;
mod server_policy;
mod set;
mod shell_script;
mod shell_words;
mod stdout;
mod talhelper;
mod talos_files;
mod talos_mounts;
mod terraform;
mod unfold;
mod volumes;

pub use arguments::GivenFlags;
pub use audit_types::KubernetesVersion;
pub use codes::{DocumentCode, ImportCode};
pub use document_check::{check_documents, settings_errors};
pub use image_version::NamedVersion;
pub use import::{Import, MAX_TEXT_BYTES, import};
pub use input_format::InputFormat;
pub use other_servers::OtherServer;
pub use patch::{PatchError, Patched, patch};
pub use recognize::{
    CheckedPart, EmbeddedCheck, EmbeddedPolicy, PolicyForm, PolicyReference, QuotedBlock,
    Recognized, RecognizedDocument, SourceMap, TemplateLanguage, WriteBack, has_template_marks,
    quoted_blocks, recognize, recognize_other,
};
