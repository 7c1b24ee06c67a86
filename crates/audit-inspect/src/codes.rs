//! Codes of this crate's findings.

audit_types::codes! {
    /// Codes of findings about audit logs.
    #[non_exhaustive]
    pub enum LogCode in "../findings" {
        SharedAuditId = "AL001", Warning, "different requests with the same audit ID and stage";
        Gap = "AL002", Warning, "a gap in time";
        /// A stage that no event has.
        MissingStage = "AL003", Info, "a stage that no event has";
        AnonymousAllowed = "AL004", Warning, "an anonymous request that was allowed";
        SecretInUrl = "AL005", Warning, "a secret on a command line";
        CutEvent = "AL006", Warning, "events that were cut";
        LookalikeName = "AL007", Warning, "a name that looks like another";
        NoUsers = "AL008", Warning, "a log without users";
    }
}
