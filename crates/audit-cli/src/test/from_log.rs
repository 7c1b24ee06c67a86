//! Tests made of audit logs: a case for each distinct request.

use audit_policy::KubernetesVersion;

use crate::arguments::Test;
use crate::error::Result;

pub(super) fn run(_arguments: &Test, _given: Option<KubernetesVersion>) -> Result {
    Ok(())
}
