//! Codes of this crate's findings.

audit_types::codes! {
    /// Codes of findings about settings.
    pub enum SettingCode {
        /// A value that the server rejects.
        RejectedValue = "AE001", Error, "a value that the server rejects", include_str!("../findings/AE001.md");
        /// A policy that the server rejects.
        RejectedPolicy = "AE002", Error, "a policy that the server rejects", include_str!("../findings/AE002.md");
        /// A path that cannot be used.
        UnusablePath = "AE003", Error, "a path that cannot be used", include_str!("../findings/AE003.md");
        /// Policy and log collide.
        CollidingPaths = "AE004", Error, "policy and log collide", include_str!("../findings/AE004.md");
        /// The log's mount hides files of the container.
        HidingMount = "AE005", Error, "the log's mount hides files of the container", include_str!("../findings/AE005.md");
        /// A file in the directory for static pods.
        StaticPodDirectory = "AE006", Warning, "a file in the directory for static pods", include_str!("../findings/AE006.md");
        /// Characters that look like others.
        LookalikeCharacters = "AE007", Warning, "characters that look like others", include_str!("../findings/AE007.md");
        /// Nothing is recorded.
        NothingRecorded = "AE008", Warning, "nothing is recorded", include_str!("../findings/AE008.md");
        /// The log grows without limit.
        UnlimitedLog = "AE009", Warning, "the log grows without limit", include_str!("../findings/AE009.md");
        /// Events or requests can be lost.
        LostEvents = "AE010", Info, "events or requests can be lost", include_str!("../findings/AE010.md");
        /// A file outside of the container's mounts.
        OutsideMounts = "AE011", Error, "a file outside of the container's mounts", include_str!("../findings/AE011.md");
        /// Throttling without QPS and burst.
        UnsetThrottle = "AE012", Warning, "throttling without QPS and burst", include_str!("../findings/AE012.md");
        /// Settings without effect in this mode.
        IneffectiveSetting = "AE013", Info, "settings without effect in this mode", include_str!("../findings/AE013.md");
        /// A mounted file that may not exist.
        MissingFile = "AE014", Error, "a mounted file that may not exist", include_str!("../findings/AE014.md");
        /// Not supported by a version or a target.
        Unsupported = "AE015", Error, "not supported by a version or a target", include_str!("../findings/AE015.md");
        /// A file that the server's user or sandbox may not access.
        InaccessibleFile = "AE060", Info, "a file that the server's user or sandbox may not access", include_str!("../findings/AE060.md");
        /// A file in a directory that k3s or RKE2 applies to the cluster.
        ManifestDirectory = "AE062", Warning, "a file in a directory that k3s or RKE2 applies to the cluster", include_str!("../findings/AE062.md");
        /// The disk is too small for the retention.
        SmallDisk = "AE030", Warning, "the disk is too small for the retention", include_str!("../findings/AE030.md");
        /// Rotation of standard output.
        StandardOutput = "AE037", Warning, "rotation of standard output", include_str!("../findings/AE037.md");
        /// A value that is a variable.
        UnknownValue = "AE038", Info, "a value that is a variable", include_str!("../findings/AE038.md");
        /// Removed by an upgrade.
        RemovedByUpgrade = "AE042", Error, "removed by an upgrade", include_str!("../findings/AE042.md");
        /// A default that an upgrade changes.
        DefaultOfUpgrade = "AE043", Warning, "a default that an upgrade changes", include_str!("../findings/AE043.md");
        /// A policy that an upgrade reads differently.
        FieldOfUpgrade = "AE044", Info, "a policy that an upgrade reads differently", include_str!("../findings/AE044.md");
    }
}
