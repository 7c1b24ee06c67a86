//! A session with an editor: what it may send when, and what it gets.

use std::collections::BTreeSet;

use audit_policy::KubernetesVersion;
use gen_lsp_types::{
    CodeActionKind, CodeActionOptions, CodeActionParams, CompletionOptions, CompletionParams,
    DidChangeTextDocumentParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams,
    HoverParams, InitializeResult, MessageType, PublishDiagnosticsParams, ServerCapabilities,
    ServerInfo, ShowMessageParams, TextDocumentPositionParams, TextDocumentSyncKind,
    TextDocumentSyncOptions, Uri,
};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::actions::{self, Context, FIX_ALL};
use super::client::Client;
use super::configurations::Configurations;
use super::cursor::Cursor;
use super::diagnostics::shown;
use super::documents::{DocumentError, Documents};
use super::positions::{Encoding, Lines};
use super::{completion, hover};
use crate::config::CONFIG_FILE;

/// Characters after which an editor asks for completions.
const TRIGGERS: [&str; 8] = [" ", "-", "[", ",", "\"", "'", "/", ":"];

/// ID of the request for notifications about files, and of its registration.
const WATCHING: &str = "watch-configurations";

/// Reaction to a message.
pub(super) enum Next {
    /// Send these messages.
    Send(Vec<Message>),
    /// End the program.
    Exit,
}

/// State of the session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before `initialize`.
    New,
    Running,
    /// After `shutdown`.
    ShutDown,
}

/// A session.
pub(super) struct Session {
    state: State,
    client: Client,
    /// Version that the call or the editor has selected. `None` leaves it to the configuration of each document.
    version: Option<KubernetesVersion>,
    documents: Documents,
    configurations: Configurations,
    /// Documents whose diagnostics are not sent yet.
    changed: BTreeSet<String>,
    /// Messages to the person that are not sent yet.
    messages: Vec<String>,
}

impl Session {
    pub(super) fn new(version: Option<KubernetesVersion>) -> Self {
        Self {
            state: State::New,
            client: Client::default(),
            version,
            documents: Documents::default(),
            configurations: Configurations::default(),
            changed: BTreeSet::new(),
            messages: Vec::new(),
        }
    }

    pub(super) fn is_shut_down(&self) -> bool {
        self.state == State::ShutDown
    }

    /// Handles a message.
    pub(super) fn handle(&mut self, message: Message) -> Next {
        match message {
            Message::Request(request) => Next::Send(self.request(request)),
            Message::Notification(notification) if notification.method == "exit" => Next::Exit,
            Message::Notification(notification) if self.state == State::Running => {
                Next::Send(self.notification(notification))
            }
            // Before `initialize` and after `shutdown`, notifications have no effect. The response to the request for notifications about files says
            // nothing: without them, a configuration is read again when a document is opened or saved.
            Message::Notification(_) | Message::Response(_) => Next::Send(Vec::new()),
        }
    }

    /// Returns the diagnostics of the documents that have changed.
    pub(super) fn publish(&mut self) -> Vec<Message> {
        let messages = std::mem::take(&mut self.messages).into_iter();
        let messages = messages.map(|text| notification_of_message(MessageType::Warning, text));
        let changed = std::mem::take(&mut self.changed).into_iter();
        let diagnostics = changed.map(|uri| self.diagnostics(uri));
        messages.chain(diagnostics).collect()
    }

    fn diagnostics(&self, uri: String) -> Message {
        let document = self.documents.get(&uri);
        let diagnostics = document.and_then(|document| {
            let findings = document.findings(document.version(self.version))?;
            let lines = Lines::new(&document.text, self.client.encoding);
            Some(shown(findings, &uri, &lines))
        });
        let params = PublishDiagnosticsParams {
            version: document.map(|document| document.version),
            diagnostics: diagnostics.unwrap_or_default(),
            uri: Uri(uri),
        };
        notification("textDocument/publishDiagnostics", params)
    }

    fn request(&mut self, request: Request) -> Vec<Message> {
        let id = request.id.clone();
        let response = match (self.state, request.method.as_str()) {
            (State::New, "initialize") => self.initialize(id, &request.params),
            (State::New, _) => failure(
                id,
                ErrorCode::ServerNotInitialized,
                "the first request must be `initialize`",
            ),
            (State::Running, "shutdown") => {
                self.state = State::ShutDown;
                success(id, Value::Null)
            }
            (State::Running, "initialize") => failure(
                id,
                ErrorCode::InvalidRequest,
                "`initialize` was sent before",
            ),
            (State::Running, _) => self.language_request(request),
            (State::ShutDown, _) => {
                failure(id, ErrorCode::InvalidRequest, "`shutdown` was sent before")
            }
        };
        vec![response.into()]
    }

