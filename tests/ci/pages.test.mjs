// Lines of the documentation that no other test runs: set-ups of editors and assistants, and the calls of docs/ci.md.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { commandPath } from "../browser/native.mjs";
import { blocks, shellLines } from "./docs.mjs";
import { BAD, ENV, GOOD, commit, git, newFolder, repository, runLine } from "./folders.mjs";

const TESTS = "kind: PolicyTests\npolicy: audit-policy.yaml\ntests:\n- name: alice reads pods\n  request: {user: alice, verb: get, resource: pods, namespace: a}\n  level: Metadata\n";

test("the calls of docs/ci.md run", () => {
  // Nothing to report: the request is logged once.
  const policy = GOOD.replace("rules:", "omitStages: [RequestReceived]\nrules:");
  const folder = repository({ "audit-policy.yaml": policy, "tests.yaml": TESTS, "clusters/a/audit-policy.yaml": policy });
  git(folder, "branch", "origin/main");
  commit(folder, { "clusters/a/audit-policy.yaml": policy.replace("rules:", "rules:\n- level: None\n  nonResourceURLs: [/healthz*]") });
  const lines = shellLines("docs/ci.md");
  assert.ok(lines.length >= 5, lines.join("\n"));
  for (const line of lines) runLine(line, folder);
  for (const file of ["report.sarif", "tests.xml", "review.md"]) {
    assert.ok(existsSync(join(folder, file)), file);
  }
});

/** Starts the command as a client does, sends it a text, and returns what it writes. @param {string[]} words @param {string} text */
function talk(words, text) {
  assert.equal(words[0], "audit-policy");
  const { status, stdout, stderr } = spawnSync(commandPath(), words.slice(1), { cwd: newFolder(), env: ENV, input: text, encoding: "utf8" });
  return { status, stdout, stderr };
}

/** The start and the end of a session with a language server. @param {object} options */
function session(options) {
  const messages = [
    { id: 1, method: "initialize", params: { processId: null, rootUri: null, capabilities: {}, initializationOptions: options } },
    { id: 2, method: "shutdown" },
    { method: "exit" },
  ];
  return messages.map((message) => JSON.stringify({ jsonrpc: "2.0", ...message })).map((text) => `Content-Length: ${text.length}\r\n\r\n${text}`).join("");
}

/** The calls and the options of the set-ups for editors: [editor, words, options]. */
function editors() {
  const page = "docs/editors.md";
  const [code, zed] = blocks(page, "json").map((text) => JSON.parse(text));
  const server = zed.lsp["yaml-language-server"];
  const [lua] = blocks(page, "lua");
  const [toml] = blocks(page, "toml");
  /** @param {RegExp} pattern @param {string} text */
  const found = (pattern, text) => pattern.exec(text)?.[1] ?? "";
  const list = (/** @type {string} */ text) => [...text.matchAll(/['"]([^'"]+)['"]/g)].map(([, word]) => word);
  return [
    ["VS Code", [code["glspc.server.command"], ...code["glspc.server.commandArguments"]], {}],
    ["Zed", [server.binary.path, ...server.binary.arguments], server.initialization_options],
    ["Neovim", list(found(/cmd = \{(.*)\}/, lua)), { kubernetesVersion: list(found(/kubernetesVersion = (.*) \}/, lua))[0] }],
    ["Helix", [...list(found(/^command = (.*)$/m, toml)), ...list(found(/^args = \[(.*)\]$/m, toml))], { kubernetesVersion: list(found(/kubernetesVersion = (.*) \}/, toml))[0] }],
  ];
}

test("the set-ups of docs/editors.md start the language server", () => {
  for (const [editor, words, options] of /** @type {[string, string[], object][]} */ (editors())) {
    assert.ok(words.includes("lsp"), editor);
    const { status, stdout, stderr } = talk(words, session(options));
    assert.deepEqual([status, stderr], [0, ""], editor);
    assert.ok(stdout.includes('"serverInfo":{"name":"audit-policy"'), `${editor}: ${stdout}`);
  }
  // A version that does not exist is an error, so the options above were read.
  const { stdout } = talk(["audit-policy", "lsp"], session({ kubernetesVersion: "1.5" }));
  assert.match(stdout, /"error"/);
});

test("the set-ups of docs/mcp.md start the server", () => {
  const clients = blocks("docs/mcp.md", "json").map((text) => JSON.parse(text)).flatMap(({ mcpServers, servers }) => Object.values(mcpServers ?? servers ?? {}));
  const calls = clients.map(({ command, args }) => [command, ...args]);
  const [line] = shellLines("docs/mcp.md");
  // `claude mcp add NAME -- COMMAND...`
  calls.push(line.split(" -- ")[1].split(" "));
  assert.equal(calls.length, 3);
  const params = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } };
  const hello = `${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params })}\n`;
  for (const words of calls) {
    const { status, stdout } = talk(words, hello);
    assert.equal(status, 0, words.join(" "));
    assert.equal(JSON.parse(stdout).result.serverInfo.name, "audit-policy");
  }
});
