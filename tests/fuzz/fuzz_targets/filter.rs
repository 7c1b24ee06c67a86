//! The page's filter: a row matches a text if it matches each of its terms, regardless of case.

#![no_main]

// The worker exports only its entry point. The filter is pure, so it is compiled here again, including parts that only views use.
#[allow(dead_code)]
#[path = "../../../web/worker/src/filter.rs"]
mod filter;
#[path = "../../../web/worker/src/filter_words.rs"]
mod filter_words;

use std::cell::LazyCell;

use audit_log::{LogItem, LogReader};
use audit_policy::{KubernetesVersion, Level, Matcher, Policy, Rule};
use audit_sim::{EventTable, Verdicts};
use filter::Filter;
use libfuzzer_sys::fuzz_target;
use playground_protocol::View;

const LOG: &str = r#"
{"auditID":"1","stage":"ResponseComplete","verb":"create","user":{"username":"Alice","groups":["devs"]},"requestURI":"/api/v1/namespaces/dev/pods/web/exec","responseStatus":{"code":101}}
{"auditID":"2","stage":"ResponseComplete","verb":"list","user":{"username":"system:node:n1","groups":["system:nodes"]},"requestURI":"/apis/apps/v1/deployments","responseStatus":{"code":403}}
{"auditID":"3","stage":"Panic","verb":"get","user":{"username":"a b"},"requestURI":"/healthz"}
{"auditID":"4","stage":"ResponseStarted","user":{},"requestURI":"/api/v1/namespaces/kube-system/secrets","responseStatus":{"code":401}}
{"auditID":"5","level":"Request"}
"#;

struct Log {
    table: EventTable,
    verdicts: Verdicts,
}

impl Log {
    fn read() -> Self {
        let mut table = EventTable::new();
        let mut take = |item: LogItem<'_>| {
            if let LogItem::Event(place, event) = item {
                table.push(0, place, event);
            }
        };
        let mut reader = LogReader::new();
        reader.push(LOG.as_bytes(), &mut take);
        reader.finish(&mut take);
        let rules = ["list", "get"].map(|verb| {
            let mut rule = Rule::new(Level::Request);
            rule.verbs = vec![verb.to_owned()];
            rule
        });
        let policy = Policy::new(rules.to_vec());
        let verdicts = Verdicts::new(&Matcher::new(&policy), table.requests());
        Self { table, verdicts }
    }

    /// Returns the rows that match a filter text.
    fn fits(&self, text: &str) -> Vec<bool> {
        let view = View {
            text: text.to_owned(),
            ..View::default()
        };
        let filter = Filter::new(&view, &self.table);
        let rows = self.table.rows().map(|(_, row)| {
            let verdict = self.verdicts.get(row.request_id);
            filter.matches(
                &row,
                verdict,
                &row.outcome(&self.verdicts, KubernetesVersion::NEWEST),
            )
        });
        rows.collect()
    }
}

thread_local! {
    static READ: LazyCell<Log> = LazyCell::new(Log::read);
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    READ.with(|log| {
        let fits = log.fits(text);
        assert_eq!(log.fits(&text.to_ascii_uppercase()), fits);
        // Terms of different fields must all match. Terms of one field are alternatives.
        let of_fields = text.split_whitespace().filter(|word| word.contains(':'));
        if !text.contains('"') && of_fields.count() < 2 {
            let mut each = vec![true; fits.len()];
            for word in text.split_whitespace() {
                for (all, fits) in each.iter_mut().zip(log.fits(word)) {
                    *all &= fits;
                }
            }
            assert_eq!(each, fits);
        }
    });
});
