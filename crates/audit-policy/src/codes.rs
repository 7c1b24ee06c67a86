//! The codes of findings about policies.

audit_types::codes! {
    /// Code of a finding about a policy. `AP001` to `AP019` come from loading, `AP020` and up from lints.
    #[non_exhaustive]
    pub enum PolicyCode in "../findings" {
        /// The file is neither YAML nor JSON.
        Unparsable = "AP001", Error, "the file cannot be parsed";
        WrongType = "AP002", Error, "a value of the wrong type";
        /// A version or kind other than that of an audit policy.
        NotAPolicy = "AP003", Error, "not an audit policy";
        /// A policy without rules.
        NoRules = "AP004", Error, "no rules";
        /// A value that the server's validation rejects.
        InvalidValue = "AP005", Error, "a value that validation rejects";
        /// A version of the audit API before v1.
        OldApiVersion = "AP006", Error, "an old version of the API";
        /// A document after the first.
        ExtraDocument = "AP007", Warning, "more than one document";
        /// A field that the version does not have.
        UnknownField = "AP010", Warning, "an unknown field";
        /// A key that occurs twice in one mapping.
        DuplicateKey = "AP011", Warning, "a duplicate key";
        MisplacedField = "AP012", Warning, "a field at the wrong level";
        /// A field whose name is similar to a known one.
        MisspelledField = "AP013", Warning, "a misspelled field";
        /// An unquoted value that YAML 1.1 reads as a boolean or number.
        NotAString = "AP014", Error, "a string that YAML reads as another type";
        /// A rule that an earlier rule covers.
        UnreachableRule = "AP020", Warning, "a rule that can never match";
        /// A resource that another API group has.
        WrongApiGroup = "AP021", Warning, "a resource in the wrong API group";
        /// A resource whose subresources are logged at a lower level.
        UncoveredSubresource = "AP022", Info, "a resource without its subresources";
        /// A `*` that is not a wildcard.
        UnsupportedWildcard = "AP023", Warning, "a wildcard that is not supported";
        /// An API group that does not exist.
        UnknownApiGroup = "AP024", Warning, "an unknown API group";
        /// A rule that logs the contents of secrets.
        LoggedSecrets = "AP025", Warning, "contents of secrets are logged";
        /// Object names in a rule for `create` or `deletecollection`.
        UnmatchedNames = "AP026", Warning, "object names that never match";
        /// A policy that does not match all requests.
        NoCatchAll = "AP027", Info, "no catch-all rule";
        /// A verb that no request has.
        UnknownVerb = "AP028", Warning, "an unknown verb";
        NothingLogged = "AP029", Warning, "a rule that logs nothing, or never a body";
        /// A rule that logs requests at two stages.
        TwoEvents = "AP030", Info, "two events per request";
        /// A resource or subresource that its API group does not have.
        UnknownResource = "AP031", Warning, "an unknown resource";
        /// A cluster-scoped resource in a rule with namespaces.
        ClusterScopedResource = "AP032", Warning, "a namespace with a cluster-scoped resource";
        ImpossibleName = "AP033", Warning, "a name that no user or group has";
        /// Users that are in none of the rule's groups.
        ExclusiveSubjects = "AP034", Warning, "users that are in none of the groups";
        /// A group whose members are all in another listed group.
        ImpliedGroup = "AP035", Info, "a group that another group includes";
        /// A non-resource URL that no request has.
        UnmatchedUrl = "AP036", Warning, "a non-resource URL that matches nothing";
        /// A policy that logs nothing, or nobody signed in.
        NobodyLogged = "AP037", Warning, "nothing, or nobody signed in, is logged";
        /// Omitted stages that leave no response of ordinary requests.
        NoResponses = "AP038", Warning, "ordinary requests without their response";
        /// Omitted stages that leave no failed authentication, or no panic.
        OmittedFailures = "AP039", Info, "failures that are never logged";
        /// A rule that logs the commands of exec.
        LoggedCommands = "AP040", Info, "commands are logged";
        /// A level for bodies on requests that have none.
        NoBodies = "AP041", Info, "a level for bodies that do not exist";
        /// A resource that another API group serves as well.
        EqualGroup = "AP042", Info, "a resource in one of two equal groups";
        /// A wildcard in the core group only.
        CoreOnly = "AP043", Info, "a wildcard for the core group only";
        /// A rule that logs exec with one of its two verbs, while the other one is not logged.
        UnloggedExec = "AP044", Warning, "exec with another verb is not logged";
        /// A value of a rule without which every request would be treated the same.
        UnusedValue = "AP045", Info, "a value that never matters";
        /// A comment that takes no finding away.
        UnusedIgnore = "AP046", Warning, "a comment that ignores no finding";
        /// A comment that takes a finding away without a reason.
        UnexplainedIgnore = "AP047", Info, "a finding is ignored without a reason";
    }
}
