//! From a cluster's profile to the requests that its API server sees, as an audit log.

#![forbid(unsafe_code)]
