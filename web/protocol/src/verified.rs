//! Comparisons of the engine with upstream, as stated by the page.
//!
//! The conformance tests assert these numbers, so the page claims nothing that is not tested.

/// One comparison with a real server or with upstream's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// Subject of the comparison, in a few words.
    pub subject: &'static str,
    /// Upstream program and its version.
    pub reference: &'static str,
    /// Number of cases that agreed.
    pub agreed: usize,
    /// Number of cases.
    pub total: usize,
    /// Noun for the cases, in the plural.
    pub unit: &'static str,
}

const CODE: &str = "k8s.io/apiserver 0.36.4, the code itself";

/// Acceptance, error, warning and loaded form of policies.
pub const POLICIES: Comparison = Comparison {
    subject: "Loading: accepted or rejected, the texts, the loaded policy",
    reference: CODE,
    agreed: 400,
    total: 400,
    unit: "policies",
};

/// Rule, level, omitted stages and managed fields.
pub const REQUESTS: Comparison = Comparison {
    subject: "The rule and level of a request",
    reference: CODE,
    agreed: 12_480,
    total: 12_480,
    unit: "requests",
};

/// Loading of policies at every minor version.
pub const VERSIONS: Comparison = Comparison {
    subject: "Loading 318 policies at each of 17 minor versions",
    reference: "k8s.io/apiserver 1.20.15 to 1.36.3, the code itself",
    agreed: 5_406,
    total: 5_406,
    unit: "loads",
};

/// Newest Kubernetes version that was compared with upstream.
pub const NEWEST_VERIFIED: &str = "1.36";

/// Note on newer versions.
pub const NOT_VERIFIED: &str =
    "1.37 behaves here as 1.36; no code and no server of 1.37 was compared.";

/// Returns `true` if a version, such as `1.36`, was compared with upstream.
pub fn is_verified(version: &str) -> bool {
    let minor = |version: &str| {
        version
            .split('.')
            .nth(1)
            .and_then(|minor| minor.parse::<u8>().ok())
    };
    minor(version) <= minor(NEWEST_VERIFIED)
}

/// Lines as written, including truncation and the legacy format.
pub const EVENTS: Comparison = Comparison {
    subject: "The line written and its size, truncation and legacy format included",
    reference: CODE,
    agreed: 645,
    total: 645,
    unit: "events",
};

/// Predictions under other policies from a recording of everything. The missing events are patches that are not JSON: the recording
/// doesn't contain their bodies, since the server cannot record them.
pub const REPLAY_1_20: Comparison = Comparison {
    subject: "A log predicted from a full recording under 8 other policies",
    reference: "kube-apiserver 1.20.2, running",
    agreed: 18_853,
    total: 18_904,
    unit: "events",
};

/// The same with the stand-alone extension API server.
pub const REPLAY_1_36: Comparison = Comparison {
    subject: "The same under 5 other policies",
    reference: "apiextensions-apiserver 1.36.4, running",
    agreed: 14_750,
    total: 14_800,
    unit: "events",
};

/// All comparisons, in display order.
pub const COMPARISONS: [Comparison; 6] = [
    POLICIES,
    REQUESTS,
    VERSIONS,
    EVENTS,
    REPLAY_1_20,
    REPLAY_1_36,
];
