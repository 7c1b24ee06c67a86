//! Codes of this crate's findings.

audit_types::codes! {
    /// Codes of findings about imported texts, in addition to those of [`SettingCode`](apiserver_config::SettingCode).
    #[non_exhaustive]
    pub enum ImportCode in "../findings" {
        InvalidValue = "AE016", Error, "a value that the server cannot read";
        UnclosedQuote = "AE017", Warning, "an unclosed quote";
        RepeatedFlag = "AE018", Warning, "a flag set twice";
        UnreadableText = "AE019", Warning, "a text that cannot be read, or contains no flags";
        UnpairedMount = "AE020", Error, "a mount without its volume";
        UnsuitableVolume = "AE021", Error, "a volume that loses the log or cannot contain the file";
        WrongFormat = "AE022", Error, "a configuration in the wrong format";
        SeveralPlaces = "AE023", Info, "flags in more than one place";
        OtherNodePath = "AE024", Info, "a file with another path on the node";
        FlagForShell = "AE031", Error, "a flag given to a shell";
        AuditingOff = "AE032", Warning, "auditing is off";
        OldAuditPolicy = "AE033", Warning, "an audit setting that kubeadm no longer has";
        UncertainScript = "AE034", Info, "a script whose flags are not certain";
        BrokenWebhook = "AE035", Error, "a webhook configuration that cannot be used";
        DoubtfulWebhook = "AE036", Warning, "a webhook that may not be reached, or not safely";
        OldMinikubeKey = "AE039", Error, "an argument that minikube does not know";
        /// Flags that a profile sets by itself.
        Profile = "AE040", Info, "what a profile sets by itself";
        OtherVersion = "AE041", Warning, "a version other than the one that the text names";
        /// A policy that is not among the files that its document writes.
        PolicyNotWritten = "AE050", Warning, "a policy that the document writes to another path";
        AuditProfile = "AE061", Error, "an audit profile that OpenShift rejects or ignores";
        NodeFilter = "AE063", Error, "an argument for the wrong k3d nodes";
        UnresolvedPolicy = "AE064", Error, "a reference to a policy that is not found";
        TwoAuditSettings = "AE065", Error, "audit settings in two places of a k0rdent cluster";
        SomeNodesOnly = "AE066", Warning, "settings for some control-plane nodes only";
    }
}

audit_types::codes! {
    /// Codes of findings about policies inside other documents.
    #[non_exhaustive]
    pub enum DocumentCode in "../findings" {
        /// A document that is not a policy and contains none.
        OtherDocument = "AP050", Error, "another document instead of a policy";
        /// A template, which has to be rendered first.
        Template = "AP051", Warning, "a template instead of a policy";
        /// A text of a policy that its document does not give to the server unchanged.
        UnusablePolicyText = "AP052", Error, "a policy that its document encodes incorrectly";
        PartlyRead = "AP053", Warning, "a document that is only partly checked";
    }
}
