//! What the engine was compared with, and how much agreed: the figures that the page states.
//!
//! The conformance runs assert these very numbers, so the page cannot claim what no test shows.

/// One comparison with a real server or with upstream's code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    /// What was compared, in a few words.
    pub what: &'static str,
    /// With what, and its version.
    pub with: &'static str,
    /// How many cases agreed.
    pub agreed: usize,
    /// How many there were.
    pub of: usize,
    /// What a case is, in the plural.
    pub unit: &'static str,
}

const CODE: &str = "k8s.io/apiserver 0.36.4, the code itself";

/// Accept or reject, error, warning and loaded form.
pub const POLICIES: Claim = Claim {
    what: "Loading: accepted or rejected, the texts, the loaded policy",
    with: CODE,
    agreed: 400,
    of: 400,
    unit: "policies",
};

/// Rule, level, omitted stages and managed fields.
pub const REQUESTS: Claim = Claim {
    what: "The rule and level of a request",
    with: CODE,
    agreed: 12_480,
    of: 12_480,
    unit: "requests",
};

/// Loading at every minor version.
pub const VERSIONS: Claim = Claim {
    what: "Loading 318 policies at each of 17 minor versions",
    with: "k8s.io/apiserver 1.20.15 to 1.36.3, the code itself",
    agreed: 5_406,
    of: 5_406,
    unit: "loads",
};

/// The newest Kubernetes version that was compared with upstream.
pub const NEWEST_VERIFIED: &str = "1.36";

/// What the page says of newer versions.
pub const NOT_VERIFIED: &str =
    "1.37 behaves here as 1.36; no code and no server of 1.37 was compared.";

/// Whether a version, such as `1.36`, was compared with upstream.
pub fn is_verified(version: &str) -> bool {
    let minor = |version: &str| {
        version
            .split('.')
            .nth(1)
            .and_then(|minor| minor.parse::<u8>().ok())
    };
    minor(version) <= minor(NEWEST_VERIFIED)
}

/// Lines as written, truncation and the legacy format included.
pub const EVENTS: Claim = Claim {
    what: "The line written and its size, truncation and legacy format included",
    with: CODE,
    agreed: 645,
    of: 645,
    unit: "events",
};

/// A recording of everything, predicted under other policies. What is missing are patches that are not JSON: the recording lacks
/// them, since the server cannot write their bodies.
pub const REPLAY_1_20: Claim = Claim {
    what: "A log predicted from a full recording under 8 other policies",
    with: "kube-apiserver 1.20.2, running",
    agreed: 18_853,
    of: 18_904,
    unit: "events",
};

/// The same for the stand-alone API server of extensions.
pub const REPLAY_1_36: Claim = Claim {
    what: "The same under 5 other policies",
    with: "apiextensions-apiserver 1.36.4, running",
    agreed: 14_750,
    of: 14_800,
    unit: "events",
};

/// All of them, in the order they are shown.
pub const CLAIMS: [Claim; 6] = [
    POLICIES,
    REQUESTS,
    VERSIONS,
    EVENTS,
    REPLAY_1_20,
    REPLAY_1_36,
];
