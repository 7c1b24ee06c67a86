//! Request rates of all clients, each with its source.

mod addons;
mod apiserver;
mod control_plane;
mod kubelet;
mod operators;
mod people;
mod workloads;

use crate::profile::{Profile, ProfileError};
use crate::rate::RequestRate;

/// Returns all rates of a cluster that are greater than zero.
///
/// # Errors
/// If the profile exceeds its limits.
pub fn rates(profile: &Profile) -> Result<Vec<RequestRate>, ProfileError> {
    profile.check()?;
    let mut all = Vec::new();
    kubelet::add(profile, &mut all);
    apiserver::add(profile, &mut all);
    control_plane::add(profile, &mut all);
    addons::add(profile, &mut all);
    workloads::add(profile, &mut all);
    operators::add(profile, &mut all);
    people::add(profile, &mut all);
    all.retain(|rate: &RequestRate| rate.per_second > 0.0);
    Ok(all)
}

/// Returns the events per second of all rates if all stages are recorded.
pub(crate) fn events_per_second(rates: &[RequestRate]) -> f64 {
    rates.iter().map(RequestRate::events_per_second).sum()
}
