//! Request rates: their numbers, their source, and the template of their requests.

use crate::client::Client;
use crate::profile::Profile;
use crate::seeds::seed;
use crate::template::BodyTemplate;

/// Source of a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateSource {
    /// A default or behavior that is documented, or visible in the component's code.
    Documented(&'static str),
    /// An assumption of this model: a number of the profile, or an estimate of what is typical.
    Assumed(&'static str),
}

impl RateSource {
    /// Returns the source in words.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Documented(text) | Self::Assumed(text) => text,
        }
    }
}

/// Requests of one kind and their rate.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestRate {
    /// Purpose of the requests in a few words. Rates of several operators have the same names.
    pub name: &'static str,
    /// Requests per second, of all clients together.
    pub per_second: f64,
    /// Formula of the rate.
    pub formula: &'static str,
    /// Source of the rate.
    pub source: RateSource,
    pub(crate) request: RequestTemplate,
}

/// Template of the requests of a rate.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RequestTemplate {
    pub(crate) client: Client,
    pub(crate) verb: &'static str,
    /// URLs, used in turn.
    pub(crate) targets: &'static [&'static str],
    /// Name of the created object, if the client chooses it and it is not in the URL.
    pub(crate) name: &'static str,
    pub(crate) request_body: BodyTemplate,
    pub(crate) response_body: BodyTemplate,
    pub(crate) code: u16,
    /// Minimum and maximum duration of a long-running request in seconds.
    pub(crate) seconds: Option<(i64, i64)>,
    pub(crate) schedule: Schedule,
    pub(crate) timing: Timing,
    /// Delay after the request that it follows, in seconds.
    pub(crate) delay: f64,
}

/// Order in which clients and objects take turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schedule {
    /// All clients in turn, each for a number of items.
    RoundRobin { clients: u64, items: u64 },
    /// The kubelets of nodes with workloads in turn, each for a number of items.
    PodNodes { clients: u64, items: u64 },
    /// Existing pods in turn, by the kubelets of their nodes.
    Pods(u64),
    /// Something new every time, such as new pods and commands.
    NewEachTime,
}

/// Times of requests. Requests with equal seeds belong together, each shifted by its delay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Timing {
    /// At equal intervals.
    Regular(u64),
    /// At random times.
    Random(u64),
}

/// Duration of watches, which client-go renews after five to ten minutes.
const WATCH: (i64, i64) = (300, 600);

impl RequestRate {
    pub(crate) fn new(
        name: &'static str,
        client: Client,
        verb: &'static str,
        targets: &'static [&'static str],
    ) -> Self {
        Self {
            name,
            per_second: 0.0,
            formula: "",
            source: RateSource::Assumed(""),
            request: RequestTemplate {
                client,
                verb,
                targets,
                name: "",
                request_body: BodyTemplate::None,
                response_body: BodyTemplate::None,
                code: if verb == "create" { 201 } else { 200 },
                seconds: None,
                schedule: Schedule::NewEachTime,
                timing: Timing::Regular(seed(name).unwrap_or_default()),
                delay: 0.0,
            },
        }
    }

    /// Creates the rate of watches on all targets.
    pub(crate) fn watch(
        name: &'static str,
        client: Client,
        targets: &'static [&'static str],
    ) -> Self {
        Self::new(name, client, "watch", targets).lasting(WATCH)
    }

    /// Sets a number of clients, each of which requests every target once per `seconds`.
    pub(crate) fn every(self, seconds: f64, actors: u32) -> Self {
        let each = self.request.targets.len() as u64;
        self.every_for_items(seconds, actors, each)
    }

    /// Sets a number of clients, each of which requests a number of items once per `seconds`.
    pub(crate) fn every_for_items(mut self, seconds: f64, actors: u32, each: u64) -> Self {
        let actors = u64::from(actors);
        self.request.schedule = Schedule::RoundRobin {
            clients: actors,
            items: each,
        };
        self.per_second = (actors.saturating_mul(each)) as f64 / seconds;
        self
    }

    /// Sets the requests per minute of all clients together.
    pub(crate) fn times_per_minute(mut self, per_minute: f64, actors: u32) -> Self {
        self = self.every(60.0, actors);
        self.per_second = per_minute / 60.0;
        self
    }

    /// Sets the nodes with workloads as clients, each of which requests a number of items once per `seconds`.
    pub(crate) fn every_on_pod_nodes(mut self, seconds: f64, profile: &Profile, each: u64) -> Self {
        self = self.every_for_items(seconds, profile.pod_nodes(), each);
        let actors = u64::from(profile.pod_nodes());
        self.request.schedule = Schedule::PodNodes {
            clients: actors,
            items: each,
        };
        self
    }

    /// Sets one request per pod and `seconds`.
    pub(crate) fn pods_every(mut self, seconds: f64, pods: u32) -> Self {
        self.request.schedule = Schedule::Pods(u64::from(pods));
        self.per_second = f64::from(pods) / seconds;
        self
    }

    /// Sets random requests per hour. Rates with equal seed and rate are about the same pods.
    pub(crate) fn times_per_hour(mut self, per_hour: f64, seed: u64, delay: f64) -> Self {
        self.request.schedule = Schedule::NewEachTime;
        self.request.timing = Timing::Random(seed);
        self.request.delay = delay;
        self.per_second = per_hour / 3_600.0;
        self
    }

    pub(crate) fn lasting(mut self, seconds: (i64, i64)) -> Self {
        self.request.seconds = Some(seconds);
        self
    }

    pub(crate) fn request_body(mut self, body: BodyTemplate) -> Self {
        self.request.request_body = body;
        self
    }

    pub(crate) fn response_body(mut self, body: BodyTemplate) -> Self {
        self.request.response_body = body;
        self
    }

    pub(crate) fn code(mut self, code: u16) -> Self {
        self.request.code = code;
        self
    }

    pub(crate) fn named(mut self, name: &'static str) -> Self {
        self.request.name = name;
        self
    }

    /// Sets formula and documented source.
    pub(crate) fn documented(mut self, formula: &'static str, source: &'static str) -> Self {
        self.formula = formula;
        self.source = RateSource::Documented(source);
        self
    }

    /// Sets formula and assumption.
    pub(crate) fn assumed(mut self, formula: &'static str, source: &'static str) -> Self {
        self.formula = formula;
        self.source = RateSource::Assumed(source);
        self
    }

    /// Returns a short name of the client.
    pub fn client(&self) -> String {
        self.request.client.label()
    }

    /// Returns the verb.
    pub const fn verb(&self) -> &'static str {
        self.request.verb
    }

    /// Returns the path of the first URL, with placeholders in angle brackets.
    pub fn path(&self) -> &'static str {
        let target = self.request.targets.first().copied().unwrap_or_default();
        target.split('?').next().unwrap_or_default()
    }

    /// Returns the number of URLs.
    pub const fn paths(&self) -> usize {
        self.request.targets.len()
    }

    /// Returns whether requests are long-running, so that the server also records ResponseStarted.
    pub const fn is_long_running(&self) -> bool {
        self.request.seconds.is_some()
    }

    /// Returns the events per second if all stages are recorded.
    pub fn events_per_second(&self) -> f64 {
        self.per_second * if self.is_long_running() { 3.0 } else { 2.0 }
    }
}
