//! Context of one request: its client, object and time, and the values of template placeholders.

use std::fmt::Write as _;

use crate::profile::{Operator, Profile};
use crate::random::mix;
use crate::rate::{RequestTemplate, Schedule};
use crate::time::{SECOND, write_micros, write_seconds};
use crate::url::ObjectRef;

/// Index of the first pod created during the log, so that its name is new.
const NEW_PODS_FROM: i64 = 1 << 32;

/// Creation time of most objects, long before the log.
const LONG_AGO: i64 = -26 * 3_600 * SECOND;

/// Context of one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestContext<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) request: &'a RequestTemplate,
    /// Object that the URL names; empty while the URL itself is rendered.
    pub(crate) object: ObjectRef<'a>,
    /// Sequence number among the requests of its rate.
    pub(crate) sequence: i64,
    /// Index of the client among those of its kind.
    pub(crate) client: u64,
    /// Index of the object among those of the client.
    pub(crate) item: u64,
    /// Index of the pod that it is about.
    pub(crate) pod: u64,
    /// Index of the node that it is about or comes from.
    pub(crate) node: u64,
    /// Index of the workload that it is about.
    pub(crate) app: u64,
    /// Time at which it is received, in microseconds since the start of the log.
    pub(crate) at: i64,
}

impl<'a> RequestContext<'a> {
    /// Creates the context of the request with a sequence number.
    pub(crate) fn new(
        profile: &'a Profile,
        request: &'a RequestTemplate,
        tick: i64,
        at: i64,
    ) -> Self {
        let nodes = u64::from(profile.all_nodes()).max(1);
        let number = tick.rem_euclid(NEW_PODS_FROM).unsigned_abs();
        let mut context = Self {
            profile,
            request,
            object: ObjectRef::default(),
            sequence: tick,
            client: number,
            item: number,
            pod: mix(1, number) % u64::from(profile.pods).max(1),
            node: 0,
            app: number,
            at,
        };
        match request.schedule {
            Schedule::RoundRobin {
                clients: actors,
                items: each,
            }
            | Schedule::PodNodes {
                clients: actors,
                items: each,
            } => {
                let turn = number % actors.saturating_mul(each).max(1);
                context.client = turn / each.max(1);
                context.item = turn % each.max(1);
                context.node = match request.schedule {
                    Schedule::PodNodes { .. } => profile.pod_node(context.client),
                    _ => context.client % nodes,
                };
                context.app = context.client.wrapping_add(context.item);
            }
            Schedule::Pods(pods) => {
                context.pod = number % pods.max(1);
                context.node = profile.pod_node(context.pod);
                context.client = context.node;
                context.app = context.pod;
            }
            Schedule::NewEachTime => {
                context.pod = tick.saturating_add(NEW_PODS_FROM).unsigned_abs();
                context.node = profile.pod_node(mix(2, context.pod));
                context.client = request.client.client_index(number, profile);
                context.app = mix(3, context.pod);
            }
        }
        context.app %= u64::from(profile.deployments).max(1);
        context
    }

    /// Renders the URL as the server prints it, except for `&`.
    pub(crate) fn url(&self) -> String {
        let targets = self.request.targets;
        let count = targets.len().max(1) as u64;
        let index = usize::try_from(self.item % count).unwrap_or(0);
        let mut url = String::new();
        self.render(targets.get(index).copied().unwrap_or("/"), true, &mut url);
        url
    }

    /// Returns the context of an object in a list.
    pub(crate) fn list_item(&self, number: u64) -> Self {
        let mut other = *self;
        other.pod = self.pod.wrapping_add(number.wrapping_mul(7));
        other.app = self.app.wrapping_add(number) % u64::from(self.profile.deployments).max(1);
        other.item = number;
        other.object.name = "";
        other
    }

    /// Returns whether a discovery request is for the core group.
    pub(crate) fn is_core_discovery(&self) -> bool {
        self.request
            .targets
            .get(usize::try_from(self.item).unwrap_or(0) % self.request.targets.len().max(1))
            .is_some_and(|target| !target.starts_with("/apis"))
    }

