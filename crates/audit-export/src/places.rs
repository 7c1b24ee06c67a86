//! Places where logs live, and how a policy is applied to them there.

use audit_compile::{Input, Target};

/// A place where logs live.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Place {
    /// Its name, such as `eks`.
    pub name: &'static str,
    /// Its name in sentences.
    pub title: &'static str,
    /// Sentences on what is out of reach of any filter there.
    pub out_of_reach: &'static str,
    /// Name of the cloud that runs the control plane. `None` if it is the reader's own.
    pub cloud: Option<&'static str>,
    /// Ways to apply a policy; the first is the usual one.
    pub ways: &'static [Way],
}

/// A way to apply a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Way {
    /// Its name in a list.
    pub title: &'static str,
    /// Sentences on what has to be done, and on its limits, with code in backticks.
    pub steps: &'static [&'static str],
    /// The text to copy.
    pub program: Program,
}

/// A text to copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// Lines of a shell.
    Shell(&'static str),
    /// The policy as a program, to be saved under this name.
    Compiled(Target, Input, &'static str),
}

const PIPE: &str = "`filter` writes what kube-apiserver would have written of the events that it reads, with trimmed bodies, and a summary at the end.";
const QUERY: &str = "The query gives each event its rule, level and outcome. It trims nothing: select the columns that the level allows.";
const LINES: &str = "`events` is a view or a table with a column `line`, a line of the log each.";
const NOT_RUN: &str =
    "The query was checked against the grammar of this database, and not run in it.";
const COMMAND: &str = "`audit-policy` is a single program; put it where the pipe runs, with the policy as `audit-policy.yaml`.";
const NOT_RECORDED: &str = "What the server did not record.";

const fn way(title: &'static str, steps: &'static [&'static str], program: Program) -> Way {
    Way {
        title,
        steps,
        program,
    }
}

/// All places, in the order of lists.
pub const PLACES: [Place; 6] = [
    Place {
        name: "eks",
        title: "Amazon EKS: CloudWatch Logs or S3",
        out_of_reach: "What EKS does not record, and events that it cuts: CloudWatch Logs takes up to 1 MB for one.",
        cloud: Some("eks"),
        ways: &[
            way(
                "A pipe from CloudWatch Logs",
                &[PIPE, COMMAND],
                Program::Shell(
                    "aws logs tail /aws/eks/CLUSTER/cluster --log-stream-name-prefix kube-apiserver-audit --follow |\n  audit-policy filter --policy audit-policy.yaml >> audit.log\n",
                ),
            ),
            way(
                "A query in Athena, over an export to S3",
                &[
                    QUERY,
                    "`events` is a table with a column `line` over the files of the export task.",
                    NOT_RUN,
                ],
                Program::Compiled(Target::Trino, Input::Eks, "athena.sql"),
            ),
            way(
                "A query in DuckDB, over an export to S3",
                &[
                    QUERY,
                    "`events` is a view with a column `line` over the files of the export task.",
                ],
                Program::Compiled(Target::DuckDb, Input::Eks, "duckdb.sql"),
            ),
            way(
                "A query in Spark, over an export to S3",
                &[
                    QUERY,
                    "`events` is a view with a column `line` over the files of the export task.",
                ],
                Program::Compiled(Target::Spark, Input::Eks, "spark.sql"),
            ),
        ],
    },
    Place {
        name: "gke",
        title: "Google Kubernetes Engine: Cloud Logging",
        out_of_reach: "What GKE does not record; reads, unless Data Access logs are enabled; and what depends on user groups or URLs, which entries do not have: such events are counted as unknown.",
        cloud: Some("gke"),
        ways: &[way(
            "A pipe from Cloud Logging",
            &[
                PIPE,
                "`--keep-unknown` keeps the entries that are not decided.",
                COMMAND,
            ],
            Program::Shell(
                "gcloud logging read 'logName:\"cloudaudit.googleapis.com\" AND protoPayload.serviceName=\"k8s.io\"' --format json |\n  audit-policy filter --policy audit-policy.yaml > kept.log\n",
            ),
        )],
    },
    Place {
        name: "aks",
        title: "Azure Kubernetes Service: Azure Monitor or a storage account",
        out_of_reach: "What AKS does not record; and reads, if the category is `kube-audit-admin`.",
        cloud: Some("aks"),
        ways: &[
            way(
                "A pipe of exported records",
                &[PIPE, COMMAND],
                Program::Shell(
                    "audit-policy filter --policy audit-policy.yaml < records.json > kept.log\n",
                ),
            ),
            way(
                "A query in Log Analytics",
                &[
                    QUERY,
                    "It reads `AKSAudit`; write `AKSAuditAdmin` for the category `kube-audit-admin`.",
                    NOT_RUN,
                ],
                Program::Compiled(Target::Kusto, Input::Aks, "aks.kql"),
            ),
            way(
                "A query in DuckDB, over rows of AKSAudit",
                &[
                    QUERY,
                    "`events` is a view with the columns `AuditId`, `Verb`, `RequestUri`, `Stage` and `User`.",
                ],
                Program::Compiled(Target::DuckDb, Input::Aks, "duckdb.sql"),
            ),
            way(
                "A query in Spark or Databricks, over rows of AKSAudit",
                &[
                    QUERY,
                    "`events` is a view with the columns `AuditId`, `Verb`, `RequestUri`, `Stage` and `User`.",
                ],
                Program::Compiled(Target::Spark, Input::Aks, "databricks.sql"),
            ),
        ],
    },
    Place {
        name: "files",
        title: "Files of a control plane that you run",
        out_of_reach: "Nothing, once kube-apiserver has the policy: the export has its flags and manifests.",
        cloud: None,
        ways: &[way(
            "A pipe over files",
            &[PIPE, COMMAND],
            Program::Shell(
                "audit-policy filter --policy audit-policy.yaml < audit.log > filtered.log\n",
            ),
        )],
    },
    Place {
        name: "storage",
        title: "Object storage or a database",
        out_of_reach: NOT_RECORDED,
        cloud: None,
        ways: &[
            way(
                "DuckDB, over JSON lines",
                &[QUERY, LINES],
                Program::Compiled(Target::DuckDb, Input::Lines, "duckdb.sql"),
            ),
            way(
                "DuckDB, over Parquet",
                &[
                    QUERY,
                    "`events` is a view with the columns `auditID`, `verb`, `requestURI`, `stage` and `user`.",
                ],
                Program::Compiled(Target::DuckDb, Input::Columns, "duckdb.sql"),
            ),
            way(
                "Spark or Databricks, over JSON lines",
                &[QUERY, LINES],
                Program::Compiled(Target::Spark, Input::Lines, "spark.sql"),
            ),
            way(
                "ClickHouse, over JSON lines",
                &[QUERY, LINES],
                Program::Compiled(Target::ClickHouse, Input::Lines, "clickhouse.sql"),
            ),
            way(
                "Trino or Athena, over JSON lines",
                &[QUERY, LINES, NOT_RUN],
                Program::Compiled(Target::Trino, Input::Lines, "trino.sql"),
            ),
            way(
                "BigQuery, over JSON lines",
                &[QUERY, LINES, NOT_RUN],
                Program::Compiled(Target::BigQuery, Input::Lines, "bigquery.sql"),
            ),
        ],
    },
    Place {
        name: "shipper",
        title: "A shipper on its way",
        out_of_reach: "What the server did not record. A shipper keeps or drops whole events: bodies are not trimmed.",
        cloud: None,
        ways: &[
            way(
                "Fluent Bit",
                &[
                    "Save it as `policy.lua`, and add a filter `lua` with `call audit_policy`: it drops what the server would not have written.",
                ],
                Program::Compiled(Target::FluentBit, Input::Lines, "policy.lua"),
            ),
            way(
                "Vector",
                &[
                    "Save it as `policy.vrl` for a transform `remap`: it sets `.audit_policy`. A transform `filter` behind it drops by `.audit_policy.outcome`.",
                ],
                Program::Compiled(Target::Vector, Input::Lines, "policy.vrl"),
            ),
            way(
                "jq",
                &[
                    "Run `jq -c --arg keep written -f policy.jq audit.log`: it prints the events that the policy writes.",
                ],
                Program::Compiled(Target::Jq, Input::Lines, "policy.jq"),
            ),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clouds;

    #[test]
    fn clouds_exist_and_targets_read_the_schemas() {
        for place in PLACES {
            assert!(!place.ways.is_empty(), "{}", place.name);
            assert!(
                place.cloud.is_none_or(|name| clouds::find(name).is_some()),
                "{}",
                place.name
            );
            for way in place.ways {
                if let Program::Compiled(target, input, _) = way.program {
                    assert!(target.inputs().contains(&input), "{}", way.title);
                }
            }
        }
    }
}
