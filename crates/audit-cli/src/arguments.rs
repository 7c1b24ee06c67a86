//! The arguments of the command.

mod can;
mod check;
mod choices;
mod compile;
mod config;
mod detections;
mod filter;
mod inspect;
mod installation;
mod log_options;
mod lsp;
mod new;
mod output_file;
mod report;
mod review;
mod schema;
mod sums;
mod test;

use audit_policy::KubernetesVersion;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::num::NonZeroUsize;

use crate::file_name::FileName;

pub(crate) use can::Can;
pub(crate) use check::{Check, CheckFormat};
pub(crate) use choices::TextOrJson;
pub(crate) use compile::Compile;
pub(crate) use config::ConfigOptions;
pub(crate) use detections::{Detections, DetectionsFormat};
pub(crate) use filter::Filter;
pub(crate) use inspect::Inspect;
pub(crate) use installation::{Completions, Man};
pub(crate) use log_options::LogOptions;
pub(crate) use lsp::Lsp;
pub(crate) use new::New;
pub(crate) use output_file::OutputFile;
pub(crate) use report::{Report, ReportFormat};
pub(crate) use review::{Review, ReviewFormat};
pub(crate) use schema::{Layout, Schema};
pub(crate) use sums::{Merge, SumsOf};
pub(crate) use test::{Test, TestFormat};

use choices::version;

/// Predicts the effect of a Kubernetes audit policy: whether kube-apiserver accepts it, which rule matches a request, and what is logged.
///
/// Exit status: 0 success; 1 the policy is rejected (with --fail-on: or a finding reaches a severity), a log contradicts the policy, claims cannot be met, or kube-apiserver does not start with the settings; 2 the arguments are wrong, a file cannot be opened, or nothing
/// could be read from a file that is not empty. If only some lines of a log cannot be read, they are reported and counted, and the command succeeds.
#[derive(Debug, Parser)]
#[command(
    name = "audit-policy",
    bin_name = "audit-policy",
    version,
    arg_required_else_help = true
)]
pub(crate) struct Arguments {
    /// Kubernetes minor version to emulate, 1.20 to 1.37; by default that of the configuration for the commands that read it, or else 1.36, the newest that is verified
    #[arg(long, global = true, value_name = "X.Y", value_parser = version)]
    pub(crate) kubernetes_version: Option<KubernetesVersion>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check whether kube-apiserver accepts a policy, and report probable mistakes
    Check(Check),
    /// Print the rule that matches each request, and the level it is logged at
    Evaluate(Evaluate),
    /// Print a comment for a pull request: what each changed policy loses and gains, new findings, and the tests
    Review(Review),
    /// Apply a policy to each event of an audit log
    Simulate(Simulate),
    /// Print what kube-apiserver would have written of the events on standard input, as a filter next to a managed cluster
    ///
    /// Events that arrive through a pipe are printed at once. At the end, and on SIGTERM or SIGINT, all that was read is printed, and standard
    /// error gets a summary.
    Filter(Filter),
    /// Print a policy as a program for another tool, such as a query for a database with audit logs
    Compile(Compile),
    /// Print the totals of logs under a policy as JSON, to be added to those of other logs with `merge`
    Sums(SumsOf),
    /// Add totals that `sums` has printed, on any number of machines
    Merge(Merge),
    /// Check whether an audit log was written by a server with a policy; fails if it was not, or if no event could be checked
    Verify(Verify),
    /// Report what is odd about an audit log, and say who sent a request or what happened to an object
    Inspect(Inspect),
    /// Estimate the events and bytes per day that a policy writes, what that means for disk and network, and how to reduce it
    Estimate(Estimate),
    /// Generate a synthetic audit log for a cluster
    Model(Model),
    /// Print kube-apiserver flags and manifests for a policy
    Export(Export),
    /// Read flags, a manifest or a kubeadm file into settings
    Import(Import),
    /// Replace names, addresses and values in audit logs, and in a policy, by pseudonyms of the same length, so that both can be shown to others
    Redact(Redact),
    /// Print every verdict that requests of a class can get, each with an example
    Can(Can),
    /// Print which requests two policies treat differently, losses first
    Diff(Diff),
    /// Print a policy that meets claims, each by proof, or the claims that contradict each other
    New(New),
    /// Print an equal policy from which no rule and no value can be removed
    Simplify(Simplify),
    /// Run tests of a policy: requests are evaluated, and claims about classes of requests are proved, or fail with a request that shows it
    Test(Test),
    /// Check lessons: whether model answers pass, starts do not, and wrong answers fail with the stated reason
    Lesson(Lesson),
    /// Print evidence for auditors: claims of standards about a policy, each with a proof or a request that refutes it
    Report(Report),
    /// Print which published rules of Falco, Sigma, Elastic and Panther can fire under a policy, what blinds the others, and a change that lets each fire
    Detections(Detections),
    /// Print the rules that a cloud documents for its control planes as a policy, to compare it with one's own
    Cloud(Cloud),
    /// Print the page of a finding, such as AP020
    Explain(Explain),
    /// Print the JSON schema of a policy for a Kubernetes version, which editors and kubeconform read
    Schema(Schema),
    /// Serve an editor over standard input and output: findings, fixes, completion and help in policies, in the language server protocol
    Lsp(Lsp),
    /// Print the script that completes commands and options in a shell
    Completions(Completions),
    /// Print the manual page of the program or of a command
    Man(Man),
    /// Answer questions of AI assistants about policies and logs, as a Model Context Protocol server on standard input and output
    ///
    /// Texts come with each question: no file is read or written, and nothing is sent elsewhere. The server ends with its input.
    Mcp,
    /// Print a reference of all commands and options, in Markdown
    #[command(hide = true)]
    Reference,
}

