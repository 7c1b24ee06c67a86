//! Metrics of an API server: whatever the text, an estimate is finite, and its lower bounds are not above its upper bounds.

#![no_main]

use audit_policy::{KubernetesVersion, load};
use audit_volume::metrics::{MetricsEstimate, Range, Scrape, Traffic};
use libfuzzer_sys::fuzz_target;

const POLICY: &[u8] = b"apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: None
  users: [a]
- level: RequestResponse
  namespaces: [b]
- level: Request
  resources: [{group: '', resources: [pods], resourceNames: [c]}]
- level: None
  nonResourceURLs: [/healthz*]
- level: Metadata
";

fn check(range: Range) {
    assert!(range.low.is_finite() && range.high.is_finite());
    assert!(0.0 <= range.low && range.low <= range.high);
}

fuzz_target!(|text: &str| {
    let Ok(scrape) = Scrape::parse(text) else {
        return;
    };
    let policy = load(POLICY, KubernetesVersion::NEWEST).policy.unwrap();
    for scrapes in [vec![scrape.clone()], vec![scrape.clone(), scrape]] {
        let Ok(traffic) = Traffic::new(scrapes, None) else {
            continue;
        };
        let estimate = MetricsEstimate::new(&traffic, &policy);
        check(estimate.written.events);
        check(estimate.written.bytes);
        for group in estimate.by.iter().flat_map(|by| &by.groups) {
            check(group.requests);
            check(group.written.bytes);
        }
        if let Some(day) = estimate.per_day {
            check(day.events);
            check(Range {
                low: day.low,
                high: day.high,
            });
        }
    }
});