    /// Returns the operator that makes the request, if it is one.
    pub(crate) fn operator(&self) -> Option<&'a Operator> {
        self.profile.operators.get(self.request.client.operator()?)
    }

    /// Returns whether clients of this version send `creationTimestamp: null` with objects that were never stored, as they do before 1.34.
    fn sends_null(&self) -> bool {
        !self.profile.version.at_least(34)
    }

    /// Renders a template. Optional parts are only included in `stored` objects.
    pub(crate) fn render(&self, template: &str, stored: bool, out: &mut String) {
        let mut rest = template.trim_end();
        while let Some(at) = rest.find(['<', '>']) {
            let (before, mark) = rest.split_at(at);
            if let Some(after) = mark.strip_prefix('>') {
                // The end of an optional part: the bracket belongs to the marker.
                out.push_str(before.strip_suffix(']').unwrap_or(before));
                rest = after;
                continue;
            }
            out.push_str(before);
            let mark = mark.strip_prefix('<').unwrap_or_default();
            rest = match mark.strip_prefix('[') {
                Some(kept) if stored => kept,
                Some(omitted) => omitted.split_once("]>").map_or("", |(_, after)| after),
                None => {
                    let (word, after) = mark.split_once('>').unwrap_or((mark, ""));
                    self.write_value(word, stored, out);
                    after
                }
            };
        }
        out.push_str(rest);
    }

    /// Writes the value of a placeholder.
    pub(crate) fn write_value(&self, word: &str, stored: bool, out: &mut String) {
        let _ = match word {
            "name" => return self.write_name(out),
            "resource" => return out.push_str(self.object.resource),
            "code" => write!(out, "{}", self.request.code),
            "node" => return self.write_node(out),
            "node-ip" => return self.write_node_ip(self.node, out),
            "app" => write!(out, "app-{}", self.app),
            "n" => write!(out, "{}", self.item),
            "actor" => write!(out, "{}", self.client),
            "ns" => return self.write_namespace(out),
            "op" => return out.push_str(self.operator().map_or("operator", |op| &op.name)),
            "op-ns" => return out.push_str(self.operator().map_or("default", |op| &op.namespace)),
            "set" | "hash" | "pod" | "job" | "kind" | "tail" | "hash16" => {
                return self.write_label(word, out);
            }
            "pod-ip" => write!(
                out,
                "10.{}.{}.{}",
                128 + self.node / 250 % 120,
                self.node % 250,
                self.pod % 250 + 2
            ),
            "uid" => return write_uid(mix(11, self.object_number()), out),
            "pod-uid" => return write_uid(mix(12, self.pod), out),
            "node-uid" => return write_uid(mix(13, self.node), out),
            "app-uid" => return write_uid(mix(14, self.app), out),
            "version" => write!(out, "{}", 88_214_000 + self.at.div_euclid(100_000)),
            "now" => return write_seconds(self.at, out),
            "then" => return write_seconds(LONG_AGO, out),
            "later" => return write_seconds(self.at.saturating_add(3_607 * SECOND), out),
            "now-micro" => return write_micros(self.at, out),
            "then-micro" => return write_micros(LONG_AGO, out),
            "created" if stored => {
                out.push_str(r#","creationTimestamp":""#);
                write_seconds(LONG_AGO, out);
                return out.push('"');
            }
            "created" | "null-created" => {
                return self.write_null(r#","creationTimestamp":null"#, out);
            }
            "null-created-lead" => return self.write_null(r#""creationTimestamp":null,"#, out),
            "null-created-only" => return self.write_null(r#""creationTimestamp":null"#, out),
            "unless-stored-false" => return out.push_str(if stored { "" } else { "false" }),
            _ => return self.write_other(word, out),
        };
    }

    fn write_other(&self, word: &str, out: &mut String) {
        let bits = mix(21, self.object_number());
        let _ = match word {
            "manager" => return out.push_str(self.request.client.field_manager(self)),
            "holder" => return self.request.client.write_lease_holder(self, out),
            "lease-seconds" => return out.push_str(self.lease_seconds()),
            "count" => write!(out, "{}", 2 + self.sequence.rem_euclid(300)),
            "digest" => write!(
                out,
                "{:016x}{:016x}{:016x}{:016x}",
                bits,
                mix(22, bits),
                mix(23, bits),
                mix(24, bits)
            ),
            "release" => write!(out, "v{}.0", self.profile.version),
            "watch" => {
                let seconds = self.watch_seconds();
                write!(
                    out,
                    "resourceVersion={}&timeout={}m{}s&timeoutSeconds={seconds}&watch=true",
                    88_214_000 + self.at.div_euclid(100_000),
                    seconds / 60,
                    seconds % 60,
                )
            }
            "token" => return write_base64(mix(25, bits), 1_180, out),
            "base64-1k" => return write_base64(mix(26, bits), 1_024, out),
            "base64-8k" => return write_base64(mix(27, bits), 8_192, out),
            "images" => return write_images(out),
            _ => Ok(()),
        };
    }

    /// Returns the requested duration of a watch, within the range of its rate.
    pub(crate) fn watch_seconds(&self) -> i64 {
        let Some((least, most)) = self.request.seconds else {
            return 0;
        };
        let span = (most - least).max(1).unsigned_abs();
        let extra = mix(31, self.sequence.unsigned_abs()) % span;
        least.saturating_add(i64::try_from(extra).unwrap_or(0))
    }

    fn write_null(&self, text: &str, out: &mut String) {
        if self.sends_null() {
            out.push_str(text);
        }
    }

    fn write_name(&self, out: &mut String) {
        if self.object.name.is_empty() {
            self.render(self.request.name, true, out);
        } else {
            out.push_str(self.object.name);
        }
    }

    fn write_node(&self, out: &mut String) {
        let control_plane = u64::from(self.profile.control_plane_nodes);
        let _ = if self.node < control_plane {
            write!(out, "control-plane-{}", self.node + 1)
        } else {
            write!(out, "worker-{}", self.node - control_plane + 1)
        };
    }

    /// Writes the address of a node.
    pub(crate) fn write_node_ip(&self, node: u64, out: &mut String) {
        let _ = write!(out, "10.0.{}.{}", node / 250 % 250, node % 250 + 4);
    }

    /// Writes the namespace of the URL, or of the workload if the URL does not contain one. The four namespaces that Kubernetes creates have no workloads.
    fn write_namespace(&self, out: &mut String) {
        if !self.object.namespace.is_empty() {
            return out.push_str(self.object.namespace);
        }
        match u64::from(self.profile.namespaces.saturating_sub(4)) {
            0 => out.push_str("default"),
            namespaces => {
                let _ = write!(out, "team-{}", self.app % namespaces);
            }
        }
    }

    fn write_label(&self, word: &str, out: &mut String) {
        let app = mix(41, self.app);
        let pod = mix(42, self.pod);
        let _ = match word {
            "hash" => return write_letters(app, 9, out),
            "tail" => return write_letters(mix(43, app), 5, out),
            "hash16" => write!(out, "{:016x}", mix(44, self.sequence.unsigned_abs())),
            "job" => write!(out, "app-{}-{}", self.app, 29_460_000 + self.pod % 100_000),
            "kind" => write!(out, "kind{}", self.item),
            _ => {
                let _ = write!(out, "app-{}-", self.app);
                write_letters(app, 9, out);
                if word == "pod" {
                    out.push('-');
                    write_letters(pod, 5, out);
                }
                Ok(())
            }
        };
    }

    /// Returns a number that is unique to the object.
    fn object_number(&self) -> u64 {
        let name = self
            .object
            .name
            .bytes()
            .fold(self.app, |number, byte| mix(number, u64::from(byte)));
        if self.object.name.is_empty() {
            mix(self.pod, self.item)
        } else {
            name
        }
    }

    fn lease_seconds(&self) -> &'static str {
        match self.object.namespace {
            "kube-node-lease" => "40",
            _ if self.object.name.starts_with("apiserver-") => "3600",
            _ => "15",
        }
    }
}

/// Writes random characters as in generated names of Kubernetes: no vowels, no lookalikes.
fn write_letters(mut bits: u64, count: usize, out: &mut String) {
    const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
    for _ in 0..count {
        let index = usize::try_from(bits % 27).unwrap_or(0);
        out.push(char::from(LETTERS.get(index).copied().unwrap_or(b'b')));
        bits = mix(bits, 1);
    }
}

/// Writes a UUID of version 4.
pub(crate) fn write_uid(bits: u64, out: &mut String) {
    let more = mix(51, bits);
    let _ = write!(
        out,
        "{:08x}-{:04x}-4{:03x}-{:x}{:03x}-{:012x}",
        bits >> 32,
        bits >> 16 & 0xffff,
        bits & 0xfff,
        8 + (more >> 62),
        more >> 48 & 0xfff,
        more & 0xffff_ffff_ffff
    );
}

fn write_base64(mut bits: u64, count: usize, out: &mut String) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for number in 0..count {
        if number % 10 == 0 {
            bits = mix(bits, 1);
        }
        let index = usize::try_from(bits >> (number % 10 * 6) & 63).unwrap_or(0);
        out.push(char::from(DIGITS.get(index).copied().unwrap_or(b'A')));
    }
}

/// Writes the 50 images of a node's status, the maximum that the kubelet reports.
fn write_images(out: &mut String) {
    for number in 0..50 {
        let bits = mix(61, number);
        if number > 0 {
            out.push(',');
        }
        let _ = write!(
            out,
            r#"{{"names":["registry.example.com/team/app-{number}@sha256:{bits:016x}{:016x}{:016x}{:016x}","registry.example.com/team/app-{number}:1.14.2"],"sizeBytes":{}}}"#,
            mix(62, bits),
            mix(63, bits),
            mix(64, bits),
            20_000_000 + bits % 300_000_000
        );
    }
}