impl Command {
    /// Returns the options about the configuration. `None` if the command uses none.
    pub(crate) const fn config_options(&self) -> Option<&ConfigOptions> {
        match self {
            Self::Check(check) => Some(&check.config),
            Self::Test(test) => Some(&test.config),
            Self::Report(report) => Some(&report.config),
            Self::Review(review) => Some(&review.config),
            _ => None,
        }
    }
}

/// `evaluate`
#[derive(Debug, Args)]
pub(crate) struct Evaluate {
    /// The policy file, or a document with a policy inside, such as a ConfigMap; `-` is standard input
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: FileName,
    /// Add the result of each rule for the request
    #[arg(long)]
    pub(crate) explain: bool,
    /// Requests, one JSON object per line with the keys `user`, `groups`, `verb`, `namespace`, `apiGroup`, `resource`, `subresource`, `name`, `path`
    /// and `isResourceRequest` (false if absent: then only `path` counts); in JSON output, `rule` counts from 0; `-` is standard input
    #[arg(default_value = "-", value_name = "REQUESTS")]
    pub(crate) requests: FileName,
}

/// `diff`
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// Output format; `markdown` is for a pull request, at most 60 lines
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: DiffFormat,
    /// Count the events of a log in each difference, and estimate the bytes per day; can be given more than once
    #[arg(long, value_name = "LOG")]
    pub(crate) log: Vec<FileName>,
    /// Leave out requests that no URL, method and identity produce, such as a create with a name
    #[arg(long)]
    pub(crate) possible: bool,
    /// Fail if the policies differ
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// Kubernetes version of the first policy, if it is another than that of the second
    #[arg(long, value_name = "X.Y", value_parser = version)]
    pub(crate) old_version: Option<KubernetesVersion>,
    /// The policy before, or a document with a policy inside; `-` is standard input
    #[arg(value_name = "OLD")]
    pub(crate) old: FileName,
    /// The policy after
    #[arg(value_name = "NEW")]
    pub(crate) new: FileName,
}

/// Output format of `diff`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum DiffFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object.
    Json,
    /// For a pull request.
    Markdown,
}

/// `lesson`
#[derive(Debug, Args)]
pub(crate) struct Lesson {
    /// Action
    #[arg(value_enum, value_name = "ACTION")]
    pub(crate) action: LessonAction,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextOrJson,
    /// Lessons: Markdown files with steps; `-` is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<FileName>,
}

