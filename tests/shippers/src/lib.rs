//! Shared parts of the runs: the shipped log, the promises of the exports for each of its lines, and a server that writes and rotates it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use flate2::read::GzDecoder;
use serde_json::{Value, json};

/// The longest that anything is waited for.
const PATIENCE: Duration = Duration::from_secs(120);

/// Two recorded logs of real servers and what they lack, a line each.
///
/// # Panics
/// Where the recordings are not there.
pub fn corpus() -> Vec<String> {
    let mut lines = made();
    for version in ["1.20", "1.36"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
        let path = folder.join(format!("kube-apiserver-{version}/base.jsonl.gz"));
        let mut text = String::new();
        let file = File::open(path).expect("the recording");
        let read = GzDecoder::new(file).read_to_string(&mut text);
        read.expect("text in gzip");
        lines.extend(text.lines().map(str::to_owned));
    }
    lines.extend(made());
    lines
}

/// An event as the server prints it, with the given members next to the usual ones.
fn event(more: Value) -> Value {
    let mut event = json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse",
        "auditID": "7b1f2c52-3c3f-4a0e-9d7c-52d1e0f8a001", "stage": "ResponseComplete",
        "requestURI": "/api/v1/namespaces/shop/configmaps?limit=500", "verb": "list",
        "user": {"username": "anna", "groups": ["system:authenticated"]}, "sourceIPs": ["10.0.0.7"],
        "responseStatus": {"metadata": {}, "code": 200},
        "requestReceivedTimestamp": "2026-03-01T10:00:00.000001Z",
        "stageTimestamp": "2026-03-01T10:00:00.123456Z",
    });
    let members = more.as_object().expect("members");
    for (name, value) in members {
        event[name] = value.clone();
    }
    event
}

fn object(name: &str) -> Value {
    let fields = json!([{
        "manager": "kubectl", "operation": "Apply", "apiVersion": "v1", "time": "2026-03-01T09:00:00Z",
        "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {".": {}, "f:a\\\"]}": {}}},
    }]);
    json!({
        "metadata": {"name": name, "managedFields": fields, "annotations": {}, "creationTimestamp": null},
        "data": {"a": "1", "A": "2", "text": "\"managedFields\":[{}] \\ \u{e9}\u{1f600} <&>\u{2028}"},
        "args": [], "half": 0.5, "large": i64::MAX, "small": i64::MIN, "no": false,
    })
}

/// Cases that the recordings do not contain: lists and tables with managedFields, bodies that are not maps, unusual text, deep and long lines, and
/// invalid JSON.
fn made() -> Vec<String> {
    let mut alone = json!({"metadata": {"managedFields": []}});
    alone["spec"] = json!({"template": {"metadata": {"managedFields": [1], "labels": {}}}});
    let deep = (0..60).fold(json!(1), |inner, _| json!({ "properties": [inner] }));
    let long: String = (0..300_000).map(|n| format!("{n} ]}}é\"")).collect();
    let items: Vec<Value> = (0..5).map(|n| object(&format!("c{n}"))).collect();
    let rows = json!([{"cells": ["a"], "object": object("r")}, {"cells": [], "object": null}]);
    let list = json!({"kind": "List", "metadata": {"resourceVersion": ""}, "items": items});
    let mut lines: Vec<String> = [
        json!({"requestObject": object("q"), "responseObject": object("r")}),
        json!({"responseObject": list}),
        json!({"responseObject": {"kind": "Table", "metadata": {}, "rows": rows}}),
        json!({"responseObject": {"items": {"metadata": {"managedFields": [1]}}, "rows": "none"}}),
        json!({"responseObject": {"items": [1, null, {"metadata": "managedFields"}, []], "metadata": null}}),
        json!({"requestObject": [{"op": "remove", "path": "/metadata/managedFields"}, {"metadata": {"managedFields": []}}]}),
        json!({"requestObject": alone, "annotations": {"managedFields": "\"managedFields\""}}),
        json!({"requestObject": object("nul"), "userAgent": "a\0b"}),
        json!({"requestObject": object("deep"), "responseObject": deep}),
        json!({"requestObject": object("long"), "responseObject": {"metadata": {"managedFields": [long]}, "data": long}}),
        json!({"userAgent": long}),
    ]
    .into_iter()
    .map(|more| event(more).to_string())
    .collect();
    lines.push("no JSON: \"managedFields\"".to_owned());
    lines.push("{\"requestObject\":{\"metadata\":{\"managedFields\":[".to_owned());
    lines
}