    fn language_request(&self, request: Request) -> Response {
        match request.method.as_str() {
            "textDocument/codeAction" => answer(request, |params| self.code_actions(&params)),
            "textDocument/completion" => answer(request, |params: CompletionParams| {
                self.at(&params.text_document_position_params, completion::items)
            }),
            "textDocument/hover" => answer(request, |params: HoverParams| {
                self.at(&params.text_document_position_params, hover::hover)
            }),
            method => {
                let message = format!("unknown method `{method}`");
                failure(request.id, ErrorCode::MethodNotFound, &message)
            }
        }
    }

    fn initialize(&mut self, id: RequestId, params: &Value) -> Response {
        let options = params.get("initializationOptions");
        if let Err(error) = options.map_or(Ok(None), version_of).map(|version| {
            self.version = version.or(self.version);
        }) {
            // The editor shows it, and the session does not begin.
            return failure(id, ErrorCode::InvalidParams, &error);
        }
        self.client = Client::of(params);
        self.state = State::Running;
        let result = InitializeResult {
            capabilities: capabilities(self.client.encoding),
            server_info: Some(ServerInfo {
                name: "audit-policy".to_owned(),
                version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            }),
        };
        success(id, result)
    }

    fn notification(&mut self, notification: Notification) -> Vec<Message> {
        let Notification { method, params } = notification;
        let result = match method.as_str() {
            "initialized" if self.client.has_watchers => return vec![request_for_watching()],
            "textDocument/didOpen" => {
                parsed(&method, params).and_then(|params| self.opened(params))
            }
            "textDocument/didChange" => {
                parsed(&method, params).and_then(|params| self.edited(params))
            }
            "textDocument/didClose" => parsed(&method, params).map(|params| self.closed(params)),
            "workspace/didChangeConfiguration" => self.configured(&params),
            "workspace/didChangeWatchedFiles" | "textDocument/didSave" => {
                self.read_configurations();
                Ok(())
            }
            _ => Ok(()),
        };
        match result {
            Ok(()) => Vec::new(),
            Err(message) => {
                let kind = MessageType::Warning;
                vec![notification_of_message(kind, message)]
            }
        }
    }

    fn opened(&mut self, params: DidOpenTextDocumentParams) -> Result<(), String> {
        let uri = params.text_document.uri.0.clone();
        self.changed.insert(uri.clone());
        let opened = self.documents.open(params.text_document);
        opened.map_err(|error: DocumentError| error.to_string())?;
        self.read_configuration(&uri);
        Ok(())
    }

    fn edited(&mut self, params: DidChangeTextDocumentParams) -> Result<(), String> {
        let version = params.text_document.version;
        let uri = params.text_document.text_document_identifier.uri.0;
        if self.documents.get(&uri).is_none() {
            return Ok(());
        }
        self.changed.insert(uri.clone());
        let changes = params.content_changes;
        let changed = self
            .documents
            .change(&uri, version, changes, self.client.encoding);
        changed.map_err(|error| error.to_string())
    }

    fn closed(&mut self, params: DidCloseTextDocumentParams) {
        let uri = params.text_document.uri.0;
        self.documents.close(&uri);
        self.changed.insert(uri);
    }

    /// Gives each open document the configuration that its file has now.
    fn read_configurations(&mut self) {
        let uris: Vec<String> = self.documents.uris().cloned().collect();
        for uri in uris {
            self.read_configuration(&uri);
        }
    }

    /// Gives a document its configuration, if it has a file.
    fn read_configuration(&mut self, uri: &str) {
        let Some(document) = self.documents.get_mut(uri) else {
            return;
        };
        let Some(path) = document.path() else {
            return;
        };
        let (config, error) = self.configurations.of(path);
        self.messages.extend(error.map(|error| error.0));
        if document.set_config(config) {
            self.changed.insert(uri.to_owned());
        }
    }

    /// Selects the Kubernetes version of the settings, if they have one.
    fn configured(&mut self, params: &Value) -> Result<(), String> {
        let settings = params.get("settings").unwrap_or(&Value::Null);
        let own = ["audit-policy", "auditPolicy"].map(|name| settings.get(name));
        let mut places = own.into_iter().flatten().chain([settings]);
        let given = places.find_map(|place| version_of(place).transpose());
        let Some(version) = given.transpose()? else {
            return Ok(());
        };
        if self.version != Some(version) {
            self.version = Some(version);
            self.documents.forget_findings();
            self.changed.extend(self.documents.uris().cloned());
        }
        Ok(())
    }

