//! Compiled policies in Vector: the configuration of the documentation, and programs where Vector knows types of fields.

use std::path::Path;

use audit_compile::{Input, Target};
use audit_policy::{KubernetesVersion, load};
use serde_json::{Value as Json, json};
use shippers::{corpus, read};
use vrl::compiler::state::{ExternalEnv, RuntimeState};
use vrl::compiler::{
    CompileConfig, Context, Program, TargetValue, TimeZone, compile_with_external,
};
use vrl::value::kind::Collection;
use vrl::value::{KeyString, Kind, ObjectMap, Secrets, Value};

const POLICY: &str = r#"{
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [
        {"level": "None", "users": ["system:apiserver", "a\"{{b}}"], "verbs": ["get", "watch"]},
        {"level": "Request", "userGroups": ["system:nodes"], "namespaces": ["kube-system"]},
        {"level": "Metadata", "resources": [{"group": "", "resources": ["pods", "pods/*", "*/scale"], "resourceNames": ["a"]}]},
        {"level": "None", "nonResourceURLs": ["/healthz*", "/version"]},
        {"level": "Metadata", "omitStages": ["ResponseStarted"]}
    ]
}"#;

fn compiled(policy: &str) -> String {
    let policy = load(policy.as_bytes(), KubernetesVersion::NEWEST).policy;
    let compiled = audit_compile::compile(&policy.expect("a policy"), Target::Vector, Input::Lines)
        .expect("it reads lines");
    assert!(compiled.differences.is_empty());
    compiled.text
}

fn program(text: &str, event: Kind) -> Program {
    let types = ExternalEnv::new_with_kind(event, Kind::object(Collection::empty()));
    let config = CompileConfig::default();
    let compiled = compile_with_external(text, &vrl::stdlib::all(), &types, config);
    let compiled = compiled.unwrap_or_else(|errors| panic!("{errors:?}"));
    assert!(compiled.warnings.is_empty(), "{:?}", compiled.warnings);
    compiled.program
}

/// Runs a program on an event, which it changes; `None` if the program fails.
fn run(program: &Program, event: &mut Value) -> Option<Value> {
    let mut target = TargetValue {
        value: std::mem::replace(event, Value::Null),
        metadata: Value::Object(ObjectMap::new()),
        secrets: Secrets::new(),
    };
    let mut state = RuntimeState::default();
    let zone = TimeZone::default();
    let result = program.resolve(&mut Context::new(&mut target, &mut state, &zone));
    *event = target.value;
    result.ok()
}

/// Vector knows types if its schemas are on, or after a transform of the same program.
#[test]
fn programs_compile_whatever_is_known_of_the_event() {
    let text = Kind::bytes;
    let object = |fields: &[(&str, Kind)]| {
        let fields = fields.iter().cloned();
        let known: Vec<_> = fields.map(|(name, kind)| (name.into(), kind)).collect();
        Kind::object(Collection::from_parts(
            known.into_iter().collect(),
            Kind::never(),
        ))
    };
    let groups = Kind::array(Collection::from_unknown(text()));
    let user = object(&[("username", text()), ("groups", groups)]);
    let typed = object(&[
        ("verb", text()),
        ("requestURI", text()),
        ("stage", text()),
        ("user", user),
    ]);
    let wrong = object(&[("verb", Kind::integer()), ("user", Kind::null())]);
    let nothing = Kind::object(Collection::empty());
    let text = compiled(POLICY);
    for event in [
        Kind::any(),
        Kind::object(Collection::any()),
        typed,
        wrong,
        nothing,
    ] {
        program(&text, event);
    }
    for rules in ["[{level: Metadata}]", "[{level: None}]"] {
        let head = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:";
        program(&compiled(&format!("{head} {rules}\n")), Kind::any());
    }
}

