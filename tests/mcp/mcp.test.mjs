// The Model Context Protocol server of the command, asked by a client of another implementation: `node --test tests/mcp/mcp.test.mjs`.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { packages } from "../../web/build/packages.mjs";
import { commandPath } from "../browser/native.mjs";

const modules = packages(fileURLToPath(new URL(".", import.meta.url)).replace(/[/\\]$/, ""));
const require = createRequire(join(modules, "x.js"));
/** @param {string} name */
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { Client } = await load("@modelcontextprotocol/client");
const { StdioClientTransport } = await load("@modelcontextprotocol/client/stdio");

const POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
  resources:
  - group: ""
    resources: [secrets]
- level: None
`;

const SECRET = { user: "alice", verb: "get", apiGroup: "", resource: "secrets", namespace: "a", isResourceRequest: true };

/** An event without its times. */
const EVENT = JSON.stringify({ level: "Metadata", auditID: "1", stage: "ResponseComplete", requestURI: "/version", verb: "get", user: { username: "alice" } });

/**
 * Calls a function with a client that is connected to a server of its own.
 * @param {string} mode how the client and the server agree on a version @param {(client: any) => Promise<void>} use
 */
async function connected(mode, use) {
  const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(new StdioClientTransport({ command: commandPath(), args: ["mcp"] }));
  try {
    await use(client);
  } finally {
    await client.close();
  }
}

for (const [mode, version] of [["legacy", "2025-11-25"], ["auto", "2026-07-28"]]) {
  test(`a client of ${version} lists the tools and calls each`, async () => {
    await connected(mode, async (client) => {
      assert.equal(client.getServerVersion().name, "audit-policy");
      assert.equal(client.getNegotiatedProtocolVersion(), version);
      const { tools } = await client.listTools();
      const calls = {
        check: [{ policy: POLICY }, ({ policies }) => assert.equal(policies[0].accepted, true)],
        evaluate: [{ policy: POLICY, requests: [SECRET] }, ({ verdicts }) => assert.deepEqual([verdicts[0].level, verdicts[0].rule], ["Metadata", 0])],
        explain: [{ code: "AP020" }, ({ page }) => assert.match(page, /^# AP020/)],
        can: [{ policy: POLICY, query: "verb=get path=/healthz" }, ({ answers }) => assert.deepEqual(answers.map((/** @type {any} */ { level }) => level), ["None"])],
        diff: [{ old: POLICY, new: POLICY }, ({ equal }) => assert.equal(equal, true)],
        test: [{ policy: POLICY, tests: "tests:\n- {name: urls, requests: {path: /healthz}, level: None}\n" }, ({ results }) => assert.equal(results[0].passed, true)],
        estimate: [{ policy: POLICY, log: EVENT }, ({ written, perDay }) => assert.deepEqual([written.events, perDay], [0, null])],
        export: [{ policy: POLICY, target: "policy" }, ({ documents }) => assert.ok(documents[0].text.includes("resources: [secrets]"))],
      };
      assert.deepEqual(tools.map((/** @type {any} */ { name }) => name), Object.keys(calls));
      for (const [name, [input, check]] of Object.entries(calls)) {
        const { isError, content, structuredContent } = await client.callTool({ name, arguments: input });
        assert.ok(!isError, `${name}: ${JSON.stringify(content)}`);
        /** @type {any} */ (check)(structuredContent);
      }
    });
  });
}

test("an error of a call is an answer, and one of the protocol an exception", async () => {
  await connected("legacy", async (client) => {
    const { isError, content } = await client.callTool({ name: "check", arguments: { policyy: POLICY } });
    assert.ok(isError);
    assert.match(content[0].text, /unknown argument `policyy` of `check`\nhelp: did you mean `policy`\?/);
    await assert.rejects(client.callTool({ name: "checks", arguments: {} }), /did you mean `check`\?/);
    const rejected = await client.callTool({ name: "check", arguments: { policy: POLICY.replace("None", "Loud") } });
    assert.equal(rejected.structuredContent.policies[0].accepted, false);
  });
});
