//! The words of the command line.

use audit_policy::KubernetesVersion;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::file_name::FileName;

/// Predicts what kube-apiserver does with a Kubernetes audit policy: whether it loads, which rule a request meets, what is written.
///
/// Exit status: 0 done; 1 the policy is rejected (with --strict: or doubtful); 2 the call is wrong, a file cannot be opened, or nothing could be
/// read from a file that is not empty. A line of a log that cannot be read, next to others that can, is reported and counted; it is not a failure.
#[derive(Debug, Parser)]
#[command(
    name = "audit-policy",
    bin_name = "audit-policy",
    version,
    arg_required_else_help = true
)]
pub(crate) struct Arguments {
    /// Kubernetes minor version whose behaviour counts
    #[arg(long, global = true, value_name = "X.Y", default_value_t)]
    pub(crate) kubernetes_version: KubernetesVersion,

    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Say whether kube-apiserver would start with a policy, and what is doubtful in it
    Check(Check),
    /// Say which rule each request meets, and at which level it is recorded
    Evaluate(Evaluate),
    /// Say for each event of an audit log what the policy would make of it
    Simulate(Simulate),
    /// Say how much a policy writes of a log, a day, and by what; what that means for disk and wires, and what would make it less
    Estimate(Estimate),
    /// Make a log of what the components of a cluster ask, for want of one of your own
    Model(Model),
    /// Print kube-apiserver flags and manifests for a policy
    Export(Export),
    /// Read flags, a manifest or a kubeadm file into settings
    Import(Import),
}

/// `check`
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextOrJson,
    /// Apply every offered fix to the files; from standard input, print the mended policy
    #[arg(long)]
    pub(crate) fix: bool,
    /// Fail on warnings too
    #[arg(long)]
    pub(crate) strict: bool,
    /// Policy files; `-` is standard input
    #[arg(required = true, value_name = "POLICY")]
    pub(crate) policies: Vec<FileName>,
}

/// `evaluate`
#[derive(Debug, Args)]
pub(crate) struct Evaluate {
    /// The policy file; `-` is standard input
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: FileName,
    /// Add what each rule says of the request
    #[arg(long)]
    pub(crate) explain: bool,
    /// Requests, one JSON object a line; `-` is standard input
    #[arg(default_value = "-", value_name = "REQUESTS")]
    pub(crate) requests: FileName,
}

/// `simulate`
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// The policy file; `-` is standard input
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: FileName,
    /// What to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: SimulateFormat,
    /// The format of written lines, as of the server's flag of that name
    #[arg(long, value_enum, default_value_t)]
    pub(crate) log_format: LogFormat,
    /// The version of audit.k8s.io in which events are written, as of the server's flag `--audit-log-version`; up to 1.23 there are
    /// others than v1
    #[arg(long, value_enum, default_value_t)]
    pub(crate) log_version: LogVersion,
    /// Turn truncation on: the largest event in bytes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) truncate_max_event_size: Option<u64>,
    /// The largest batch in bytes; the server wants it no smaller than an event
    #[arg(long, value_name = "N", requires = "truncate_max_event_size")]
    pub(crate) truncate_max_batch_size: Option<u64>,
    /// Add the events of stages that a log lacks and the policy keeps, derived from the later stage
    #[arg(long)]
    pub(crate) derive_stages: bool,
    /// Audit logs; `-` is standard input
    #[arg(required = true, value_name = "LOG")]
    pub(crate) logs: Vec<FileName>,
}

/// `estimate`
#[derive(Debug, Args)]
pub(crate) struct Estimate {
    /// The policy file; `-` is standard input
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: FileName,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextOrJson,
    /// How many users, groups, resources, verbs and namespaces to print as text
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub(crate) top: usize,
    /// Print the arithmetic behind each figure
    #[arg(long)]
    pub(crate) explain: bool,
    /// A policy to compare with, such as the one in force: what is saved, what is no longer seen
    #[arg(long, value_name = "POLICY")]
    pub(crate) baseline: Option<FileName>,
    /// Price of taking in one GB, in a currency of your own
    #[arg(long, value_name = "PRICE", value_parser = price, allow_negative_numbers = true)]
    pub(crate) price_ingested: Option<f64>,
    /// Price of storing one GB for a month
    #[arg(long, value_name = "PRICE", value_parser = price, allow_negative_numbers = true)]
    pub(crate) price_stored: Option<f64>,
    /// Turn truncation on, to see what it would cut: the largest event in bytes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) truncate_max_event_size: Option<u64>,
    /// The largest batch in bytes; the server wants it no smaller than an event
    #[arg(long, value_name = "N", requires = "truncate_max_event_size")]
    pub(crate) truncate_max_batch_size: Option<u64>,
    /// Propose rules that leave out what machines read over and over; nothing that an audit log is kept for
    #[arg(long)]
    pub(crate) propose: bool,
    /// Propose to leave out two kinds of writes, too: heartbeats of leases, and events that components record
    #[arg(long, requires = "propose")]
    pub(crate) include_writes: bool,
    /// Print the policy with every proposed rule in it, and nothing else; the savings and the proof go to standard error
    #[arg(long, requires = "propose")]
    pub(crate) apply: bool,
    /// Audit logs, which count as one; `-` is standard input
    #[arg(required = true, value_name = "LOG")]
    pub(crate) logs: Vec<FileName>,
    #[command(flatten)]
    pub(crate) log: LogOptions,
}

