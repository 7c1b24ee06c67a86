//! The file that tells the server where its webhook is. Source: the page "Auditing" (webhook backend) and the reference of `Config` v1
//! (kubeconfig) in the Kubernetes documentation.

use crate::document::{Document, File};
use crate::guide;
use crate::target::Target;
use apiserver_config::{Settings, WebhookAuth};
use audit_text::quote::yaml;

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
        "Save this as `{path}` on every control-plane node, with the real certificate and credentials, and name it in `--audit-webhook-config-file`. \
         Certificates stand in the file itself, so that nothing else needs to be mounted."
    );
    document.files = vec![File {
        path: other_name.to_owned(),
        text: kubeconfig(settings, other),
        mode: "0600",
    }];
    document.steps = vec![
        "Replace the words in capitals. `base64 -w0 < ca.crt` is the form of a certificate or key; a token stands as it is.".to_owned(),
        "Remove the line `certificate-authority-data` where a public authority signed the receiver's certificate.".to_owned(),
        format!("Save it as `{path}` on every control-plane node, readable by root only (`chmod 600`)."),
        "Try it from a node: `curl --cacert ca.crt -H 'Content-Type: application/json' -d '{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"items\":[]}'` \
         and the address. The server looks names up with the node's DNS, not the cluster's."
            .to_owned(),
        "Give the server its flags: see the other targets. It reads the file only when it starts.".to_owned(),
    ];
    document.verify = guide::metrics();
    document.verify.push(
        "The receiver gets a POST with a list of kind `EventList` within the longest wait of the queue.".to_owned(),
    );
    document.undo = vec![
        "Take `--audit-webhook-config-file` and the other flags of the webhook out, restart the servers, then remove the file.".to_owned(),
    ];
    document
}

/// The file, with words in capitals where secrets belong.
pub(crate) fn kubeconfig(settings: &Settings, auth: WebhookAuth) -> String {
    let credentials = match auth {
        WebhookAuth::Token => "      token: THE-TOKEN\n",
        WebhookAuth::ClientCertificate => {
            "      client-certificate-data: BASE64-OF-CLIENT-CERTIFICATE\n      client-key-data: BASE64-OF-CLIENT-KEY\n"
        }
    };
    format!(
        "apiVersion: v1\nkind: Config\nclusters:\n  - name: audit-webhook\n    cluster:\n      server: {}\n      \
         certificate-authority-data: BASE64-OF-CA-CERTIFICATE\nusers:\n  - name: kube-apiserver\n    user:\n{credentials}contexts:\n  - name: audit\n    \
         context:\n      cluster: audit-webhook\n      user: kube-apiserver\ncurrent-context: audit\n",
        yaml(&settings.webhook.server)
    )
}
