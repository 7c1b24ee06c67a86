//! Policies that meet the packs of requirements, and pairs of packs that no policy meets.

#![expect(clippy::unwrap_used, reason = "a test")]

use audit_goals::{NewPolicy, NoPolicy, Wanted};
use audit_policy::{Level, Matcher, Request};
use audit_tests::{Case, packs};

fn claims(names: &[&str]) -> Vec<Case> {
    let chosen = names
        .iter()
        .map(|name| packs().iter().find(|pack| pack.name == *name).unwrap());
    chosen
        .flat_map(|pack| pack.parse().unwrap().tests)
        .collect()
}

#[test]
fn each_pack_has_a_policy() {
    // Rules and claims about requests, counted by hand in the files of the packs.
    for (name, claims_about_requests) in [
        ("cis", 10),
        ("stig", 2),
        ("nsa-cisa", 5),
        ("pci-dss", 7),
        ("bsi", 3),
    ] {
        for otherwise in Level::ALL {
            let wanted = Wanted::default().with_otherwise(otherwise);
            let new = NewPolicy::new(&claims(&[name]), wanted)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(new.met.len(), claims_about_requests, "{name}");
            assert!(new.is_exact, "{name}");
        }
    }
}

#[test]
fn packs_contradict_each_other_where_one_wants_bodies_and_another_none() {
    let all: Vec<&str> = packs().iter().map(|pack| pack.name).collect();
    for (at, first) in all.iter().enumerate() {
        for second in &all[at + 1..] {
            let cases = claims(&[first, second]);
            let result = NewPolicy::new(&cases, Wanted::default());
            // CIS wants no bodies of secrets, config maps and token reviews. STIG and the guide of NSA and CISA want all bodies.
            let is_contradictory = *first == "cis" && ["stig", "nsa-cisa"].contains(second);
            match result {
                Ok(_) => assert!(!is_contradictory, "{first} {second}"),
                Err(NoPolicy::Contradictory(found)) => {
                    assert!(is_contradictory, "{first} {second}: {found:?}");
                    assert_eq!(found.len(), 3, "{first} {second}: {found:?}");
                }
                Err(error) => panic!("{first} {second}: {error}"),
            }
        }
    }
}

#[test]
fn a_pack_leaves_the_rest_as_wanted() {
    let request = |resource: &str| {
        Request::for_resource("get", "", resource)
            .with_namespace("n")
            .with_name("x")
            .with_user("alice")
            .with_groups(["system:authenticated"])
    };
    for (otherwise, secrets, pods) in [
        (Level::None, Level::Metadata, Level::None),
        (Level::Metadata, Level::Metadata, Level::Metadata),
        (
            Level::RequestResponse,
            Level::Metadata,
            Level::RequestResponse,
        ),
    ] {
        let wanted = Wanted::default().with_otherwise(otherwise);
        let new = NewPolicy::new(&claims(&["cis"]), wanted).unwrap();
        let matcher = Matcher::new(&new.policy);
        assert_eq!(matcher.evaluate(&request("secrets")).level, secrets);
        assert_eq!(matcher.evaluate(&request("pods")).level, pods);
    }
}