/// Places where a tool drops managedFields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// In the object of the request and that of the answer.
    Objects,
    /// In the items of a list and the rows of a table as well.
    Items,
}

/// Expected result of a line; `None` if it is not JSON.
pub fn promised(line: &str, reach: Reach) -> Option<Value> {
    let mut event = read(line)?;
    for body in ["requestObject", "responseObject"] {
        trim(event.get_mut(body));
    }
    for list in ["items", "rows"] {
        let items = event
            .get_mut("responseObject")
            .and_then(|body| body.get_mut(list));
        let items = items.and_then(Value::as_array_mut);
        let items = items
            .filter(|_| reach == Reach::Items)
            .into_iter()
            .flatten();
        for item in items {
            let object = if list == "rows" {
                item.get_mut("object")
            } else {
                Some(item)
            };
            trim(object);
        }
    }
    Some(event)
}

fn trim(object: Option<&mut Value>) {
    let metadata = object.and_then(|object| object.get_mut("metadata"));
    if let Some(metadata) = metadata.and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
}

/// The JSON of a line, however deep.
pub fn read(line: &str) -> Option<Value> {
    serde_json::from_str(line).ok()
}

/// A folder that is gone when the test is over.
pub struct Folder(PathBuf);

impl Folder {
    /// An empty folder that only its owner may enter.
    ///
    /// # Panics
    /// Where it cannot be made.
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("shippers-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o700);
        fs::set_permissions(&path, mode).expect("permissions");
        Self(path)
    }

    /// A path within it.
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Writes a log as the server does: the file that is there is opened for appending, a new one after a rotation is not.
pub struct Server {
    path: PathBuf,
    file: File,
    rotations: u32,
}

impl Server {
    /// Creates the file, then opens it.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn start(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self {
            path: path.to_owned(),
            file,
            rotations: 0,
        })
    }

    /// One line, in one write.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&mut self, line: &str) -> io::Result<()> {
        self.file.write_all(format!("{line}\n").as_bytes())
    }

    /// Renames the file and opens a new one under its name; tells nobody.
    ///
    /// # Errors
    /// If it cannot be renamed.
    pub fn rotate(&mut self) -> io::Result<()> {
        self.rotations += 1;
        let name = format!("audit-2026-03-01T10-00-{:02}.000.log", self.rotations);
        fs::rename(&self.path, self.path.with_file_name(name))?;
        self.file = File::create(&self.path)?;
        Ok(())
    }
}

/// A program that ends with the test.
pub struct Running(Child);

impl Running {
    /// Starts it.
    ///
    /// # Panics
    /// Where it is not installed.
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().expect("the program is installed"))
    }

    /// Asks it to end, and waits until it has.
    ///
    /// # Panics
    /// Where it does not end.
    pub fn end(mut self) {
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        assert!(asked.is_ok_and(|status| status.success()));
        wait("the program to end", || {
            self.0.try_wait().is_ok_and(|status| status.is_some())
        });
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The program of that name, also where only root's PATH has it.
pub fn program(name: &str) -> PathBuf {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&folders).collect();
    let root = ["/usr/sbin", "/sbin"].map(PathBuf::from);
    let mut all = folders
        .into_iter()
        .chain(root)
        .map(|folder| folder.join(name));
    all.find(|path| path.is_file())
        .unwrap_or_else(|| name.into())
}

/// Returns whether the program is installed. If not, it prints that the test is skipped, which is counted.
pub fn is_installed(name: &str) -> bool {
    let is_installed = program(name).is_file();
    if !is_installed {
        println!("skipped: {name} is not installed");
    }
    is_installed
}

/// Asks until it is so.
///
/// # Panics
/// Where it is not so after two minutes.
pub fn wait(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        thread::sleep(Duration::from_millis(20));
    }
}
