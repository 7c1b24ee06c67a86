//! The tools: which command each one runs, and its parameters.

use super::limits::{MAX_LOG_BYTES, MAX_METRICS_BYTES, MAX_TEXT_BYTES};
use super::parameter::{Kind, Parameter};

/// A tool.
#[derive(Debug)]
pub(super) struct Tool {
    /// Name in calls.
    pub(super) name: &'static str,
    /// Name for people.
    pub(super) title: &'static str,
    /// Purpose and result, for the model that chooses a tool.
    pub(super) description: &'static str,
    /// The command, with options that every call has.
    pub(super) words: &'static [&'static str],
    /// Form of what the command prints.
    pub(super) form: Form,
    /// Parameters, in the order of the command's arguments.
    pub(super) parameters: &'static [Parameter],
}

/// Form of what a command prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// One JSON object.
    Object,
    /// One JSON object per line, which are a list under this key.
    Lines(&'static str),
    /// A page in Markdown.
    Page,
}

const TEXT: Kind = Kind::Text(MAX_TEXT_BYTES);
const LOG: Kind = Kind::Text(MAX_LOG_BYTES);

const POLICY_HELP: &str = "Text of the policy in YAML or JSON, or of a document with one policy inside, such as a ConfigMap";

const VERSION: Parameter = Parameter::optional(
    "kubernetesVersion",
    Some("kubernetes-version"),
    Kind::Word,
    "Kubernetes minor version to emulate, such as 1.33; the newest that is verified if left out",
);

const POLICY: Parameter = Parameter::required("policy", Some("policy"), TEXT, POLICY_HELP);

const POSSIBLE: Parameter = Parameter::optional(
    "possible",
    Some("possible"),
    Kind::Switch,
    "Leave out requests that no URL, method and identity produce, such as a create with a name",
);

const CHECK: Tool = Tool {
    name: "check",
    title: "Check an audit policy",
    description: "Says whether kube-apiserver accepts a Kubernetes audit policy, with its own error and warning, and reports probable mistakes: code, severity, message, place, help and fix. `explain` has the page of a code.",
    words: &["check", "--format=json"],
    form: Form::Lines("policies"),
    parameters: &[
        VERSION,
        Parameter::required(
            "policy",
            None,
            TEXT,
            "Text of the policy in YAML or JSON, or of a document with policies inside, such as a ConfigMap",
        ),
    ],
};

const EVALUATE: Tool = Tool {
    name: "evaluate",
    title: "Evaluate requests",
    description: "Says at which level an audit policy logs each of these requests, and which rule matches. `rule` counts from 0, and is null if no rule matches.",
    words: &["evaluate"],
    form: Form::Lines("verdicts"),
    parameters: &[
        VERSION,
        POLICY,
        Parameter::optional(
            "explain",
            Some("explain"),
            Kind::Switch,
            "Add the result of each rule for the request",
        ),
        Parameter::required("requests", None, Kind::Requests, "The requests"),
    ],
};

const EXPLAIN: Tool = Tool {
    name: "explain",
    title: "Explain a finding or a verdict",
    description: "With `code`: the page of a finding, such as AP020, in Markdown. With `policy` and `request`: why each rule matches the request or not. Without any: all codes.",
    words: &["explain"],
    form: Form::Page,
    parameters: &[
        VERSION,
        Parameter::optional(
            "policy",
            Some("policy"),
            TEXT,
            "Text of the policy in YAML or JSON, together with a request",
        ),
        Parameter::optional(
            "code",
            None,
            Kind::Word,
            "Code of a finding, such as AP020; not together with a policy",
        ),
        Parameter::optional("request", None, Kind::Request, "The request to explain"),
    ],
};

const CAN: Tool = Tool {
    name: "can",
    title: "Ask about a class of requests",
    description: "Lists every verdict that requests of a class can get under an audit policy, over all requests that could come, each with an example. `producible` and `served` say whether the example can come.",
    words: &["can", "--format=json"],
    form: Form::Object,
    parameters: &[
        VERSION,
        POLICY,
        POSSIBLE,
        Parameter::optional(
            "query",
            None,
            Kind::Word,
            "Terms such as `verb=get,list resource=secrets namespace!=kube-system`, all of which hold; what is left out is anything. Attributes: user, userGroup, verb, apiGroup, resource, subresource, namespace, name, path",
        ),
    ],
};

const DIFF: Tool = Tool {
    name: "diff",
    title: "Compare two audit policies",
    description: "Lists the requests that two audit policies treat differently, over all requests that could come, losses first, each with an example. With a log: its events and bytes per day in each difference; they are null without one.",
    words: &["diff", "--format=json"],
    form: Form::Object,
    parameters: &[
        VERSION,
        POSSIBLE,
        Parameter::optional(
            "log",
            Some("log"),
            LOG,
            "Text of an audit log, to count its events in each difference",
        ),
        Parameter::optional(
            "oldVersion",
            Some("old-version"),
            Kind::Word,
            "Kubernetes version of the first policy, if it is another than that of the second",
        ),
        Parameter::required("old", None, TEXT, "Text of the policy before"),
        Parameter::required("new", None, TEXT, "Text of the policy after"),
    ],
};

