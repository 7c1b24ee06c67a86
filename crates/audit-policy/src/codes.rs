//! The codes of findings about policies.

audit_types::codes! {
    /// Code of a finding about a policy. `AP001` to `AP019` come from loading, `AP020` and up from lints.
    #[non_exhaustive]
    pub enum PolicyCode {
        /// The file is neither YAML nor JSON.
        Unparsable = "AP001", Error, "the file cannot be parsed", include_str!("../findings/AP001.md");
        /// A value of the wrong type.
        WrongType = "AP002", Error, "a value of the wrong type", include_str!("../findings/AP002.md");
        /// A version or kind other than that of an audit policy.
        NotAPolicy = "AP003", Error, "not an audit policy", include_str!("../findings/AP003.md");
        /// A policy without rules.
        NoRules = "AP004", Error, "no rules", include_str!("../findings/AP004.md");
        /// A value that the server's validation rejects.
        InvalidValue = "AP005", Error, "a value that validation rejects", include_str!("../findings/AP005.md");
        /// A version of the audit API before v1.
        OldApiVersion = "AP006", Error, "an old version of the API", include_str!("../findings/AP006.md");
        /// A document after the first.
        ExtraDocument = "AP007", Warning, "more than one document", include_str!("../findings/AP007.md");
        /// A field that the version does not have.
        UnknownField = "AP010", Warning, "an unknown field", include_str!("../findings/AP010.md");
        /// A key that occurs twice in one mapping.
        DuplicateKey = "AP011", Warning, "a duplicate key", include_str!("../findings/AP011.md");
        /// A field at the wrong level.
        MisplacedField = "AP012", Warning, "a field at the wrong level", include_str!("../findings/AP012.md");
        /// A field whose name is similar to a known one.
        MisspelledField = "AP013", Warning, "a misspelled field", include_str!("../findings/AP013.md");
        /// An unquoted value that YAML 1.1 reads as a boolean or number.
        NotAString = "AP014", Error, "a string that YAML reads as another type", include_str!("../findings/AP014.md");
        /// A rule that an earlier rule covers.
        UnreachableRule = "AP020", Warning, "a rule that can never match", include_str!("../findings/AP020.md");
        /// A resource that another API group has.
        WrongApiGroup = "AP021", Warning, "a resource in the wrong API group", include_str!("../findings/AP021.md");
        /// A resource whose subresources are logged at a lower level.
        UncoveredSubresource = "AP022", Info, "a resource without its subresources", include_str!("../findings/AP022.md");
        /// A `*` that is not a wildcard.
        UnsupportedWildcard = "AP023", Warning, "a wildcard that is not supported", include_str!("../findings/AP023.md");
        /// An API group that does not exist.
        UnknownApiGroup = "AP024", Warning, "an unknown API group", include_str!("../findings/AP024.md");
        /// A rule that logs the contents of secrets.
        LoggedSecrets = "AP025", Warning, "contents of secrets are logged", include_str!("../findings/AP025.md");
        /// Object names in a rule for `create` or `deletecollection`.
        UnmatchedNames = "AP026", Warning, "object names that never match", include_str!("../findings/AP026.md");
        /// A policy that does not match all requests.
        NoCatchAll = "AP027", Info, "no catch-all rule", include_str!("../findings/AP027.md");
        /// A verb that no request has.
        UnknownVerb = "AP028", Warning, "an unknown verb", include_str!("../findings/AP028.md");
        /// A rule that logs nothing, or never a body.
        NothingLogged = "AP029", Warning, "a rule that logs nothing, or never a body", include_str!("../findings/AP029.md");
        /// A rule that logs requests at two stages.
        TwoEvents = "AP030", Info, "two events per request", include_str!("../findings/AP030.md");
        /// A resource or subresource that its API group does not have.
        UnknownResource = "AP031", Warning, "an unknown resource", include_str!("../findings/AP031.md");
        /// A cluster-scoped resource in a rule with namespaces.
        ClusterScopedResource = "AP032", Warning, "a namespace with a cluster-scoped resource", include_str!("../findings/AP032.md");
        /// A name that no user or group has.
        ImpossibleName = "AP033", Warning, "a name that no user or group has", include_str!("../findings/AP033.md");
        /// Users that are in none of the rule's groups.
        ExclusiveSubjects = "AP034", Warning, "users that are in none of the groups", include_str!("../findings/AP034.md");
        /// A group whose members are all in another listed group.
        ImpliedGroup = "AP035", Info, "a group that another group includes", include_str!("../findings/AP035.md");
        /// A non-resource URL that no request has.
        UnmatchedUrl = "AP036", Warning, "a non-resource URL that matches nothing", include_str!("../findings/AP036.md");
        /// A policy that logs nothing, or nobody signed in.
        NobodyLogged = "AP037", Warning, "nothing, or nobody signed in, is logged", include_str!("../findings/AP037.md");
        /// Omitted stages that leave no response of ordinary requests.
        NoResponses = "AP038", Warning, "ordinary requests without their response", include_str!("../findings/AP038.md");
        /// Omitted stages that leave no failed authentication, or no panic.
        OmittedFailures = "AP039", Info, "failures that are never logged", include_str!("../findings/AP039.md");
        /// A rule that logs the commands of exec.
        LoggedCommands = "AP040", Info, "commands are logged", include_str!("../findings/AP040.md");
        /// A level for bodies on a subresource without bodies.
        NoBodies = "AP041", Info, "a level for bodies that do not exist", include_str!("../findings/AP041.md");
        /// A resource that another API group serves as well.
        EqualGroup = "AP042", Info, "a resource in one of two equal groups", include_str!("../findings/AP042.md");
        /// A wildcard in the core group only.
        CoreOnly = "AP043", Info, "a wildcard for the core group only", include_str!("../findings/AP043.md");
    }
}