    fn code_actions(&self, params: &CodeActionParams) -> Value {
        let uri = &params.text_document.uri.0;
        let Some(document) = self.documents.get(uri) else {
            return Value::Null;
        };
        let lines = Lines::new(&document.text, self.client.encoding);
        let context = Context {
            uri,
            document,
            lines: &lines,
            has_versions: self.client.has_versions,
        };
        value(actions::actions(
            &context,
            params,
            document.version(self.version),
        ))
    }

    /// Answers a question about a place in a document; null if it is not open.
    fn at<R: Serialize>(
        &self,
        place: &TextDocumentPositionParams,
        answer: impl FnOnce(&Cursor<'_>) -> R,
    ) -> Value {
        let uri = &place.text_document.uri.0;
        let Some(document) = self.documents.get(uri) else {
            return Value::Null;
        };
        let lines = Lines::new(&document.text, self.client.encoding);
        value(answer(&Cursor {
            document,
            uri,
            at: lines.offset(place.position),
            lines: &lines,
            client: self.client,
            version: document.version(self.version),
        }))
    }
}

/// Returns the Kubernetes version of settings. `None` if they have none.
///
/// # Errors
/// If it is not a version: a sentence.
fn version_of(settings: &Value) -> Result<Option<KubernetesVersion>, String> {
    match settings.get("kubernetesVersion") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            let version = text.parse().map(Some);
            version.map_err(|error| format!("`kubernetesVersion`: {error}"))
        }
        Some(_) => Err("`kubernetesVersion` is not a text such as `\"1.30\"`".to_owned()),
    }
}

fn capabilities(encoding: Encoding) -> ServerCapabilities {
    let sync = TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(TextDocumentSyncKind::Incremental),
        save: Some(true.into()),
        ..TextDocumentSyncOptions::default()
    };
    let actions = CodeActionOptions {
        code_action_kinds: Some(vec![
            CodeActionKind::QuickFix,
            CodeActionKind::Custom(FIX_ALL.into()),
        ]),
        ..CodeActionOptions::default()
    };
    let completion = CompletionOptions {
        trigger_characters: Some(TRIGGERS.map(str::to_owned).to_vec()),
        ..CompletionOptions::default()
    };
    ServerCapabilities {
        position_encoding: Some(encoding.kind()),
        text_document_sync: Some(sync.into()),
        code_action_provider: Some(actions.into()),
        completion_provider: Some(completion),
        hover_provider: Some(true.into()),
        ..ServerCapabilities::default()
    }
}

/// Returns the response to a request whose parameters are of a type.
fn answer<P: DeserializeOwned>(request: Request, handle: impl FnOnce(P) -> Value) -> Response {
    match parsed(&request.method, request.params) {
        Ok(params) => success(request.id, handle(params)),
        Err(message) => failure(request.id, ErrorCode::InvalidParams, &message),
    }
}

fn parsed<P: DeserializeOwned>(method: &str, params: Value) -> Result<P, String> {
    serde_json::from_value(params).map_err(|error| format!("parameters of `{method}`: {error}"))
}

/// Returns a value as JSON; null if it cannot be written, which no type of the protocol is.
fn value(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn success(id: RequestId, result: impl Serialize) -> Response {
    Response {
        id,
        response_result: Ok(value(result)),
    }
}

fn failure(id: RequestId, code: ErrorCode, message: &str) -> Response {
    Response::new_err(id, code as i32, message.to_owned())
}

fn notification(method: &str, params: impl Serialize) -> Message {
    Message::Notification(Notification {
        method: method.to_owned(),
        params: value(params),
    })
}

/// Returns the request for notifications about configurations that change.
fn request_for_watching() -> Message {
    let watcher = json!({"globPattern": format!("**/{CONFIG_FILE}")});
    let registration = json!({
        "id": WATCHING,
        "method": "workspace/didChangeWatchedFiles",
        "registerOptions": {"watchers": [watcher]},
    });
    Message::Request(Request {
        id: WATCHING.to_owned().into(),
        method: "client/registerCapability".to_owned(),
        params: json!({"registrations": [registration]}),
    })
}

/// Returns the notification that shows a message to the person.
fn notification_of_message(kind: MessageType, message: String) -> Message {
    notification("window/showMessage", ShowMessageParams { kind, message })
}