/// Action of `lesson`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LessonAction {
    /// Try the answers of each step; fails if one does not do what the lesson states.
    Check,
}

/// `simplify`
#[derive(Debug, Args)]
pub(crate) struct Simplify {
    /// Print the changes instead of the policy
    #[arg(long)]
    pub(crate) diff: bool,
    /// The policy file; `-` is standard input
    #[arg(value_name = "POLICY")]
    pub(crate) policy: FileName,
}

/// `simulate`
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// The policy file, or a document with a policy inside, such as a ConfigMap; `-` is standard input
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: FileName,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: SimulateFormat,
    /// Format of written lines, as the server's flag `--audit-log-format`
    #[arg(long, value_enum, default_value_t)]
    pub(crate) log_format: LogFormat,
    /// API version of written events, as the server's flag `--audit-log-version`; versions other than v1 exist up to Kubernetes 1.23
    #[arg(long, value_enum, default_value_t)]
    pub(crate) log_version: LogVersion,
    /// Enable truncation: maximum size of an event in bytes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) truncate_max_event_size: Option<u64>,
    /// Maximum size of a batch in bytes; must not be smaller than that of an event
    #[arg(long, value_name = "N", requires = "truncate_max_event_size")]
    pub(crate) truncate_max_batch_size: Option<u64>,
    /// Add events of stages that the policy logs and the log does not contain, derived from the later stage
    #[arg(long)]
    pub(crate) derive_stages: bool,
    /// Print for each event why each rule matches or not; for `--format table` and `json`
    #[arg(long)]
    pub(crate) explain: bool,
    /// Number of threads that read events, one per core by default, at most 256; the output is the same for any number. Ignored with `--derive-stages`, which reads in order
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Audit logs; `-` is standard input
    #[arg(required = true, value_name = "LOG")]
    pub(crate) logs: Vec<FileName>,
}

/// `verify`
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The policy file, or a document with a policy inside, such as a ConfigMap; `-` is standard input; repeat it to find the policy that fits best
    #[arg(long = "policy", value_name = "POLICY", required = true)]
    pub(crate) policies: Vec<FileName>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextOrJson,
    /// Audit logs, such as one of each control-plane node; `-` is standard input
    #[arg(required = true, value_name = "LOG")]
    pub(crate) logs: Vec<FileName>,
}

/// `redact`
#[derive(Debug, Args)]
pub(crate) struct Redact {
    /// The policy of the log: its names get the same pseudonyms, and every event keeps its verdict, outcome and size under it; `-` is standard input
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: FileName,
    /// Write the policy with the same pseudonyms to a file; of a document with a policy inside, the policy only. In comments only names of rules and events are replaced: read them first
    #[arg(long, value_name = "FILE")]
    pub(crate) save_policy: Option<FileName>,
    /// Write the parts of names and their pseudonyms to a file, as JSON lines; not to be shown to others
    #[arg(long, value_name = "FILE")]
    pub(crate) save_names: Option<FileName>,
    /// The number that decides which pseudonym a name gets; random by default; not to be shown to others
    #[arg(long, value_name = "N")]
    pub(crate) key: Option<u64>,
    /// Audit logs; `-` is standard input
    #[arg(required = true, value_name = "LOG")]
    pub(crate) logs: Vec<FileName>,
}

