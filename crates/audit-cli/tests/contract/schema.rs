//! `schema`.

use serde_json::Value;

use crate::Folder;

#[test]
fn it_is_that_of_the_version() {
    let folder = Folder::new("schema", &[]);
    let schema = |words: &[&str]| -> Value {
        let ran = folder.run(&[&["schema"], words].concat());
        assert_eq!((ran.status, &*ran.err), (0, ""), "{words:?}");
        serde_json::from_str(&ran.out).unwrap()
    };
    let newest = schema(&[]);
    assert_eq!(newest["$schema"], "http://json-schema.org/draft-07/schema#");
    assert_eq!(newest["title"], "audit policy of Kubernetes 1.36");
    assert_eq!(newest["additionalProperties"], false);
    let versions = |schema: &Value| schema["properties"]["apiVersion"]["enum"].clone();
    assert_eq!(versions(&newest), serde_json::json!(["audit.k8s.io/v1"]));
    let old = schema(&["--kubernetes-version", "1.22", "--lenient"]);
    assert_eq!(old.get("additionalProperties"), None);
    assert_eq!(versions(&old).as_array().unwrap().len(), 3);
    // The field exists since 1.23.
    let has_field = |schema: &Value| schema["properties"].get("omitManagedFields").is_some();
    assert!(has_field(&newest) && !has_field(&old));
}

#[test]
fn kubeconforms_files_have_the_names_that_it_looks_for() {
    let folder = Folder::new("schema-dir", &[]);
    let words = ["schema", "--dir", ".", "--kubernetes-version", "1.23"];
    for _ in 0..2 {
        let ran = folder.run(&words);
        assert_eq!((ran.status, &*ran.err), (0, ""));
    }
    let strict = folder.read("v1.23.0-standalone-strict/policy-audit-v1.json");
    let printed = folder.run(&["schema", "--kubernetes-version", "1.23"]).out;
    assert_eq!(strict, printed);
    folder.read("v1.23.0-standalone/policy-audit-v1beta1.json");
    // The folder is made.
    let ran = folder.run(&["schema", "--dir", "new/schemas"]);
    assert_eq!((ran.status, &*ran.err), (0, ""));
    folder.read("new/schemas/v1.36.0-standalone-strict/policy-audit-v1.json");
    folder.write("file", "");
    let ran = folder.run(&["schema", "--dir", "file"]);
    assert_eq!(ran.status, 2);
    assert!(
        ran.err.starts_with("audit-policy: cannot write `file/"),
        "{}",
        ran.err
    );
}

#[test]
fn schemastores_files_are_a_schema_with_tests_for_each_version() {
    let folder = Folder::new("schema-store", &[]);
    let ran = folder.run(&["schema", "--dir", ".", "--layout", "schemastore"]);
    assert_eq!((ran.status, &*ran.err), (0, ""));
    let json = |name: &str| -> Value { serde_json::from_str(&folder.read(name)).unwrap() };
    let entry = json("catalog-entry.json");
    let newest = "https://json.schemastore.org/kubernetes-audit-policy-1.36.json";
    assert_eq!(entry["url"], newest);
    // From 1.20 to 1.36.
    assert_eq!(entry["versions"].as_object().unwrap().len(), 17);
    let schema = json("src/schemas/json/kubernetes-audit-policy-1.36.json");
    assert_eq!(schema["$id"], newest);
    assert_eq!(schema["additionalProperties"], false);
    let rule = &schema["properties"]["rules"]["items"]["properties"];
    let about = rule["verbs"]["description"].as_str().unwrap();
    assert!(about.contains("every verb matches"), "{about}");
    // The tests are what the command says of them.
    for (path, status) in [
        ("src/test/kubernetes-audit-policy-1.22/audit-policy.yaml", 0),
        (
            "src/negative_test/kubernetes-audit-policy-1.36/verbs-in-resources.yaml",
            1,
        ),
    ] {
        let ran = folder.run(&["check", "--strict", path]);
        assert_eq!(ran.status, status, "{}", ran.out);
    }
    let ran = folder.run(&["schema", "--layout", "schemastore"]);
    assert_eq!(ran.status, 2);
    assert!(ran.err.contains("--dir"), "{}", ran.err);
}
