//! Clouds that run the control plane with their own audit policy, and the options that they offer. Sources: "Send control plane logs to CloudWatch Logs" of the EKS
//! user guide; "Kubernetes Engine audit logging information" of GKE and "Enable Data Access audit logs" of Google Cloud; "Monitor AKS" and its
//! reference of resource logs (`kube-audit`, `kube-audit-admin`, `guard`).

use crate::document::Document;
use crate::guide;
use crate::target::Target;

/// Note for all three.
const FIXED: &str = "The cloud provider runs every control-plane node and sets the policy and flags of kube-apiserver: you cannot use your own. \
                     You can only choose whether and where its audit log is delivered.";

fn texts(items: &[&str]) -> Vec<String> {
    items.iter().map(|&item| item.to_owned()).collect()
}

pub(crate) fn eks() -> Document {
    let text = "aws eks update-cluster-config --name CLUSTER \\\n  --logging '{\"clusterLogging\":[{\"types\":[\"audit\"],\"enabled\":true}]}'\n";
    let mut document = Document::new(Target::Eks, "eks-audit.sh", text);
    document.note =
        format!("{FIXED} On EKS the audit log goes to CloudWatch Logs, off by default.");
    document.steps = texts(&[
        "Run the command with the cluster's name and region.",
        "Set a retention on the log group `/aws/eks/CLUSTER/cluster`: without one, everything is kept, and billed. \
         `aws logs put-retention-policy --log-group-name /aws/eks/CLUSTER/cluster --retention-in-days 30`.",
        "Instead of a policy, use a subscription filter on the log group to forward only matching events.",
    ]);
    document.verify = texts(&[
        "`aws logs tail /aws/eks/CLUSTER/cluster --log-stream-name-prefix kube-apiserver-audit --since 15m` shows events; delivery takes some minutes and is best effort.",
    ]);
    document.verify.extend(guide::metrics());
    document.undo = texts(&["The same command with `\"enabled\":false`."]);
    document
}

pub(crate) fn gke() -> Document {
    let text = "auditConfigs:\n  - service: container.googleapis.com\n    auditLogConfigs:\n      - logType: ADMIN_READ\n      - logType: DATA_READ\n      - logType: DATA_WRITE\n";
    let mut document = Document::new(Target::Gke, "gke-audit.yaml", text);
    document.note = format!(
        "{FIXED} On GKE, writes are always in Cloud Audit Logs (Admin Activity); reads are Data Access logs, which are off by default and billed."
    );
    document.steps = texts(&[
        "`gcloud projects get-iam-policy PROJECT --format=yaml > policy.yaml`, and keep a copy.",
        "Merge `auditConfigs` into it; do not change `bindings` and `etag`.",
        "`gcloud projects set-iam-policy PROJECT policy.yaml`.",
        "Instead of a policy, use an exclusion filter of the log sink.",
    ]);
    document.verify = texts(&[
        "`gcloud logging read 'resource.type=\"k8s_cluster\" AND logName:\"cloudaudit.googleapis.com\"' --limit 5` shows entries of service `k8s.io`.",
    ]);
    document.verify.extend(guide::metrics());
    document.undo = texts(&[
        "Set the IAM policy without `auditConfigs`. Admin Activity logs cannot be turned off.",
    ]);
    document
}

pub(crate) fn aks() -> Document {
    let text = "az monitor diagnostic-settings create --name audit \\\n  --resource CLUSTER_RESOURCE_ID --workspace WORKSPACE_RESOURCE_ID \\\n  --export-to-resource-specific true \\\n  \
                --logs '[{\"category\":\"kube-audit-admin\",\"enabled\":true},{\"category\":\"guard\",\"enabled\":true}]'\n";
    let mut document = Document::new(Target::Aks, "aks-audit.sh", text);
    document.note = format!(
        "{FIXED} On AKS a diagnostic setting sends it to Log Analytics, a storage account or an event hub. `kube-audit` contains every event, \
         `kube-audit-admin` all except get and list."
    );
    document.steps = texts(&[
        "Find the two IDs: `az aks show -g GROUP -n CLUSTER --query id -o tsv`, and the workspace's.",
        "Run the command. Use `kube-audit` instead of `kube-audit-admin` only if you need reads: it is many times larger.",
        "Instead of a policy, use a transformation of the workspace's data collection rule.",
    ]);
    document.verify = texts(&[
        "In the workspace, `AKSAuditAdmin | take 5` (for `kube-audit`, `AKSAudit`) shows events after some minutes. Without `--export-to-resource-specific`, they \
         are in `AzureDiagnostics`.",
    ]);
    document.verify.extend(guide::metrics());
    document.undo = texts(&[
        "`az monitor diagnostic-settings delete --name audit --resource CLUSTER_RESOURCE_ID`.",
    ]);
    document
}
