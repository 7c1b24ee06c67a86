//! The schemas of events that a program reads.

use std::fmt;

/// Schema of the relation `events`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Input {
    /// Events as JSON lines, as kube-apiserver writes them; for databases the column `line`.
    #[default]
    Lines,
    /// Lines of Amazon EKS's logs as CloudWatch Logs exports them to S3, in the column `line`: a time, one space, and the event as JSON.
    Eks,
    /// Rows of Azure Monitor's tables `AKSAudit` and `AKSAuditAdmin`, with the user as JSON.
    Aks,
    /// A column per field, named as in the event, as Parquet files have them.
    Columns,
    /// Rows of a sink of Cloud Logging with GKE's entries. No target reads them.
    Gke,
}

impl Input {
    /// All schemas, in the order of lists.
    pub const ALL: [Self; 5] = [Self::Lines, Self::Eks, Self::Aks, Self::Columns, Self::Gke];

    /// Schemas of tables that databases read.
    pub(crate) const RELATIONS: [Self; 4] = [Self::Lines, Self::Eks, Self::Aks, Self::Columns];

    /// Returns the name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Eks => "eks",
            Self::Aks => "aks",
            Self::Columns => "columns",
            Self::Gke => "gke",
        }
    }

    /// Returns the columns that a query copies to its result, so that a row can be found. Several events of a request have one audit ID.
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Lines | Self::Eks | Self::Gke => "line",
            Self::Aks => "AuditId, stage",
            Self::Columns => "auditID, stage",
        }
    }

    /// Returns the fields that no row of this schema has, in words, if policies cannot be applied without them.
    pub const fn lacks(self) -> Option<&'static str> {
        match self {
            Self::Gke => Some("user groups, request URI, query and stage"),
            Self::Lines | Self::Eks | Self::Aks | Self::Columns => None,
        }
    }
}

impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
