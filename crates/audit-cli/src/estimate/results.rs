//! Results of an estimate.

use apiserver_config::Settings;
use audit_policy::{KubernetesVersion, Matcher, Policy};
use audit_sim::Verdicts;
use audit_volume::backend::BackendKind;
use audit_volume::compare::{Comparison, compare};
use audit_volume::compression::Compression;
use audit_volume::consequences::{Consequences, Prices};
use audit_volume::estimate::{BodySizes, Estimate};
use audit_volume::suggest::{CombinedRules, SuggestOptions, Suggestions, suggest};
use audit_volume::truncate::{Truncation, truncation};
use serde::Serialize;

use super::compression::CompressionSample;
use super::read::Logs;
use crate::arguments;
use crate::error::{Error, Result};

/// Results for logs under a policy.
pub(super) struct Results<'a> {
    pub(super) logs: &'a Logs,
    pub(super) policy: &'a Policy,
    pub(super) settings: &'a Settings,
    pub(super) estimate: Estimate,
    /// The baseline policy and the comparison with it.
    pub(super) baseline: Option<(&'a Policy, Comparison)>,
    pub(super) compression: Option<Compression>,
    pub(super) prices: Prices,
    pub(super) consequences: Consequences,
    /// `None` if truncation is off.
    pub(super) truncation: Option<Truncation>,
    /// `None` unless requested.
    pub(super) suggestions: Option<SuggestedChanges>,
}

/// Suggested rules, alone and together.
#[derive(Serialize)]
pub(super) struct SuggestedChanges {
    #[serde(flatten)]
    pub(super) found: Suggestions,
    pub(super) together: CombinedRules,
}

impl SuggestedChanges {
    pub(super) fn new(
        source: &[u8],
        policy: &Policy,
        logs: &Logs,
        arguments: &arguments::Estimate,
        version: KubernetesVersion,
    ) -> Result<Self, Error> {
        let table = &logs.table;
        let options = SuggestOptions {
            version,
            include_writes: arguments.include_writes,
            impersonated: table.impersonated().collect(),
            ..SuggestOptions::default()
        };
        let found = suggest(source, table, &options);
        let together = CombinedRules::new(source, policy, &found, table, version)
            .map_err(|error| Error::Unproven(error.to_string()))?;
        Ok(Self { found, together })
    }
}

impl<'a> Results<'a> {
    pub(super) fn new(
        logs: &'a Logs,
        policy: &'a Policy,
        baseline: Option<&'a Policy>,
        settings: &'a Settings,
        arguments: &arguments::Estimate,
    ) -> Self {
        let (table, version) = (&logs.table, settings.version);
        let verdicts_of = |policy: &Policy| Verdicts::new(&Matcher::new(policy), table.requests());
        let verdicts = verdicts_of(policy);
        let bodies = BodySizes::measure(table);
        let estimate = Estimate::new(table, &verdicts, version, &logs.window, &bodies);
        let compression = logs.sample.as_ref().and_then(CompressionSample::measure);
        let ratio = compression.map(|compression| compression.ratio);
        let prices = Prices {
            ingested: arguments.price_ingested,
            stored: arguments.price_stored,
        };
        let truncate = &settings.log.truncate;
        let truncated = || truncation(table, &verdicts, BackendKind::Log, truncate, version);
        Self {
            baseline: baseline.map(|other| {
                let comparison = compare(table, &verdicts_of(other), &verdicts, version);
                (other, comparison)
            }),
            consequences: Consequences::new(&estimate, settings, ratio, prices),
            truncation: truncate.enabled.then(truncated),
            suggestions: None,
            logs,
            policy,
            settings,
            estimate,
            compression,
            prices,
        }
    }
}
