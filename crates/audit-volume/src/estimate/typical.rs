//! Typical body sizes by verb and resource, for logs without similar bodies.
//!
//! The bounds are the 10th and 90th percentiles in recordings of kube-apiserver 1.20 and 1.36 and in public audit logs, rounded outwards. Where
//! those contain test objects, the upper bound is that of such objects in production clusters. A list grows with the number of objects, so its
//! range is wide.

use serde::Serialize;

use super::volume::SizeRange;

/// Kind of body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum BodyKind {
    /// The body of a request.
    Request,
    /// The body of a successful response.
    Response,
    /// The body of a failed response.
    Failure,
}

/// Bytes of a line that a format may have dropped, such as `objectRef`, annotations or the URL. A table with a column for each field may
/// have dropped nothing.
pub(super) const LINE: SizeRange = SizeRange {
    low: 0,
    high: 1_000,
};

/// Bytes of one object, by resource.
const OBJECTS: [(&str, u64, u64); 16] = [
    ("pods", 1_500, 17_000),
    ("nodes", 1_300, 20_000),
    ("events", 400, 1_200),
    ("leases", 170, 600),
    ("configmaps", 90, 6_500),
    ("secrets", 160, 6_500),
    ("serviceaccounts", 150, 800),
    ("namespaces", 120, 1_400),
    ("services", 260, 2_500),
    ("endpoints", 100, 4_000),
    ("endpointslices", 300, 4_000),
    ("deployments", 750, 6_000),
    ("replicasets", 600, 6_000),
    ("subjectaccessreviews", 350, 550),
    ("tokenreviews", 500, 2_500),
    ("customresourcedefinitions", 300, 60_000),
];

/// Bytes of one object of any other resource.
const OBJECT: SizeRange = SizeRange {
    low: 150,
    high: 6_000,
};

/// Bytes of a patch.
const PATCH: SizeRange = SizeRange {
    low: 10,
    high: 4_500,
};

/// Bytes of the options of a delete.
const DELETE_OPTIONS: SizeRange = SizeRange { low: 0, high: 130 };

/// Bytes of the response to a non-resource request.
const PATH: SizeRange = SizeRange {
    low: 100,
    high: 6_100,
};

/// Bytes that an object in a response has in addition to the request: managed fields, status, identity.
const RESPONSE_ADDS: u64 = 2_000;

/// Bytes of a `Status` that says why a request failed.
const FAILURE: SizeRange = SizeRange {
    low: 165,
    high: 460,
};

/// Bytes of an empty list.
const EMPTY_LIST: u64 = 80;

/// Number of objects in a long list; real lists may be longer.
const LISTED: u64 = 20;

/// Returns the size of a body.
pub(crate) fn size(verb: &str, resource: &str, body: BodyKind) -> SizeRange {
    let main = resource.split('/').next().unwrap_or_default();
    let known = OBJECTS.iter().find(|(name, _, _)| *name == main);
    let object = known.map_or(OBJECT, |(_, low, high)| SizeRange {
        low: *low,
        high: *high,
    });
    match (body, verb) {
        (BodyKind::Response, _) if resource.starts_with('/') => PATH,
        (BodyKind::Request, "patch") => PATCH,
        (BodyKind::Request, "delete" | "deletecollection") => DELETE_OPTIONS,
        (BodyKind::Request, _) => object,
        (BodyKind::Failure, _) => FAILURE,
        (BodyKind::Response, "list" | "deletecollection") => SizeRange {
            low: EMPTY_LIST,
            high: object.high * LISTED,
        },
        // Either the object or a short status.
        (BodyKind::Response, "delete") => SizeRange {
            low: 160,
            high: object.high + RESPONSE_ADDS,
        },
        (BodyKind::Response, _) => SizeRange {
            low: object.low,
            high: object.high + RESPONSE_ADDS,
        },
    }
}
