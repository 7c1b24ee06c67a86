//! Published figures compared with the model. The test asserts that MODEL.md contains the comparison, not that the figures match.

use std::fmt::Write as _;

use audit_log::{LogItem, LogReader};
use audit_policy::{KubernetesVersion, Matcher, load};
use audit_sim::{EventTable, Verdicts};
use audit_traffic::{Operator, Profile, Sample, generate};

use crate::page;

const DAY: u32 = 86_400;
const NARROW: &[u8] = include_bytes!("../data/narrow.yaml");
const NARROW_STAGE: &[u8] = include_bytes!("../data/narrow-one-stage.yaml");
const EVERYTHING: &[u8] = include_bytes!("../data/everything.yaml");
const HOME_AFTER: &[u8] = include_bytes!("../data/home-after.yaml");
const WRITES: &[u8] = include_bytes!("../data/writes.yaml");
const LEASES: &[u8] = include_bytes!("../data/leases.yaml");

/// Sample of a cluster's log over a time span.
struct Log {
    table: EventTable,
    factor: f64,
    version: KubernetesVersion,
}

impl Log {
    fn of(profile: &Profile, seconds: u32) -> Self {
        let sample = Sample::plan(profile, seconds, 12_000).unwrap();
        let (mut table, mut reader) = (EventTable::new(), LogReader::new());
        for line in generate(profile, sample.seconds).unwrap() {
            let mut take = |item: LogItem<'_>| match item {
                LogItem::Event(place, event) => table.push(0, place, event),
                LogItem::Problem(problem) => panic!("{problem:?}"),
            };
            reader.push(line.as_bytes(), &mut take);
            reader.push(b"\n", &mut take);
        }
        reader.finish(&mut |_| ());
        Self {
            table,
            factor: sample.factor(),
            version: profile.version,
        }
    }

    /// Returns the events and megabytes that a policy writes in the span.
    fn under(&self, policy: &[u8]) -> (f64, f64) {
        let policy = load(policy, self.version).policy.unwrap();
        let verdicts = Verdicts::new(&Matcher::new(&policy), self.table.requests());
        let tally = self.table.evaluate(&verdicts, self.version).tally;
        assert_eq!((tally.derived.events, tally.sizes_unknown), (0, 0));
        let written = tally.written;
        (
            written.events as f64 * self.factor,
            written.bytes as f64 * self.factor / 1e6,
        )
    }

    /// Returns the number of events of a user in the span.
    fn of_user(&self, name: &str) -> f64 {
        let rows = self.table.rows();
        let own = rows.filter(|(_, row)| row.request.user() == Some(name));
        own.count() as f64 * self.factor
    }

    /// Returns the number of requests for leases with a verb in the span.
    fn leases(&self, verb: &str) -> f64 {
        let rows = self.table.rows().filter(|(_, row)| {
            row.request.resource() == "leases" && row.request.verb() == verb && row.code.is_some()
        });
        rows.count() as f64 * self.factor
    }
}

/// Rows of the table: figure, published, model, unit.
#[derive(Default)]
struct Figures(Vec<(&'static str, f64, f64, &'static str)>);

impl Figures {
    fn add(&mut self, what: &'static str, published: f64, model: f64, unit: &'static str) {
        self.0.push((what, published, model, unit));
    }
}

fn version(text: &str) -> KubernetesVersion {
    text.parse().unwrap_or_default()
}

#[test]
fn the_page_compares_published_figures_with_the_model() {
    let mut figures = Figures::default();
    narrow(&mut figures);
    controller(&mut figures);
    home(&mut figures);
    everything(&mut figures);
    let mut table = String::from(
        "| figure | published | model | model / published |\n| --- | ---: | ---: | ---: |\n",
    );
    for (what, published, model, unit) in figures.0 {
        let _ = writeln!(
            table,
            "| {what} | {}{unit} | {}{unit} | {:.2} |",
            round(published),
            round(model),
            model / published
        );
    }
    println!("{table}");
    page::check("figures", &table);
}