/// `estimate`
#[derive(Debug, Args)]
pub(crate) struct Estimate {
    /// The policy file, or a document with a policy inside, such as a ConfigMap; `-` is standard input
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: FileName,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextOrJson,
    /// Maximum number of users, groups, resources, verbs and namespaces to list in text output
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub(crate) top: usize,
    /// Print the arithmetic behind each figure
    #[arg(long)]
    pub(crate) explain: bool,
    /// Number of threads that read events, one per core by default, at most 256; the output is the same for any number
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,
    /// Policy to compare with, such as the current one: what is saved, and what is no longer logged
    #[arg(long, value_name = "POLICY")]
    pub(crate) baseline: Option<FileName>,
    /// Price of ingesting one GB, in a currency of your choice
    #[arg(long, value_name = "PRICE", value_parser = price, allow_negative_numbers = true)]
    pub(crate) price_ingested: Option<f64>,
    /// Price of storing one GB for a month
    #[arg(long, value_name = "PRICE", value_parser = price, allow_negative_numbers = true)]
    pub(crate) price_stored: Option<f64>,
    /// Enable truncation, to see what it would cut: maximum size of an event in bytes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) truncate_max_event_size: Option<u64>,
    /// Maximum size of a batch in bytes; must not be smaller than that of an event
    #[arg(long, value_name = "N", requires = "truncate_max_event_size")]
    pub(crate) truncate_max_batch_size: Option<u64>,
    /// Suggest settings that omit stages and managed fields, and rules that omit repeated reads by machines
    #[arg(long)]
    pub(crate) propose: bool,
    /// Also suggest omitting two kinds of writes: lease heartbeats, and Event objects of components
    #[arg(long, requires = "propose")]
    pub(crate) include_writes: bool,
    /// Print only the policy with all suggestions; the savings and the proof go to standard error
    #[arg(long, requires = "propose")]
    pub(crate) apply: bool,
    /// Metrics of an API server instead of a log, as printed by `kubectl get --raw /metrics` or Prometheus' query API; several files are two
    /// scrapes of the same server or those of several servers; `-` is standard input. Not with a log, and not with the options that need one: `--baseline`, `--propose`, `--explain`,
    /// and those for prices, truncation and the log file
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["logs", "explain", "price_ingested", "price_stored", "truncate_max_event_size", "settings", "log_path", "max_age", "max_backup", "max_size", "compress"]
    )]
    pub(crate) metrics: Vec<FileName>,
    /// Time that the counters of the metrics cover, such as 36h or 1d12h: since the server started or, of two scrapes, between them
    #[arg(long, value_name = "DURATION", visible_alias = "uptime", value_parser = window, requires = "metrics")]
    pub(crate) window: Option<f64>,
    /// Audit logs, evaluated as one; `-` is standard input; without a log, use `--metrics`
    #[arg(required_unless_present = "metrics", value_name = "LOG")]
    pub(crate) logs: Vec<FileName>,
    #[command(flatten)]
    pub(crate) log: LogOptions,
}

/// `model`
#[derive(Debug, Args)]
pub(crate) struct Model {
    /// Cluster profile as a JSON file, as printed by `--print-profile`; the options below override it
    #[arg(long, value_name = "FILE")]
    pub(crate) profile: Option<FileName>,
    /// Number of nodes with an API server
    #[arg(long, value_name = "N")]
    pub(crate) control_plane_nodes: Option<u32>,
    /// Number of other nodes
    #[arg(long, value_name = "N")]
    pub(crate) nodes: Option<u32>,
    /// Number of pods
    #[arg(long, value_name = "N")]
    pub(crate) pods: Option<u32>,
    /// Duration of the log in seconds; shorter if it would exceed the number of `--events`
    #[arg(long, value_name = "N", default_value_t = 3600)]
    pub(crate) seconds: u32,
    /// Maximum number of events
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub(crate) events: u64,
    /// Print the complete profile instead of the log
    #[arg(long)]
    pub(crate) print_profile: bool,
    /// Print the request rate of each component, with its source, instead of the log
    #[arg(long, conflicts_with = "print_profile")]
    pub(crate) rates: bool,
}

