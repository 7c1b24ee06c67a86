//! Random values of rules, as policies in use have them.

pub const VERBS: [&str; 8] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
];

pub const RESOURCES: [&str; 10] = [
    "pods",
    "secrets",
    "configmaps",
    "deployments",
    "jobs",
    "roles",
    "pods/exec",
    "pods/log",
    "*/scale",
    "nodes/*",
];

pub const URLS: [&str; 7] = [
    "/healthz*",
    "/livez*",
    "/readyz*",
    "/version",
    "/metrics",
    "/api*",
    "/openapi/*",
];

pub const GROUPS: [&str; 5] = [
    "",
    "apps",
    "batch",
    "rbac.authorization.k8s.io",
    "example.com",
];

/// A small generator of random numbers: xorshift.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 33) % limit as u64).unwrap()
    }

    pub fn is_percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn some(&mut self, most: usize, value: impl Fn(&mut Self) -> String) -> Vec<String> {
        (0..=self.below(most)).map(|_| value(self)).collect()
    }

    pub fn maybe(
        &mut self,
        percent: usize,
        most: usize,
        value: impl Fn(&mut Self) -> String,
    ) -> Vec<String> {
        if self.is_percent(percent) {
            self.some(most, value)
        } else {
            Vec::new()
        }
    }
}
