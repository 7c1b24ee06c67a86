//! Codes of this crate's findings.

audit_types::codes! {
    /// Codes of findings about imported texts, in addition to those of [`SettingCode`](apiserver_config::SettingCode).
    pub enum ImportCode {
        /// A value that the server cannot read.
        InvalidValue = "AE016", Error, "a value that the server cannot read", include_str!("../findings/AE016.md");
        /// An unclosed quote.
        UnclosedQuote = "AE017", Warning, "an unclosed quote", include_str!("../findings/AE017.md");
        /// A flag set twice.
        RepeatedFlag = "AE018", Warning, "a flag set twice", include_str!("../findings/AE018.md");
        /// A text that cannot be read, or contains no flags.
        UnreadableText = "AE019", Warning, "a text that cannot be read, or contains no flags", include_str!("../findings/AE019.md");
        /// A mount without its volume.
        UnpairedMount = "AE020", Error, "a mount without its volume", include_str!("../findings/AE020.md");
        /// A volume that loses the log or cannot contain the file.
        UnsuitableVolume = "AE021", Error, "a volume that loses the log or cannot contain the file", include_str!("../findings/AE021.md");
        /// A configuration in the wrong format.
        WrongFormat = "AE022", Error, "a configuration in the wrong format", include_str!("../findings/AE022.md");
        /// Flags in more than one place.
        SeveralPlaces = "AE023", Info, "flags in more than one place", include_str!("../findings/AE023.md");
        /// A file with another path on the node.
        OtherNodePath = "AE024", Info, "a file with another path on the node", include_str!("../findings/AE024.md");
        /// A flag given to a shell.
        FlagForShell = "AE031", Error, "a flag given to a shell", include_str!("../findings/AE031.md");
        /// Auditing is off.
        AuditingOff = "AE032", Warning, "auditing is off", include_str!("../findings/AE032.md");
        /// An audit setting that kubeadm no longer has.
        OldAuditPolicy = "AE033", Warning, "an audit setting that kubeadm no longer has", include_str!("../findings/AE033.md");
        /// A script whose flags are not certain.
        UncertainScript = "AE034", Info, "a script whose flags are not certain", include_str!("../findings/AE034.md");
        /// A webhook configuration that cannot be used.
        BrokenWebhook = "AE035", Error, "a webhook configuration that cannot be used", include_str!("../findings/AE035.md");
        /// A webhook that may not be reached, or not safely.
        DoubtfulWebhook = "AE036", Warning, "a webhook that may not be reached, or not safely", include_str!("../findings/AE036.md");
        /// An argument that minikube does not know.
        OldMinikubeKey = "AE039", Error, "an argument that minikube does not know", include_str!("../findings/AE039.md");
        /// Flags that a profile sets by itself.
        Profile = "AE040", Info, "what a profile sets by itself", include_str!("../findings/AE040.md");
        /// Another version than the text names.
        OtherVersion = "AE041", Warning, "another version than the text names", include_str!("../findings/AE041.md");
        /// A policy that is not among the files that its document writes.
        PolicyNotWritten = "AE050", Warning, "a policy that the document writes to another path", include_str!("../findings/AE050.md");
        /// An audit profile that OpenShift rejects or ignores.
        AuditProfile = "AE061", Error, "an audit profile that OpenShift rejects or ignores", include_str!("../findings/AE061.md");
        /// An argument for the wrong k3d nodes.
        NodeFilter = "AE063", Error, "an argument for the wrong k3d nodes", include_str!("../findings/AE063.md");
        /// A reference to a policy that is not found.
        UnresolvedPolicy = "AE064", Error, "a reference to a policy that is not found", include_str!("../findings/AE064.md");
        /// Audit settings in two places of a k0rdent cluster.
        TwoAuditSettings = "AE065", Error, "audit settings in two places of a k0rdent cluster", include_str!("../findings/AE065.md");
        /// Settings for some control-plane nodes only.
        SomeNodesOnly = "AE066", Warning, "settings for some control-plane nodes only", include_str!("../findings/AE066.md");
    }
}

audit_types::codes! {
    /// Codes of findings about policies inside other documents.
    pub enum DocumentCode {
        /// A document that is not a policy and contains none.
        OtherDocument = "AP050", Error, "another document instead of a policy", include_str!("../findings/AP050.md");
        /// A template, which has to be rendered first.
        Template = "AP051", Warning, "a template instead of a policy", include_str!("../findings/AP051.md");
        /// A text of a policy that its document does not give to the server unchanged.
        UnusablePolicyText = "AP052", Error, "a policy that cannot be used as the document has it", include_str!("../findings/AP052.md");
        /// A text that is only read in part.
        PartlyRead = "AP053", Warning, "a text that is only read in part", include_str!("../findings/AP053.md");
    }
}
