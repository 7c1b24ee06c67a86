//! Templates of request and response bodies.
//!
//! In a template, `<word>` is a placeholder for a value of the request's context, and text between `<[` and `]>` is omitted from objects that
//! have never been stored. The server escapes `<` in JSON, so placeholders are unambiguous.

/// Maximum number of objects in a list: the page size of kubectl and informers (`limit=500`).
pub(crate) const MAX_LISTED: u64 = 500;

/// Template of a request or response body.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum BodyTemplate {
    /// No body is recorded.
    None,
    /// An object that is not stored yet.
    New(&'static str),
    /// An object as stored, or a text that is sent unchanged.
    Stored(&'static str),
    /// A list of objects: template, kind of the list and length.
    List(&'static str, &'static str, ListLength),
    /// A table of pods, as requested by `kubectl get`.
    Table(ListLength),
    /// API discovery: `/api` or `/apis`.
    Discovery,
    /// A failure: reason, and message with placeholders.
    Failure(&'static str, &'static str),
}

/// Number of objects in a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum ListLength {
    /// All pods.
    Pods,
    /// The pods of a namespace.
    PodsOfNamespace,
    /// A fixed number.
    Fixed(u64),
}

/// The templates.
pub(crate) mod stored {
    macro_rules! templates {
        ($($name:ident $file:literal;)*) => {
            $(pub(crate) const $name: &str = include_str!(concat!("body/", $file, ".json"));)*
            #[cfg(test)]
            pub(crate) const ALL: &[(&str, &str)] = &[$(($file, $name)),*];
        };
    }
    templates! {
        ACCESS_REVIEW "accessreview";
        APPLIED "applied";
        BINDING "binding";
        CONFIG_MAP "configmap";
        CRON_JOB "cronjob";
        CUSTOM "custom";
        DEPLOYMENT "deployment";
        ENDPOINTS "endpoints";
        ENDPOINT_SLICE "endpointslice";
        EVENT "event";
        EVENT_PATCH "event-patch";
        HPA "hpa";
        JOB "job";
        LEASE "lease";
        NODE "node";
        NODE_PATCH "node-patch";
        POD "pod";
        POD_PATCH "pod-patch";
        POD_ROW "podrow";
        RELEASE "release";
        REPLICA_SET "replicaset";
        SCALE "scale";
        SCHEDULED "scheduled";
        SECRET "secret";
        SUCCESS "success";
        TOKEN "token";
        TOKEN_REVIEW "tokenreview";
    }
}