/// `export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The policy file, or a document with a policy inside, such as a ConfigMap; `-` is standard input
    #[arg(long, value_name = "POLICY")]
    pub(crate) policy: Option<FileName>,
    /// Export target, such as policy, flags, static-pod, kubeadm-v1beta4, kind or k3s; all targets if not set; an unknown name lists them
    #[arg(long, value_name = "TARGET")]
    pub(crate) target: Option<String>,
    /// Output format
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextOrJson,
    /// Path of the policy file on the control-plane node
    #[arg(long, value_name = "PATH")]
    pub(crate) policy_path: Option<String>,
    /// Set any audit flag of kube-apiserver, without its dashes, or `webhook-server`, `webhook-auth` (token, client-certificate) or `include-defaults`
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Put the settings into this manifest of a static pod, without changing anything else; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) manifest: Option<FileName>,
    /// Print the changes of the manifest in the format of `diff -u`
    #[arg(long, requires = "manifest")]
    pub(crate) diff: bool,
    /// Save all files of the target as a zip archive, with the steps in README.md
    #[arg(long, value_name = "FILE", conflicts_with = "diff")]
    pub(crate) zip: Option<FileName>,
    /// Audit logs to check the retention settings against
    #[arg(value_name = "LOG")]
    pub(crate) logs: Vec<FileName>,
    #[command(flatten)]
    pub(crate) log: LogOptions,
}

/// `import`
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// Output format: the flags, one per line, or the settings as `export --settings` reads them
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: TextOrJson,
    /// List what changes with an upgrade to this version, from `--kubernetes-version` or from the version that the text names
    #[arg(long, value_name = "X.Y", value_parser = version)]
    pub(crate) upgrade_to: Option<KubernetesVersion>,
    /// Flags, the manifest of kube-apiserver's pod, or a configuration that contains them; `-` is standard input
    #[arg(default_value = "-", value_name = "FILE")]
    pub(crate) files: Vec<FileName>,
}

/// `cloud`
#[derive(Debug, Args)]
pub(crate) struct Cloud {
    /// The cloud: `eks`, `gke` or `aks`; all are listed if it is not set
    #[arg(value_name = "CLOUD")]
    pub(crate) name: Option<String>,
}

/// `explain`
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Codes of findings; `--list` lists all
    #[arg(value_name = "CODE", required_unless_present = "list")]
    pub(crate) codes: Vec<String>,
    /// List all codes with their usual severity, which a finding may lower or raise, and title
    #[arg(long, conflicts_with = "codes")]
    pub(crate) list: bool,
    /// Output format of the list
    #[arg(long, value_enum, default_value_t, conflicts_with = "codes")]
    pub(crate) format: TextOrJson,
}

/// Output format of `simulate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum SimulateFormat {
    /// Human-readable table
    #[default]
    Table,
    /// One JSON object per event
    Json,
    /// The log as the server would write it
    Events,
    /// One JSON object with the totals
    Summary,
}

/// `--audit-log-format`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum LogFormat {
    /// One JSON object per event
    #[default]
    Json,
    /// The old text format, one line per event
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

/// Parses a duration in days, hours, minutes and seconds, each at most once, such as `1d12h`; returns seconds.
fn window(text: &str) -> Result<f64, String> {
    let wrong =
        || "a duration is a positive number with a unit, such as 36h, 90m or 1d12h".to_owned();
    let mut seconds = 0.0;
    let mut rest = text.trim();
    let mut last_unit = f64::INFINITY;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .ok_or_else(wrong)?;
        let (number, after) = rest.split_at(end);
        let number: f64 = number.parse().map_err(|_| wrong())?;
        let mut characters = after.chars();
        let unit = match characters.next() {
            Some('d') => 86_400.0,
            Some('h') => 3_600.0,
            Some('m') => 60.0,
            Some('s') => 1.0,
            _ => return Err(wrong()),
        };
        if unit >= last_unit {
            return Err(wrong());
        }
        last_unit = unit;
        seconds += number * unit;
        rest = characters.as_str();
    }
    if seconds > 0.0 && seconds.is_finite() {
        Ok(seconds)
    } else {
        Err(wrong())
    }
}

/// Parses a price: a finite number that is not negative.
fn price(text: &str) -> Result<f64, String> {
    let price: f64 = text
        .parse()
        .map_err(|_| "a price is a number, such as 0.50".to_owned())?;
    if price.is_finite() && price >= 0.0 {
        Ok(price)
    } else {
        Err("a price is a finite number that is not negative".to_owned())
    }
}
