//! Requests per second on which a 17-rule policy is evaluated, on one thread: the attributes of a real recording, repeatedly.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::HashSet;
use std::hint::black_box;
use std::time::Instant;

use audit_log::{Attributes, LogItem, LogReader};
use audit_policy::{KubernetesVersion, Matcher, MissingAttributes, explain, load};
use audit_sim::{Requests, Verdicts};
use conformance::read;

/// Many short rounds: most of them run undisturbed even on a busy machine.
const ROUNDS: usize = 301;
const REPEATS: usize = 10;

fn main() {
    let policy = load(
        &read("bench/seventeen-rules.yaml").unwrap(),
        KubernetesVersion::NEWEST,
    )
    .policy
    .unwrap();
    assert_eq!(policy.rules.len(), 17);
    let matcher = Matcher::new(&policy);
    let mut seen = HashSet::new();
    let mut take = |item: LogItem<'_>| {
        if let LogItem::Event(_, event) = item {
            seen.insert(Attributes::from_event(event).request);
        }
    };
    let mut reader = LogReader::new();
    reader.push(
        &read("kube-apiserver-1.20/base.jsonl.gz").unwrap(),
        &mut take,
    );
    reader.finish(&mut take);
    let requests: Vec<_> = seen.into_iter().collect();
    let rate = |name: &str, repeats: usize, work: &dyn Fn()| {
        let mut rates: Vec<f64> = (0..ROUNDS)
            .map(|_| {
                let start = Instant::now();
                (0..repeats).for_each(|_| work());
                (requests.len() * repeats) as f64 / start.elapsed().as_secs_f64() / 1e6
            })
            .collect();
        rates.sort_by(f64::total_cmp);
        println!(
            "{name}: {:.1} million requests per second (median of {ROUNDS}; {:.1} to {:.1})",
            rates[ROUNDS / 2],
            rates[0],
            rates[ROUNDS - 1]
        );
    };
    println!(
        "{} distinct requests, {} rules",
        requests.len(),
        policy.rules.len()
    );
    let mut store = Requests::default();
    for request in &requests {
        store.add(request, MissingAttributes::NONE);
    }
    // The policy's tables are built again for every pass, as they are when a policy is edited.
    rate("judge a log's requests", REPEATS, &|| {
        black_box(Verdicts::new(black_box(&matcher), black_box(&store)));
    });
    rate("evaluate", REPEATS, &|| {
        for request in &requests {
            black_box(matcher.evaluate(black_box(request)));
        }
    });
    rate("explain", 1, &|| {
        for request in &requests {
            black_box(explain(
                &policy,
                black_box(request),
                MissingAttributes::NONE,
            ));
        }
    });
}
