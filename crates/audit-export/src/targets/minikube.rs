//! A minikube cluster. Source: the tutorial "Audit Policy" and the handbook page "File Sync" of minikube's documentation.
//!
//! The server's container sees only what kubeadm mounts by itself. Of that, `/etc/ssl/certs` is where the tutorial puts the policy, and nothing
//! is there for a log: it goes to standard output.

use apiserver_config::Settings;
use audit_text::quote;

use super::policy;
use crate::document::Document;
use crate::guide;
use crate::target::Target;

/// The only directory that is both copied to the node and mounted into the server.
const DIRECTORY: &str = "/etc/ssl/certs";
/// Directory whose files minikube copies to [`DIRECTORY`] on the node.
const SYNCED: &str = "~/.minikube/files/etc/ssl/certs";
const WEBHOOK_FILE: &str = "audit-webhook.yaml";

pub(crate) fn document(settings: &Settings) -> Document {
    let here = in_minikube(settings);
    let name = policy::file_name(settings);
    let mut document = Document::new(Target::Minikube, "minikube-audit.sh", text(&here, &name));
    document.note = format!(
        "minikube copies files from `{SYNCED}` to `{DIRECTORY}` on the node, which is mounted into the server. No directory is mounted for a log, so \
         events go to the server's standard output. If there are several, every control-plane node gets the same files."
    );
    document.files = guide::files(&here);
    for file in &mut document.files {
        file.path = file.path.replacen(DIRECTORY, SYNCED, 1);
        // Files next to other certificates must stay readable.
        file.mode = "0644";
    }
    document.steps = vec![
        format!("Save the policy as `{SYNCED}/{name}`."),
        "Run `minikube stop` if the cluster is running, and then this command.".to_owned(),
        "After you edit the policy, stop and start minikube again.".to_owned(),
    ];
    if here.webhook.is_enabled() {
        document.steps.insert(
            1,
            format!("Save the webhook's kubeconfig as `{SYNCED}/{WEBHOOK_FILE}`, with the real certificate and credentials."),
        );
    }
    document.verify = guide::metrics();
    if here.log.is_enabled() {
        document.verify.push(
            "`kubectl -n kube-system logs kube-apiserver-minikube | grep audit.k8s.io/v1` shows events.".to_owned(),
        );
    }
    document.verify.extend(guide::receives(&here));
    document.undo = vec![
        "`minikube delete`, and start without the settings: minikube keeps `--extra-config` of an existing cluster.".to_owned(),
        format!("Remove the files from `{SYNCED}`."),
    ];
    document
}

/// Returns the settings as minikube supports them.
pub(crate) fn in_minikube(settings: &Settings) -> Settings {
    let mut here = settings.clone();
    if !here.policy_path.is_empty() {
        here.policy_path = format!("{DIRECTORY}/{}", policy::file_name(settings));
    }
    if here.log.is_enabled() {
        here.log.path = "-".to_owned();
    }
    if here.webhook.is_enabled() {
        here.webhook.config_path = format!("{DIRECTORY}/{WEBHOOK_FILE}");
    }
    here
}

fn text(here: &Settings, policy_name: &str) -> String {
    let mut files = Vec::new();
    if !here.policy_path.is_empty() {
        files.push(policy_name);
    }
    if here.webhook.is_enabled() {
        files.push(WEBHOOK_FILE);
    }
    let mut out = String::new();
    if !files.is_empty() {
        out = format!("mkdir -p {SYNCED}\ncp {} {SYNCED}/\n", files.join(" "));
    }
    out.push_str("minikube start");
    for flag in here.flags() {
        let option = format!("--extra-config=apiserver.{}={}", flag.name, flag.value);
        out.push_str(" \\\n  ");
        out.push_str(&quote::shell(&option));
    }
    out.push('\n');
    out
}