const TEST: Tool = Tool {
    name: "test",
    title: "Test an audit policy",
    description: "Runs tests of an audit policy: requests are evaluated, and claims about classes of requests are proved, or fail with a request that shows it. `passed` is null if neither the policy nor the flags decide a claim.",
    words: &["test", "--format=json"],
    form: Form::Lines("results"),
    parameters: &[
        VERSION,
        Parameter::optional(
            "policy",
            Some("policy"),
            TEXT,
            "Text of the policy to test; left out: the one inside the tests",
        ),
        Parameter::optional(
            "coverage",
            Some("coverage"),
            Kind::Switch,
            "Also list the rules that no case reaches",
        ),
        Parameter::optional(
            "mutations",
            Some("mutations"),
            Kind::Switch,
            "Also list the changes of the policy that no case notices",
        ),
        Parameter::required(
            "tests",
            None,
            TEXT,
            "Text of the tests in YAML. Files that it names are not read",
        ),
    ],
};

const ESTIMATE: Tool = Tool {
    name: "estimate",
    title: "Estimate the volume of an audit policy",
    description: "Estimates the events and bytes per day that an audit policy writes, from an audit log or from metrics of an API server. What cannot be determined is null or a range, and what the log lacks is named.",
    words: &["estimate", "--format=json"],
    form: Form::Object,
    parameters: &[
        VERSION,
        POLICY,
        Parameter::optional(
            "baseline",
            Some("baseline"),
            TEXT,
            "Text of a policy to compare with, such as the current one",
        ),
        Parameter::optional(
            "priceIngested",
            Some("price-ingested"),
            Kind::Number,
            "Price of ingesting one GB, in a currency of your choice",
        ),
        Parameter::optional(
            "priceStored",
            Some("price-stored"),
            Kind::Number,
            "Price of storing one GB for a month",
        ),
        Parameter::optional(
            "truncateMaxEventSize",
            Some("truncate-max-event-size"),
            Kind::Bytes,
            "Enable truncation, to see what it would cut: maximum size of an event in bytes",
        ),
        Parameter::optional(
            "truncateMaxBatchSize",
            Some("truncate-max-batch-size"),
            Kind::Bytes,
            "Maximum size of a batch in bytes",
        ),
        Parameter::optional(
            "propose",
            Some("propose"),
            Kind::Switch,
            "Suggest settings and rules that reduce the volume",
        ),
        Parameter::optional(
            "includeWrites",
            Some("include-writes"),
            Kind::Switch,
            "Also suggest omitting lease heartbeats and Event objects of components",
        ),
        Parameter::optional(
            "settings",
            Some("settings"),
            Kind::Object,
            "Settings of the log backend, as the key `settings` of the answer of `export` has them",
        ),
        Parameter::optional(
            "metrics",
            Some("metrics"),
            Kind::Texts(MAX_METRICS_BYTES),
            "Metrics of an API server instead of a log, as `kubectl get --raw /metrics` prints them; two are two scrapes of one server, or those of two servers",
        ),
        Parameter::optional(
            "window",
            Some("window"),
            Kind::Word,
            "Time that the counters of the metrics cover, such as 36h",
        ),
        Parameter::optional(
            "log",
            None,
            LOG,
            "Text of an audit log, as JSON lines or in another format that can be recognized; left out: `metrics`",
        ),
    ],
};

const EXPORT: Tool = Tool {
    name: "export",
    title: "Export an audit policy",
    description: "Writes the flags of kube-apiserver, manifests and configurations that put an audit policy into effect, with steps, verification, undoing, and findings about the settings.",
    words: &["export", "--format=json"],
    form: Form::Object,
    parameters: &[
        VERSION,
        Parameter::optional("policy", Some("policy"), TEXT, POLICY_HELP),
        Parameter::optional(
            "target",
            Some("target"),
            Kind::Word,
            "Target, such as policy, flags, static-pod, kubeadm-v1beta4, kind or k3s; all if left out; an unknown name lists them",
        ),
        Parameter::optional(
            "set",
            Some("set"),
            Kind::Words,
            "Audit flags of kube-apiserver without their dashes, such as audit-log-maxage=30",
        ),
        Parameter::optional(
            "policyPath",
            Some("policy-path"),
            Kind::Word,
            "Path of the policy's file on the control-plane node",
        ),
        Parameter::optional(
            "manifest",
            Some("manifest"),
            TEXT,
            "Text of a static pod's manifest to put the settings into",
        ),
        Parameter::optional(
            "settings",
            Some("settings"),
            Kind::Object,
            "Settings, as the key `settings` of an earlier answer has them",
        ),
        Parameter::optional(
            "log",
            None,
            LOG,
            "Text of an audit log to check the retention against",
        ),
    ],
};

/// All tools.
pub(super) static TOOLS: [Tool; 8] = [CHECK, EVALUATE, EXPLAIN, CAN, DIFF, TEST, ESTIMATE, EXPORT];

/// Finds a tool.
pub(super) fn find(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| tool.name == name)
}
