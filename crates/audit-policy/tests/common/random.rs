//! Random policies, the same in every run.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "not every test uses all of it"
)]

/// A small generator; the same numbers in every run.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap()
    }

    pub fn pick<'a>(&mut self, values: &[&'a str]) -> &'a str {
        values[self.below(values.len())]
    }

    fn list(&mut self, field: &str, values: &[&str]) -> String {
        if self.below(3) > 0 {
            return String::new();
        }
        let count = 1 + self.below(3);
        let items: Vec<String> = (0..count)
            .map(|_| format!("\"{}\"", self.pick(values)))
            .collect();
        if self.below(2) == 0 {
            format!("  {field}: [{}]\n", items.join(", "))
        } else {
            let lines: String = items.iter().map(|item| format!("  - {item}\n")).collect();
            format!("  {field}:\n{lines}")
        }
    }

    fn rule(&mut self) -> String {
        let level = self.pick(&[
            "None",
            "None",
            "Metadata",
            "Request",
            "RequestResponse",
            "metadata",
        ]);
        let mut rule = format!("- level: {level}\n");
        rule += &self.list(
            "users",
            &[
                "alice",
                "system:nodes",
                "system:kube-proxy",
                "system:serviceaccount:a:b",
                "system:serviceaccount:a:*",
                "system:node:*",
                "*",
                "default",
                "system:anonymous",
                "a/b",
                "kube-system:default",
            ],
        );
        rule += &self.list(
            "userGroups",
            &[
                "system:authenticated",
                "system:unauthenticated",
                "system:serviceaccounts",
                "system:serviceaccounts:a",
                "system:nodes",
                "dev",
                "system:node:*",
                "system:kube-scheduler",
            ],
        );
        rule += &self.list(
            "verbs",
            &[
                "get", "list", "watch", "create", "update", "patch", "GET", "exec", "delete",
            ],
        );
        if self.below(4) == 0 {
            rule += &self.list(
                "nonResourceURLs",
                &[
                    "/healthz*",
                    "*",
                    "/api/v1/nodes",
                    "/version?x=1",
                    "/api/*",
                    "/apis/apps/v1/*",
                    "/apis/*/*/foo",
                    "/healthz/*/x",
                    "https://h/healthz/*/x",
                    "/readyz?x=*y",
                    "api/v1/pods",
                    "livez",
                    "*/foo",
                ],
            );
        } else {
            rule += &self.list("namespaces", &["", "kube-system", "*"]);
            if self.below(2) == 0 {
                rule += "  resources:\n";
                for _ in 0..=self.below(2) {
                    let group = self.pick(&[
                        "",
                        "apps",
                        "*",
                        "events.k8s.io",
                        "rbac",
                        "core",
                        "extensions",
                    ]);
                    let count = 1 + self.below(3);
                    let items: Vec<String> = (0..count)
                        .map(|_| {
                            self.pick(&[
                                "pods",
                                "secrets",
                                "events",
                                "*",
                                "*/status",
                                "pods/exec",
                                "pods/*",
                                "Deployments",
                                "deploy",
                                "pods/logs",
                                "configmaps",
                                "deployments",
                                "ingresses",
                                "nodes",
                                "serviceaccounts/token",
                                "*/*",
                            ])
                        })
                        .map(|item| format!("\"{item}\""))
                        .collect();
                    rule += &format!(
                        "  - group: \"{group}\"\n    resources: [{}]\n",
                        items.join(", ")
                    );
                }
            }
        }
        if self.below(4) == 0 {
            rule += &self.list(
                "omitStages",
                &[
                    "RequestReceived",
                    "ResponseStarted",
                    "ResponseComplete",
                    "Panic",
                ],
            );
        }
        rule
    }

    pub fn policy(&mut self) -> String {
        let mut text = "apiVersion: audit.k8s.io/v1\nkind: Policy\n".to_owned();
        let stages = self.pick(&[
            "",
            "RequestReceived",
            "RequestReceived",
            "ResponseStarted",
            "RequestReceived, ResponseComplete",
            "ResponseStarted, ResponseComplete, Panic",
            "RequestReceived, ResponseStarted, ResponseComplete, Panic",
            "RequestReceived, Panic",
        ]);
        if !stages.is_empty() {
            text += &format!("omitStages: [{stages}]\n");
        }
        text += "rules:\n";
        for _ in 0..=self.below(4) {
            text += &self.rule();
        }
        if self.below(2) == 0 {
            text += "- level: Metadata\n";
        }
        text
    }
}
