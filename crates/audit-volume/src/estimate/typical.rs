//! Typical sizes of bodies, by verb and resource: for logs that hold none of the kind.
//!
//! The bounds are the tenth part and nine tenths of what the recordings of kube-apiserver 1.20 and 1.36 and public audit logs hold,
//! rounded outwards; where those are test objects, the upper bound is that of such objects in running clusters. A list grows with
//! what there is to list, so its range is wide.

use serde::Serialize;

use super::amount::Range;

/// What a body is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Body {
    /// The request.
    Request,
    /// The response to a request that succeeded.
    Response,
    /// The response to one that failed.
    Failure,
}

/// What of a line a wrapper may have dropped: the URL, groups and the like.
pub(super) const LINE: Range = Range {
    low: 100,
    high: 1_000,
};

/// One object of a resource, in bytes.
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

/// One object of any other resource.
const OBJECT: Range = Range {
    low: 150,
    high: 6_000,
};

/// A patch, as it is sent.
const PATCH: Range = Range {
    low: 10,
    high: 4_500,
};

/// The options that a delete may send.
const DELETE_OPTIONS: Range = Range { low: 0, high: 130 };

/// The answer to a path that is no resource.
const PATH: Range = Range {
    low: 100,
    high: 6_100,
};

/// What an object's answer has that the request has not: managed fields, status, identity.
const ANSWER_ADDS: u64 = 2_000;

/// A `Status` that says why a request failed.
const FAILURE: Range = Range {
    low: 165,
    high: 460,
};

/// An empty list.
const EMPTY_LIST: u64 = 80;

/// A list may hold so many objects, or more.
const LISTED: u64 = 20;

/// The size of a body.
pub(super) fn size(verb: &str, resource: &str, body: Body) -> Range {
    let main = resource.split('/').next().unwrap_or_default();
    let known = OBJECTS.iter().find(|(name, _, _)| *name == main);
    let object = known.map_or(OBJECT, |(_, low, high)| Range {
        low: *low,
        high: *high,
    });
    match (body, verb) {
        (Body::Response, _) if resource.starts_with('/') => PATH,
        (Body::Request, "patch") => PATCH,
        (Body::Request, "delete" | "deletecollection") => DELETE_OPTIONS,
        (Body::Request, _) => object,
        (Body::Failure, _) => FAILURE,
        (Body::Response, "list" | "deletecollection") => Range {
            low: EMPTY_LIST,
            high: object.high * LISTED,
        },
        // Either the object, or a short status.
        (Body::Response, "delete") => Range {
            low: 160,
            high: object.high + ANSWER_ADDS,
        },
        (Body::Response, _) => Range {
            low: object.low,
            high: object.high + ANSWER_ADDS,
        },
    }
}
