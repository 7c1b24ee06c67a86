//! Who asks what, and how often: one [`Rate`] each, with its source beside it.

mod addons;
mod apiserver;
mod control_plane;
mod kubelet;
mod operators;
mod people;
mod workloads;

use crate::body::BodyTemplate;
use crate::client::Client;
use crate::profile::{Profile, ProfileError};

/// Where a rate comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateSource {
    /// A default or a behaviour that is written down: in the documentation, or in the component's code.
    Documented(&'static str),
    /// Nobody's but ours: a number of the profile, or a guess at what is usual.
    Assumed(&'static str),
}

impl RateSource {
    /// The text.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Documented(text) | Self::Assumed(text) => text,
        }
    }
}

/// Requests of one kind.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestRate {
    /// What they are for, in a few words. Rates of several operators share their names.
    pub name: &'static str,
    /// How many there are a second, in all.
    pub per_second: f64,
    /// What that is made of.
    pub formula: &'static str,
    /// Where that comes from.
    pub source: RateSource,
    pub(crate) request: RequestTemplate,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RequestTemplate {
    pub(crate) client: Client,
    pub(crate) verb: &'static str,
    /// URLs, each in its turn.
    pub(crate) targets: &'static [&'static str],
    /// The name of the object that is created, where it is not in the URL and the client chooses it.
    pub(crate) name: &'static str,
    pub(crate) request_body: BodyTemplate,
    pub(crate) response_body: BodyTemplate,
    pub(crate) code: u16,
    /// The least and the most seconds that a long-running request lasts.
    pub(crate) seconds: Option<(i64, i64)>,
    pub(crate) schedule: Schedule,
    pub(crate) timing: Timing,
    /// Seconds after what it follows from.
    pub(crate) delay: f64,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schedule {
    /// Clients, each of which asks for so many things in turn.
    RoundRobin { clients: u64, items: u64 },
    /// The same of the kubelets of nodes that have workloads.
    PodNodes { clients: u64, items: u64 },
    /// Pods that stay, by the kubelets of their nodes.
    Pods(u64),
    /// Something new every time: pods that come, commands.
    NewEachTime,
}

/// When requests come. Equal seeds come together, each later by its delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timing {
    /// At equal distances.
    Regular(u64),
    /// By chance.
    Random(u64),
}

/// Watches that client-go renews after five to ten minutes.
const WATCH: (i64, i64) = (300, 600);

impl RequestRate {
    fn new(
        name: &'static str,
        who: Client,
        verb: &'static str,
        targets: &'static [&'static str],
    ) -> Self {
        let seed = name
            .bytes()
            .fold(0, |seed, byte| crate::random::mix(seed, u64::from(byte)));
        Self {
            name,
            per_second: 0.0,
            formula: "",
            source: RateSource::Assumed(""),
            request: RequestTemplate {
                client: who,
                verb,
                targets,
                name: "",
                request_body: BodyTemplate::None,
                response_body: BodyTemplate::None,
                code: if verb == "create" { 201 } else { 200 },
                seconds: None,
                schedule: Schedule::NewEachTime,
                timing: Timing::Regular(seed),
                delay: 0.0,
            },
        }
    }

    /// A watch on each target.
    fn watch(name: &'static str, who: Client, targets: &'static [&'static str]) -> Self {
        Self::new(name, who, "watch", targets).lasting(WATCH)
    }

    /// So many clients, each of which asks for everything once in so many seconds.
    fn every(self, seconds: f64, actors: u32) -> Self {
        let each = self.request.targets.len() as u64;
        self.every_for_items(seconds, actors, each)
    }

    /// The same, of so many things each.
    fn every_for_items(mut self, seconds: f64, actors: u32, each: u64) -> Self {
        let actors = u64::from(actors);
        self.request.schedule = Schedule::RoundRobin {
            clients: actors,
            items: each,
        };
        self.per_second = (actors.saturating_mul(each)) as f64 / seconds;
        self
    }

    /// So many clients, which ask so often a minute, in all.
    fn times_per_minute(mut self, per_minute: f64, actors: u32) -> Self {
        self = self.every(60.0, actors);
        self.per_second = per_minute / 60.0;
        self
    }

    /// The same of the nodes that have workloads.
    fn every_on_pod_nodes(mut self, seconds: f64, profile: &Profile, each: u64) -> Self {
        self = self.every_for_items(seconds, profile.pod_nodes(), each);
        let actors = u64::from(profile.pod_nodes());
        self.request.schedule = Schedule::PodNodes {
            clients: actors,
            items: each,
        };
        self
    }

    /// Every pod once in so many seconds.
    fn pods_every(mut self, seconds: f64, pods: u32) -> Self {
        self.request.schedule = Schedule::Pods(u64::from(pods));
        self.per_second = f64::from(pods) / seconds;
        self
    }

    /// By chance, so often an hour. Rates of one seed and one pace speak of the same pods.
    fn times_per_hour(mut self, per_hour: f64, seed: u64, delay: f64) -> Self {
        self.request.schedule = Schedule::NewEachTime;
        self.request.timing = Timing::Random(seed);
        self.request.delay = delay;
        self.per_second = per_hour / 3_600.0;
        self
    }

    fn lasting(mut self, seconds: (i64, i64)) -> Self {
        self.request.seconds = Some(seconds);
        self
    }

    fn request_body(mut self, body: BodyTemplate) -> Self {
        self.request.request_body = body;
        self
    }

    fn response_body(mut self, body: BodyTemplate) -> Self {
        self.request.response_body = body;
        self
    }

    fn code(mut self, code: u16) -> Self {
        self.request.code = code;
        self
    }

    fn named(mut self, name: &'static str) -> Self {
        self.request.name = name;
        self
    }

    /// Documented.
    fn documented(mut self, formula: &'static str, source: &'static str) -> Self {
        self.formula = formula;
        self.source = RateSource::Documented(source);
        self
    }

    /// Assumed.
    fn assumed(mut self, formula: &'static str, source: &'static str) -> Self {
        self.formula = formula;
        self.source = RateSource::Assumed(source);
        self
    }

    /// Who asks, in a few words.
    pub fn client(&self) -> String {
        self.request.client.label()
    }

    /// The verb.
    pub const fn verb(&self) -> &'static str {
        self.request.verb
    }

    /// What is asked for: the path of the first URL, its variable parts in angle brackets.
    pub fn path(&self) -> &'static str {
        let target = self.request.targets.first().copied().unwrap_or_default();
        target.split('?').next().unwrap_or_default()
    }

    /// How many URLs take turns.
    pub const fn paths(&self) -> usize {
        self.request.targets.len()
    }

    /// Whether the server records the start of the answer, too.
    pub const fn is_long_running(&self) -> bool {
        self.request.seconds.is_some()
    }

    /// Events a second, where all stages are recorded.
    pub fn events_per_second(&self) -> f64 {
        self.per_second * if self.is_long_running() { 3.0 } else { 2.0 }
    }
}

/// All rates of a cluster, those that come to nothing left out.
///
/// # Errors
/// A profile out of its limits.
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

/// Events a second of all of them, where all stages are recorded.
pub fn events_per_second(rates: &[RequestRate]) -> f64 {
    rates.iter().map(RequestRate::events_per_second).sum()
}