/// A thread of Vector has a stack of 2 MiB, as this one.
#[test]
fn long_policies_fit_the_stack() {
    let many = |one: &dyn Fn(usize) -> Json| (0..1000).map(one).collect::<Vec<Json>>();
    let mut rules = many(&|n| {
        json!({
            "level": "Metadata", "users": [format!("u{n}")], "userGroups": ["a", "b"], "verbs": ["get", "list"], "namespaces": ["c"],
            "resources": [{"group": "", "resources": ["pods", "pods/*", "*/scale"], "resourceNames": ["a", "b"]}],
        })
    });
    let entries = many(&|n| json!({"group": format!("g{n}"), "resources": ["a", "b/c", "*/d"]}));
    let groups = many(&|n| json!(format!("g{n}")));
    let paths = many(&|n| json!(format!("/p{n}*")));
    rules.push(json!({"level": "Request", "resources": entries}));
    rules.push(json!({"level": "Request", "userGroups": groups, "nonResourceURLs": paths}));
    let policy = json!({"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": rules});
    let program = program(&compiled(&policy.to_string()), Kind::any());
    for (path, groups, rule) in [
        ("/api/v1/namespaces/c/pods/b", &["b"][..], 999),
        ("/apis/g999/v1/b/x/c", &[], 1000),
        ("/p999/x", &["x", "g999"], 1001),
    ] {
        let user = json!({"username": "u999", "groups": groups});
        let event = json!({"stage": "Panic", "verb": "list", "requestURI": path, "user": user});
        let mut event: Value = serde_json::from_value(event).unwrap();
        run(&program, &mut event).unwrap();
        let result = serde_json::to_value(&event).unwrap();
        assert_eq!(result["audit_policy"]["rule"], rule, "{path}");
    }
}

/// Neither variables of the environment nor quotes of TOML begin in a program.
#[test]
fn a_program_can_be_inside_a_configuration() {
    let text = compiled(POLICY);
    assert!(!text.contains('$') && !text.contains("'''"), "{text}");
    assert!(text.is_ascii());
}

#[test]
fn the_documented_configuration_keeps_what_the_policy_writes() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compile.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, section) = page.split_once("### Vector\n").unwrap();
    let yaml = section.split("```").nth(1).unwrap();
    let yaml: serde_norway::Value =
        serde_norway::from_str(yaml.strip_prefix("yaml").unwrap()).unwrap();
    let transform = |name: &str, key: &str| yaml["transforms"][name][key].as_str().unwrap();
    let any = || Kind::object(Collection::any());
    let parse = program(transform("kube_audit_event", "source"), any());
    let policy = program(&compiled(POLICY), any());
    let condition = program(transform("kube_audit_kept", "condition"), any());
    let key = yaml["sinks"]["receiver"]["encoding"]["except_fields"][0].as_str();

    let (mut kept, mut dropped, mut rerouted) = (0, 0, 0);
    for line in corpus() {
        let members = [(KeyString::from("message"), Value::from(line.as_str()))];
        let mut event = Value::Object(ObjectMap::from(members));
        if run(&parse, &mut event).is_none() {
            assert_eq!(read(&line), None, "{line:.300}");
            rerouted += 1;
            continue;
        }
        run(&policy, &mut event).expect("no event makes it fail");
        let keep = run(&condition, &mut event.clone()).unwrap();
        let mut event = serde_json::to_value(&event).unwrap();
        let result = event.as_object_mut().unwrap().remove(key.unwrap()).unwrap();
        assert_eq!(Some(event), read(&line), "{line:.300}");
        let outcome = result["outcome"].as_str().unwrap();
        assert_eq!(
            keep,
            Value::from(!outcome.starts_with("dropped-")),
            "{line:.300}"
        );
        assert_eq!(outcome == "unknowable", result["rule"] == Json::Null);
        *(if keep == Value::from(true) {
            &mut kept
        } else {
            &mut dropped
        }) += 1;
    }
    println!("{kept} events kept, {dropped} dropped, {rerouted} lines that are none");
    assert_eq!((kept + dropped, rerouted), (4316 + 4097 + 2 * 11, 2 * 2));
    assert!(kept > 1000 && dropped > 1000, "{kept} {dropped}");
}
