//! The kubeconfig file of the webhook backend. Source: the page "Auditing" (webhook backend) and the reference of `Config` v1
//! (kubeconfig) in the Kubernetes documentation.

use apiserver_config::{Settings, WebhookAuth};

use crate::document::{Document, File};
use crate::guide;
use crate::kubeconfig::kubeconfig;
use crate::target::Target;

pub(crate) fn document(settings: &Settings) -> Document {
    let auth = settings.webhook.auth;
    let (other, other_name) = match auth {
        WebhookAuth::Token => (
            WebhookAuth::ClientCertificate,
            "audit-webhook-client-certificate.yaml",
        ),
        WebhookAuth::ClientCertificate => (WebhookAuth::Token, "audit-webhook-token.yaml"),
    };
    let mut document = Document::new(
        Target::Webhook,
        "audit-webhook.yaml",
        kubeconfig(settings, auth),
    );
    let path = if settings.webhook.is_enabled() {
        guide::one_line(&settings.webhook.config_path)
    } else {
        "/etc/kubernetes/audit-webhook.yaml".to_owned()
    };
    document.note = format!(
        "Save this as `{path}` on every control-plane node, with the real certificate and credentials, and set `--audit-webhook-config-file` to its path. \
         The file contains the certificates, so nothing else needs to be mounted."
    );
    document.files = vec![File {
        path: other_name.to_owned(),
        text: kubeconfig(settings, other),
        mode: "0600",
    }];
    document.steps = vec![
        "Replace the placeholders in capitals. Certificates and keys are base64-encoded (`base64 -w0 < ca.crt`); a token is not.".to_owned(),
        "Remove the line `certificate-authority-data` if a public authority signed the receiver's certificate.".to_owned(),
        format!("Save it as `{path}` on every control-plane node, readable by root only (`chmod 600`)."),
        "Test it from a node: `curl --cacert ca.crt -H 'Content-Type: application/json' -d '{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"items\":[]}'` \
         with the URL. The server resolves names with the node's DNS, not the cluster's."
            .to_owned(),
        "Set the server's flags: see the other targets. The server only reads the file when it starts.".to_owned(),
    ];
    document.verify = guide::metrics();
    document.verify.push(
        "The receiver gets a POST request with an `EventList` within the queue's maximum wait."
            .to_owned(),
    );
    document.undo = vec![
        "Remove `--audit-webhook-config-file` and the other flags of the webhook, restart the servers, then delete the file.".to_owned(),
    ];
    document
}