/// `model`
#[derive(Debug, Args)]
pub(crate) struct Model {
    /// The cluster as a JSON file, as `--print-profile` prints it; the options below override it
    #[arg(long, value_name = "FILE")]
    pub(crate) profile: Option<FileName>,
    /// Nodes with an API server
    #[arg(long, value_name = "N")]
    pub(crate) control_plane_nodes: Option<u32>,
    /// The other nodes
    #[arg(long, value_name = "N")]
    pub(crate) nodes: Option<u32>,
    /// Pods
    #[arg(long, value_name = "N")]
    pub(crate) pods: Option<u32>,
    /// How long a log to make, in seconds; it is shorter where it would hold more events than `--events`
    #[arg(long, value_name = "N", default_value_t = 3600)]
    pub(crate) seconds: u32,
    /// How many events to make at the most
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub(crate) events: u64,
    /// Print the cluster in full, in place of its log
    #[arg(long)]
    pub(crate) print_profile: bool,
    /// Print who asks what, how often, and where that is written, in place of the log
    #[arg(long, conflicts_with = "print_profile")]
    pub(crate) rates: bool,
}

/// `export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The policy file; `-` is standard input
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: Option<FileName>,
    /// What to print, such as policy, flags, static-pod, kubeadm-v1beta4, kind or k3s; all of them if not given, and a wrong name lists them
    #[arg(long, value_name = "TARGET")]
    pub(crate) target: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextOrJson,
    /// Where the policy file lies on the control-plane node
    #[arg(long, value_name = "PATH")]
    pub(crate) policy_path: Option<String>,
    /// Set any flag of the server, without its dashes, or `webhook-server`, `webhook-auth` (token, client-certificate) or `include-defaults`
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Put the settings into this manifest of a static pod, and leave all else in it as it is; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<FileName>,
    /// Print what changes in the manifest, as `diff -u` does
    #[arg(long, requires = "manifest")]
    pub(crate) diff: bool,
    /// Save all files of the target in their paths, with the steps as README.md, as this archive
    #[arg(long, value_name = "FILE", conflicts_with = "diff")]
    pub(crate) zip: Option<FileName>,
    #[command(flatten)]
    pub(crate) log: LogOptions,
    /// Logs: with them it is said whether the disk holds what is to be kept
    #[arg(value_name = "LOG")]
    pub(crate) logs: Vec<FileName>,
}

/// `import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// How to print: the flags one a line, or the settings as `export --settings` reads them
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextOrJson,
    /// Flags, the manifest of kube-apiserver's pod, or a configuration that holds them; `-` is standard input
    #[arg(default_value = "-", value_name = "FILE")]
    pub(crate) files: Vec<FileName>,
}

/// What the log backend is set to, for every verb that asks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Log backend")]
pub(crate) struct LogOptions {
    /// Settings as a JSON file, as `export --format json` prints them; the options below override it
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<FileName>,
    /// Where the log goes; `-` is the server's standard output
    #[arg(long, value_name = "PATH", allow_hyphen_values = true)]
    pub(crate) log_path: Option<String>,
    /// Days to keep rotated files
    #[arg(long, value_name = "DAYS", allow_negative_numbers = true)]
    pub(crate) max_age: Option<i64>,
    /// Rotated files to keep
    #[arg(long, value_name = "FILES", allow_negative_numbers = true)]
    pub(crate) max_backup: Option<i64>,
    /// Size at which a file is rotated, in MB
    #[arg(long, value_name = "MB", allow_negative_numbers = true)]
    pub(crate) max_size: Option<i64>,
    /// Compress rotated files
    #[arg(long)]
    pub(crate) compress: bool,
}

/// For people or for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum TextOrJson {
    /// For people
    #[default]
    Text,
    /// JSON lines
    Json,
}

/// What `simulate` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum SimulateFormat {
    /// A table for people
    #[default]
    Table,
    /// A JSON object an event
    Json,
    /// The log as the server would have written it
    Events,
    /// One JSON object with the sums
    Summary,
}

/// `--audit-log-format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum LogFormat {
    /// One JSON object an event
    #[default]
    Json,
    /// The old one-line text
    Legacy,
}

/// `--audit-log-version`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum LogVersion {
    /// audit.k8s.io/v1
    #[default]
    V1,
    /// audit.k8s.io/v1beta1, up to Kubernetes 1.23
    V1beta1,
    /// audit.k8s.io/v1alpha1, up to Kubernetes 1.23
    V1alpha1,
}

/// A price: a number that is finite and not below zero.
fn price(text: &str) -> Result<f64, String> {
    let price: f64 = text
        .parse()
        .map_err(|_| "a price is a number, such as 0.50".to_owned())?;
    if price.is_finite() && price >= 0.0 {
        Ok(price)
    } else {
        Err("a price is a finite number that is not below zero".to_owned())
    }
}
