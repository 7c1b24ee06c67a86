// What the tests of programs share: policies, logs, and what the engine computes.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { native, objects } from "../browser/native.mjs";

/** Folder of logs and policies. */
export const data = fileURLToPath(new URL("../data", import.meta.url));
/** Folder of files that a test writes. */
export const folder = mkdtempSync(join(tmpdir(), "programs-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Most events of real logs whose outcome a program may not know. */
export const MAX_UNKNOWN_SHARE = 0.001;

/** Returns what the engine computes for each line. @param {string} policy @param {string[]} lines */
export function expected(policy, lines) {
  const log = join(folder, "audit.log");
  writeFileSync(log, lines.map((line) => `${line}\n`).join(""));
  const { status, stdout, stderr } = native(["simulate", "--policy", policy, "--format", "json", log]);
  assert.equal(status, 0, stderr);
  const results = objects(stdout);
  assert.deepEqual(results.map(({ line }) => line), lines.map((_, at) => at + 1));
  return results.map(({ rule, level, outcome }) => ({ rule, level, outcome }));
}

/**
 * Writes a policy of rules, and returns its name. Its texts are escaped, so that it is not taken for a template.
 * @param {object[]} rules
 */
export function policyOf(rules, omitStages = ["RequestReceived"]) {
  const file = join(folder, "policy.json");
  const policy = JSON.stringify({ apiVersion: "audit.k8s.io/v1", kind: "Policy", omitStages, rules });
  const escaped = (token) => `"${[...JSON.parse(token)].map((character) => (/\w/.test(character) ? character : JSON.stringify(character).length > 3 ? JSON.stringify(character).slice(1, -1) : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`)).join("")}"`;
  writeFileSync(file, policy.replaceAll(/"(?:[^"\\]|\\.)*"/g, escaped));
  return file;
}

/** Lines of a packed log. @param {string} file */
export function linesOf(file) {
  return gunzipSync(readFileSync(file)).toString().split("\n").filter(Boolean);
}

/** Returns events with the fields that a program reads, each once. @param {string[]} lines */
export function distinct(lines) {
  const fields = lines.map((line) => JSON.parse(line)).map(({ verb, user, requestURI, stage }) => JSON.stringify({ kind: "Event", apiVersion: "audit.k8s.io/v1", verb, user, requestURI, stage }));
  return [...new Set(fields)];
}

/** Rules that use every field. */
export const ODD_RULES = [
  { level: "RequestResponse", resources: ["", "apps"].map((group) => ({ group, resources: ["namespaces/status", "namespaces/finalize"] })) },
  { level: "None", users: [""], verbs: ["get"] },
  { level: "Request", users: ["alice", "é"], verbs: ["get", "list"], omitStages: ["ResponseStarted"] },
  { level: "Metadata", userGroups: ["system:nodes", 'a"b'], namespaces: [""] },
  { level: "None", nonResourceURLs: ["/healthz*", "/version", "/metrics/**".replace("**", "*")] },
  { level: "Request", resources: [{ group: "", resources: ["pods", "secrets/*", "*/exec"], resourceNames: ["web", "é", "a/web", "o'neil"] }] },
  { level: "Metadata", resources: [{ group: "", resources: ["pods"], resourceNames: [""] }] },
  { level: "RequestResponse", resources: [{ group: "*", resources: ["deployments/scale", "*/*", "pods/log"] }], namespaces: ["dev", "é"] },
  { level: "Metadata", namespaces: ["kube-system", "/", "a b", "a%b"], omitStages: ["Panic", "ResponseComplete"] },
  { level: "Request", resources: [{ group: "apps" }, { group: "", resources: ["namespaces", "watch", "proxy"] }] },
  { level: "Metadata", verbs: ["list", "watch", "GET", ""] },
  { level: "Metadata", nonResourceURLs: ["*"], omitStages: ["ResponseComplete"] },
];

/** Texts that end or change a program if they are not quoted. */
export const HOSTILE = ["'", "''", '"', "\\", "\\'", "'; DROP TABLE events; --", "*/", "/*", "--", "#", "\n", "\r\n", "\t", "\0", "a\0b", "$x", "$$", "${x}", "{{ x }}", "{% x %}", "\\(env)", "`id`", "%s", "?", ":x", "@x", "é", "😀", "\u202e", "\u2028", "\ufeff", "null", "') OR (TRUE", "\") or true #", "x'41'", "\\u0041", "U&'x'", " ", ""];
