//! The tools that a policy can be compiled for.

use std::fmt;
use std::str::FromStr;

use crate::input::Input;

/// Tool that runs the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Target {
    /// DuckDB 1.0 and newer: a query.
    DuckDb,
    /// ClickHouse 24.3 and newer: a query.
    ClickHouse,
    /// Spark 4.0 and newer, and Databricks: a query.
    Spark,
    /// Trino, and Amazon Athena with engine version 3: a query.
    Trino,
    /// BigQuery: a query.
    BigQuery,
    /// Azure Monitor's Log Analytics: a query in KQL.
    Kusto,
    /// Fluent Bit: a script for its Lua filter.
    FluentBit,
    /// Vector: a program in its Remap Language.
    Vector,
    /// jq 1.6 and newer: a filter.
    Jq,
}

impl Target {
    /// All targets, in the order of lists.
    pub const ALL: [Self; 9] = [
        Self::DuckDb,
        Self::ClickHouse,
        Self::Spark,
        Self::Trino,
        Self::BigQuery,
        Self::Kusto,
        Self::FluentBit,
        Self::Vector,
        Self::Jq,
    ];

    /// Returns the name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DuckDb => "duckdb",
            Self::ClickHouse => "clickhouse",
            Self::Spark => "spark",
            Self::Trino => "trino",
            Self::BigQuery => "bigquery",
            Self::Kusto => "kusto",
            Self::FluentBit => "fluent-bit",
            Self::Vector => "vector",
            Self::Jq => "jq",
        }
    }

    /// Returns the language of the program.
    pub const fn language(self) -> &'static str {
        match self {
            Self::DuckDb => "SQL of DuckDB",
            Self::ClickHouse => "SQL of ClickHouse",
            Self::Spark => "SQL of Spark",
            Self::Trino => "SQL of Trino and Athena",
            Self::BigQuery => "SQL of BigQuery",
            Self::Kusto => "KQL of Azure Monitor",
            Self::FluentBit => "Lua of Fluent Bit",
            Self::Vector => "VRL of Vector",
            Self::Jq => "jq",
        }
    }

    /// Returns the schemas of events that its programs read; the first is the usual one.
    pub const fn inputs(self) -> &'static [Input] {
        match self {
            Self::DuckDb | Self::ClickHouse | Self::Spark | Self::Trino | Self::BigQuery => {
                &Input::RELATIONS
            }
            Self::Kusto => &[Input::Aks],
            Self::FluentBit | Self::Vector | Self::Jq => &[Input::Lines],
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Error of parsing the name of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseTargetError;

impl fmt::Display for ParseTargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Target::ALL.map(Target::name).join(", ");
        write!(f, "unknown target; the targets are {names}")
    }
}

impl std::error::Error for ParseTargetError {}

impl FromStr for Target {
    type Err = ParseTargetError;

    fn from_str(name: &str) -> Result<Self, ParseTargetError> {
        Self::ALL
            .into_iter()
            .find(|target| target.name() == name)
            .ok_or(ParseTargetError)
    }
}
