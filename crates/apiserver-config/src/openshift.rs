//! Audit profiles of OpenShift, which take the place of a policy.
//!
//! Sources: the type `Audit` of `config.openshift.io/v1` and the page "Configuring the audit log policy" of OpenShift's documentation for names and
//! effects; for the rules, the package that OpenShift's operators create the policy with (`openshift/library-go`, `pkg/operator/apiserver/audit`:
//! its expected policies in `testdata`, read in November 2026). `profiles_have_the_documented_levels` compares the two.

use std::fmt::Write;

/// An audit profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditProfile {
    /// Metadata of every request, and bodies of the writes of identities and tokens. Used if none is set.
    Default,
    /// As [`Default`](Self::Default), with the bodies of writes.
    WriteRequestBodies,
    /// As [`WriteRequestBodies`](Self::WriteRequestBodies), with the bodies of reads.
    AllRequestBodies,
    /// Nothing.
    None,
}

impl AuditProfile {
    /// Every profile.
    pub const ALL: [Self; 4] = [
        Self::Default,
        Self::WriteRequestBodies,
        Self::AllRequestBodies,
        Self::None,
    ];

    /// Returns the name in `spec.audit.profile`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "Default",
            Self::WriteRequestBodies => "WriteRequestBodies",
            Self::AllRequestBodies => "AllRequestBodies",
            Self::None => "None",
        }
    }

    /// Returns the profile with a name. `None` if there is none; the API distinguishes case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.name() == name)
    }

    /// Returns the policy that OpenShift creates for this profile. Each group of `custom`, given as a YAML scalar, has a profile of its own, in this
    /// order.
    ///
    /// ```
    /// use apiserver_config::openshift::AuditProfile;
    ///
    /// let policy = AuditProfile::None.policy(&[("admins", AuditProfile::WriteRequestBodies)]);
    /// assert!(policy.starts_with("apiVersion: audit.k8s.io/v1\nkind: Policy\n"));
    /// assert!(policy.contains("  - userGroups: [admins]\n    level: RequestResponse\n"));
    /// assert!(policy.ends_with("  - level: None\n"));
    /// ```
    pub fn policy(self, custom: &[(&str, Self)]) -> String {
        let mut out = String::from(BASE);
        for (group, profile) in custom {
            profile.rules(Some(group), &mut out);
        }
        self.rules(None, &mut out);
        out
    }

    fn rules(self, group: Option<&str>, out: &mut String) {
        for rule in self.own_rules() {
            match group {
                // Writing to a string cannot fail.
                Some(group) => {
                    let _ = write!(out, "  - userGroups: [{group}]\n    {rule}\n");
                }
                None => {
                    let _ = writeln!(out, "  - {rule}");
                }
            }
        }
    }

    const fn own_rules(self) -> &'static [&'static str] {
        match self {
            Self::Default => &[TOKENS, ALL_METADATA],
            Self::WriteRequestBodies => &[SECRETS, CLIENTS, WRITES, ALL_METADATA],
            Self::AllRequestBodies => &[SECRETS, CLIENTS, "level: RequestResponse"],
            Self::None => &["level: None"],
        }
    }
}

/// Start of every profile's policy.
const BASE: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
omitManagedFields: true
omitStages: [RequestReceived]
rules:
  - level: None
    userGroups: [\"system:authenticated\", \"system:unauthenticated\"]
    nonResourceURLs: [\"/api*\", /version, /healthz, /readyz, /livez]
  - level: None
    users: [\"system:apiserver\"]
    namespaces: [\"\"]
    resources:
      - {group: apiserver.openshift.io, resources: [apirequestcounts, \"apirequestcounts/*\"]}
";

/// Writes of identities and tokens.
const TOKENS: &str = "level: RequestResponse
    verbs: [create, update, patch, delete]
    resources:
      - {group: user.openshift.io, resources: [identities]}
      - {group: oauth.openshift.io, resources: [oauthaccesstokens, oauthauthorizetokens]}";

/// Resources whose bodies are never recorded.
const SECRETS: &str = "level: Metadata
    resources:
      - {group: route.openshift.io, resources: [routes]}
      - {group: \"\", resources: [secrets]}";

const CLIENTS: &str = "level: Metadata
    resources:
      - {group: oauth.openshift.io, resources: [oauthclients]}";

const WRITES: &str = "level: RequestResponse
    verbs: [update, patch, create, delete, deletecollection]";

const ALL_METADATA: &str = "level: Metadata
    omitStages: [RequestReceived]";

#[cfg(test)]
mod tests {
    use super::*;
    use audit_policy::{KubernetesVersion, Level, Matcher, Request, load};

    fn level(profile: AuditProfile, request: &Request) -> Level {
        let policy = profile.policy(&[]);
        let loaded = load(policy.as_bytes(), KubernetesVersion::NEWEST);
        assert_eq!((&loaded.error, &loaded.warning), (&None, &None), "{policy}");
        Matcher::new(&loaded.policy.unwrap())
            .evaluate(request)
            .level
    }

    #[test]
    fn profiles_have_the_documented_levels() {
        let request = |verb: &str, group: &str, resource: &str| {
            Request::for_resource(verb, group, resource)
                .with_user("jane")
                .with_groups(["system:authenticated"])
        };
        use AuditProfile::{AllRequestBodies, Default, None, WriteRequestBodies};
        for (profile, request, expected) in [
            (Default, request("get", "", "pods"), Level::Metadata),
            (Default, request("create", "", "pods"), Level::Metadata),
            (
                Default,
                request("create", "oauth.openshift.io", "oauthaccesstokens"),
                Level::RequestResponse,
            ),
            (
                WriteRequestBodies,
                request("create", "", "pods"),
                Level::RequestResponse,
            ),
            (
                WriteRequestBodies,
                request("list", "", "pods"),
                Level::Metadata,
            ),
            (
                WriteRequestBodies,
                request("create", "", "secrets"),
                Level::Metadata,
            ),
            (
                AllRequestBodies,
                request("list", "", "pods"),
                Level::RequestResponse,
            ),
            (
                AllRequestBodies,
                request("get", "", "secrets"),
                Level::Metadata,
            ),
            (
                AllRequestBodies,
                request("update", "route.openshift.io", "routes"),
                Level::Metadata,
            ),
            (None, request("create", "", "pods"), Level::None),
        ] {
            assert_eq!(
                level(profile, &request),
                expected,
                "{} {request:?}",
                profile.name()
            );
        }
    }

    #[test]
    fn a_custom_rule_applies_to_its_group_only() {
        let policy = AuditProfile::None.policy(&[("admins", AuditProfile::AllRequestBodies)]);
        let loaded = load(policy.as_bytes(), KubernetesVersion::NEWEST);
        let matcher = Matcher::new(&loaded.policy.unwrap());
        let of = |group: &str| {
            let request = Request::for_resource("get", "", "pods").with_user("jane");
            matcher.evaluate(&request.with_groups([group])).level
        };
        assert_eq!(of("admins"), Level::RequestResponse);
        assert_eq!(of("users"), Level::None);
    }

    #[test]
    fn names_are_those_of_the_api() {
        for profile in AuditProfile::ALL {
            assert_eq!(AuditProfile::from_name(profile.name()), Some(profile));
        }
        assert_eq!(AuditProfile::from_name("default"), None);
    }
}