/// Three control-plane nodes, seventeen workers, 380 pods: 70 MB a day.
fn narrow(figures: &mut Figures) {
    let of = |minor| Profile {
        version: version(minor),
        ..Profile::with_size(3, 17, 380)
    };
    let log = Log::of(&of("1.28"), DAY);
    let (_, bytes) = log.under(NARROW);
    figures.add("1. narrow policy, per day", 70.0, bytes, " MB");
    let (_, bytes) = log.under(NARROW_STAGE);
    figures.add("1. only its last stage", 70.0, bytes, " MB");
    let (_, bytes) = Log::of(&of("1.36"), DAY).under(NARROW);
    figures.add("1. narrow policy, with a 1.36 cluster", 70.0, bytes, " MB");
}

/// 634,402 events, 581 MB in 3 h 50 min, 70.87 % of one controller.
fn controller(figures: &mut Figures) {
    const SECONDS: u32 = 3 * 3_600 + 50 * 60;
    const EVENTS: f64 = 634_402.0;
    let usual = Profile {
        version: KubernetesVersion::OLDEST,
        ..Profile::default()
    };
    let log = Log::of(&usual, SECONDS);
    let (events, bytes) = log.under(EVERYTHING);
    let own = log.of_user("system:serviceaccount:delivery:delivery-controller");
    figures.add("2. events in 3 h 50 min", EVENTS, events, "");
    figures.add("2. bytes", 581.0, bytes, " MB");
    figures.add(
        "2. share of one controller",
        70.87,
        100.0 * own / events,
        " %",
    );
    // Two events per request.
    let per_minute = EVENTS * 0.7087 / 2.0 / f64::from(SECONDS) * 60.0;
    let given = Profile {
        operators: vec![Operator {
            name: "controller-manager".to_owned(),
            namespace: "garden".to_owned(),
            reads_per_minute: 0.8 * per_minute,
            writes_per_minute: 0.2 * per_minute,
            ..Operator::default()
        }],
        ..usual
    };
    let log = Log::of(&given, SECONDS);
    let (events, bytes) = log.under(EVERYTHING);
    figures.add(
        "2. events, with the controller's rate given",
        EVENTS,
        events,
        "",
    );
    figures.add("2. bytes, with the rate given", 581.0, bytes, " MB");
    figures.add(
        "2. bytes per event, with the rate given",
        581e6 / EVENTS,
        bytes * 1e6 / events,
        " B",
    );
}

/// About 570,000 events in 10 h on a small home cluster, leases 23 %.
fn home(figures: &mut Figures) {
    let profile = Profile {
        version: version("1.35"),
        ..Profile::default()
    };
    let log = Log::of(&profile, 36_000);
    let (events, _) = log.under(EVERYTHING);
    let (leases, _) = log.under(LEASES);
    let (after, _) = log.under(HOME_AFTER);
    figures.add("3. events in 10 h", 570_000.0, events, "");
    figures.add("3. share of leases", 23.0, 100.0 * leases / events, " %");
    figures.add("3. leases read", 86_000.0, log.leases("get"), "");
    figures.add("3. leases written", 46_000.0, log.leases("update"), "");
    figures.add(
        "3. share that the later policy drops",
        76.0,
        100.0 * (1.0 - after / events),
        " %",
    );
}

/// 100 MB in 30 min of one of three API servers.
fn everything(figures: &mut Figures) {
    let log = Log::of(&Profile::default(), 1_800);
    let (_, bytes) = log.under(EVERYTHING);
    let (_, writes) = log.under(WRITES);
    figures.add(
        "4. bytes in 30 min, of all API servers",
        100.0,
        bytes,
        " MB",
    );
    figures.add(
        "4. bytes in 30 min, of one of three",
        100.0,
        bytes / 3.0,
        " MB",
    );
    figures.add(
        "4. share of reads",
        90.0,
        100.0 * (1.0 - writes / bytes),
        " %",
    );
}

/// To three digits.
fn round(number: f64) -> String {
    if number >= 100.0 {
        let step = 10_f64.powf(number.log10().floor() - 2.0);
        format!("{:.0}", (number / step).round() * step)
    } else {
        format!("{number:.1}")
    }
}
