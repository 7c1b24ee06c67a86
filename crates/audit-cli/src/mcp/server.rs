//! The server: its tools, and what it answers to other messages.

use std::sync::Arc;

use audit_types::spelling::nearest;
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CustomRequest, CustomResult, ErrorCode, ErrorData,
    Implementation, ListToolsResult, PaginatedRequestParams, ServerCapabilities, ServerConfig,
    Tool as ListedTool, ToolAnnotations,
};
use rmcp::service::RequestContext;
use rmcp::{RoleServer, ServerHandler};
use tokio::task::spawn_blocking;

use super::call::{RunCommand, call};
use super::limits::shown;
use super::parameter::schema;
use super::tools::{TOOLS, Tool, find};

/// Purpose of the server, for the model that uses it.
const INSTRUCTIONS: &str = "Predicts the effect of a Kubernetes audit policy: whether kube-apiserver accepts it, which rule matches a request, what is logged, and how much. Pass texts, not paths: no file is read or written, and nothing is sent elsewhere. A value that is not known is null or a range; report it as such.";

/// The server.
#[derive(Debug, Clone)]
pub(super) struct Server {
    command: RunCommand,
}

impl Server {
    /// Creates a server that runs commands by a function.
    pub(super) const fn new(command: RunCommand) -> Self {
        Self { command }
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let program = Implementation::new("audit-policy", env!("CARGO_PKG_VERSION"))
            .with_title("Kubernetes audit policies");
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(program)
            .with_instructions(INSTRUCTIONS)
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(
            TOOLS.iter().map(listed).collect(),
        ))
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let tool = find(&request.name).ok_or_else(|| unknown_tool(&request.name))?;
        let arguments = request.arguments.unwrap_or_default();
        let command = self.command;
        let is_cancelled = move || context.ct.is_cancelled();
        let answer = spawn_blocking(move || {
            // It may have waited for other calls.
            (!is_cancelled()).then(|| call(tool, &arguments, command))
        });
        match answer.await {
            Ok(Some(answer)) => Ok(answer.into()),
            // Nobody gets this answer.
            Ok(None) => Err(ErrorData::invalid_request("the call was cancelled", None)),
            Err(_) => Err(ErrorData::internal_error(
                "the call failed because of a fault of the program",
                None,
            )),
        }
    }

    /// Answers requests that have an unknown method, or whose parameters are of another form.
    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: RequestContext<RoleServer>,
    ) -> Result<CustomResult, ErrorData> {
        let method = shown(&request.method);
        if matches!(method, "tools/call" | "tools/list" | "initialize" | "ping") {
            let message = format!("the parameters of `{method}` are not of the expected form");
            return Err(ErrorData::invalid_params(message, None));
        }
        Err(ErrorData::new(
            ErrorCode::METHOD_NOT_FOUND,
            format!("unknown method `{method}`"),
            None,
        ))
    }
}

/// Returns the definition of a tool for clients.
fn listed(tool: &Tool) -> ListedTool {
    let hints = ToolAnnotations::with_title(tool.title)
        .read_only(true)
        .destructive(false)
        .idempotent(true)
        .open_world(false);
    let input = Arc::new(schema(tool.parameters));
    ListedTool::new(tool.name, tool.description, input)
        .with_title(tool.title)
        .with_annotations(hints)
}

fn unknown_tool(name: &str) -> ErrorData {
    let names = || TOOLS.iter().map(|tool| tool.name);
    let help = match nearest(name, names(), 2) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the tools are {}", names().collect::<Vec<_>>().join(", ")),
    };
    let message = format!("unknown tool `{}` (help: {help})", shown(name));
    ErrorData::invalid_params(message, None)
}
