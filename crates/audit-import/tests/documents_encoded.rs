//! Policies in Base64 and gzip.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by a panic"
)]

mod document;

use audit_import::{KubernetesVersion, recognize};
use document::{POLICY, indented, only};

const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

/// The policy in Base64.
const BASE64: &str = "YXBpVmVyc2lvbjogYXVkaXQuazhzLmlvL3YxCmtpbmQ6IFBvbGljeQpydWxlczoKLSBsZXZlbDogTWV0YWRhdGEKLSBsZXZlbDogTG91ZAo=";

/// Base64 of that.
const TWICE: &str = "WVhCcFZtVnljMmx2YmpvZ1lYVmthWFF1YXpoekxtbHZMM1l4Q210cGJtUTZJRkJ2YkdsamVRcHlkV3hsY3pvS0xTQnNaWFpsYkRvZ1RXVjBZV1JoZEdFS0xTQnNaWFpsYkRvZ1RHOTFaQW89";

/// The policy, compressed with `gzip` before.
const GZIP: &str = "H4sIAAAAAAACA0ssyAxLLSrOzM+zUkgsTcks0cu2KNbLzNcvM+TKzsxLsVIIyM/JTK7kKirNSS224tJVyEktS82xUvBNLUlMSSxJRIj45JemcAEAazKj3FAAAAA=";

/// cloud-init and Cluster API write contents to the file as they are, unless `encoding` says that they are encoded.
#[test]
fn contents_in_another_form_than_their_encoding_are_reported() {
    for (contents, help) in [
        (
            format!("encoding: b64\n  content: {GZIP}"),
            "write `encoding: gzip+base64`",
        ),
        // A text, whatever its tag is.
        (
            format!("encoding: b64\n  content: !!str {GZIP}"),
            "write `encoding: gzip+base64`",
        ),
        (
            format!("content: !!binary |\n    {GZIP}"),
            "write `encoding: gzip`",
        ),
        (format!("content: {BASE64}"), "write `encoding: base64`"),
        // It is compressed, too.
        (format!("content: {GZIP}"), "write `encoding: gzip+base64`"),
    ] {
        let text = format!("#cloud-config\nwrite_files:\n- path: /p\n  {contents}\n");
        let found = recognize(&text);
        let findings: Vec<_> = found.documents[0]
            .findings
            .iter()
            .map(|one| (&*one.code, &*one.help))
            .collect();
        assert_eq!(findings, [("AP052", help)], "{text}");
    }
    // Cluster API accepts no other names of encodings than `base64`, `gzip` and `gzip+base64`.
    for (contents, help) in [
        (BASE64, "write `encoding: base64`"),
        (GZIP, "write `encoding: gzip+base64`"),
    ] {
        let text = format!(
            "apiVersion: bootstrap.cluster.x-k8s.io/v1beta1\nkind: KubeadmConfig\nspec:\n  files:\n  - path: /p\n    content: {contents}\n"
        );
        let found = recognize(&text);
        let helps: Vec<_> = found.documents[0]
            .findings
            .iter()
            .map(|one| &*one.help)
            .collect();
        assert_eq!(helps, [help], "{text}");
    }
    for contents in [
        format!("encoding: gz+b64\n  content: {GZIP}"),
        format!("encoding: base64\n  content: {BASE64}"),
        format!("encoding: gzip\n  content: !!binary {GZIP}"),
        format!("content: |\n{}", indented(4)),
        "content: dGhpcyBpcyBub3QgYSBwb2xpY3k=".to_owned(),
    ] {
        let text = format!("#cloud-config\nwrite_files:\n- path: /p\n  {contents}\n");
        assert_eq!(recognize(&text).documents[0].findings, [], "{text}");
    }
}

#[test]
fn encoded_policies_are_read_and_never_written_back() {
    for text in [
        format!("apiVersion: v1\nkind: Secret\ndata:\n  p: {BASE64}\n"),
        format!("apiVersion: v1\nkind: ConfigMap\nbinaryData:\n  p: {BASE64}\n"),
        format!("#cloud-config\nwrite_files:\n- path: /p\n  encoding: b64\n  content: {BASE64}\n"),
        format!("#cloud-config\nwrite_files:\n- path: /p\n  encoding: gz+b64\n  content: {GZIP}\n"),
        format!("#cloud-config\nwrite_files:\n- path: /p\n  content: !!binary |\n    {BASE64}\n"),
        format!(
            "#cloud-config\nwrite_files:\n- content: !!binary |\n    {GZIP}\n  encoding: gzip\n  path: /p\n"
        ),
        format!(
            "#cloud-config\nwrite_files:\n- encoding: gz\n  content: !!binary \"{GZIP}\"\n  path: /p\n"
        ),
        format!(
            "#cloud-config\nwrite_files:\n- path: /p\n  encoding: GZIP+BASE64\n  content: >-\n    {}\n    {}\n",
            &GZIP[..40],
            &GZIP[40..]
        ),
        // Decoded by YAML, then by cloud-init.
        format!(
            "#cloud-config\nwrite_files:\n- path: /p\n  encoding: b64\n  content: !!binary {TWICE}\n"
        ),
        format!(
            "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec:\n  fileAssets:\n  - name: p\n    isBase64: true\n    content: {BASE64}\n"
        ),
        format!(
            "{{\"storage\":{{\"files\":[{{\"path\":\"/p\",\"contents\":{{\"source\":\"data:;base64,{BASE64}\"}}}}]}}}}"
        ),
    ] {
        let found = recognize(&text);
        let policy = only(&found);
        assert_eq!(policy.text, POLICY, "{text}");
        assert!(!policy.is_writable(), "{text}");
        let checked = policy.check(&text, NEWEST);
        assert!(checked.findings.iter().all(|finding| finding.fix.is_none()));
        assert!(
            checked
                .findings
                .iter()
                .any(|finding| finding.code == "AP005")
        );
    }
}
