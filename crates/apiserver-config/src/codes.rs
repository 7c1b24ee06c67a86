//! Codes of this crate's findings.

audit_types::codes! {
    /// Codes of findings about settings.
    #[non_exhaustive]
    pub enum SettingCode in "../findings" {
        RejectedValue = "AE001", Error, "a value that the server rejects";
        RejectedPolicy = "AE002", Error, "a policy that the server rejects";
        UnusablePath = "AE003", Error, "a path that cannot be used";
        CollidingPaths = "AE004", Error, "policy and log collide";
        HidingMount = "AE005", Error, "the log's mount hides files of the container";
        StaticPodDirectory = "AE006", Warning, "a file in the directory for static pods";
        LookalikeCharacters = "AE007", Warning, "characters that look like others";
        NothingRecorded = "AE008", Warning, "nothing is recorded";
        UnlimitedLog = "AE009", Warning, "the log grows without limit";
        LostEvents = "AE010", Info, "events or requests can be lost";
        OutsideMounts = "AE011", Error, "a file outside of the container's mounts";
        UnsetThrottle = "AE012", Warning, "throttling without QPS and burst";
        IneffectiveSetting = "AE013", Info, "settings without effect in this mode";
        MissingFile = "AE014", Error, "a mounted file that may not exist";
        Unsupported = "AE015", Error, "not supported by a version or a target";
        InaccessibleFile = "AE060", Info, "a file that the server's user or sandbox may not access";
        ManifestDirectory = "AE062", Warning, "a file in a directory that k3s or RKE2 applies to the cluster";
        SmallDisk = "AE030", Warning, "the disk is too small for the retention";
        StandardOutput = "AE037", Warning, "rotation of standard output";
        UnknownValue = "AE038", Info, "a value that is a variable";
        RemovedByUpgrade = "AE042", Error, "removed by an upgrade";
        DefaultOfUpgrade = "AE043", Warning, "a default that an upgrade changes";
        FieldOfUpgrade = "AE044", Info, "a policy that an upgrade reads differently";
    }
}
