//! The kubeconfig file with the webhook's address and credentials. Source: the page "Auditing" (webhook backend) and the reference of `Config` v1
//! in the Kubernetes documentation.

use apiserver_config::{Settings, WebhookAuth};
use audit_text::quote::yaml;

/// Returns the file, with placeholders in capitals for secrets.
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
