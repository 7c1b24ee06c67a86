// What is offered where, and what is written then; `|` is the place, and in what is written the cursor.
import assert from "node:assert/strict";
import { test } from "node:test";
import { meaning, suggest } from "../suggest.js";
import { placeOf } from "./policy.mjs";

const offered = (/** @type {string} */ marked) => suggest(placeOf(marked));
const names = (/** @type {string} */ marked) => offered(marked).map(({ name }) => name);
const RULE = "rules:\n- level: None\n  ";
const ENTRY = "rules:\n- resources:\n  - ";

/** @type {[string, string[]][]} */
const OFFERED = [
  ["kind: |", ["Policy"]],
  ["apiVersion: |", ["audit.k8s.io/v1"]],
  ["|", ["apiVersion", "kind", "metadata", "omitStages", "omitManagedFields", "rules"]],
  ["kind: Policy\n|", ["apiVersion", "metadata", "omitStages", "omitManagedFields", "rules"]],
  ["rules:\n- level: |", ["None", "Metadata", "Request", "RequestResponse"]],
  ["omitStages: [Panic, |", ["RequestReceived", "ResponseStarted", "ResponseComplete"]],
  [`${RULE}nonResourceURLs: [/version]\n  |`, ["users", "userGroups", "verbs", "omitStages", "omitManagedFields"]],
  [`${ENTRY}|`, ["group", "resources", "resourceNames"]],
  [`${ENTRY}group: apps\n    resources: [deployments, deployments/status, |`, [
    "deployments/scale", "daemonsets", "daemonsets/status", "statefulsets", "statefulsets/scale", "statefulsets/status",
    "replicasets", "replicasets/scale", "replicasets/status", "controllerrevisions", "*", "*/status",
  ]],
  [`${ENTRY}group: example.com\n    resources: [|`, ["*", "*/status"]],
  [`${ENTRY}group: ""\n    resourceNames: [|`, []],
  [`${RULE}nonResourceURLs: [/version]\n  verbs: [|`, ["get", "patch", "delete", "post", "put", "head", "options"]],
  [`${RULE}namespaces: [a]\n  verbs: [|`, ["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "proxy"]],
  ["# |", []],
];
for (const [text, expected] of OFFERED) test(JSON.stringify(text), () => assert.deepEqual(names(text), expected));

test("an entry without a group offers every group's resources once", () => {
  const all = names(`${ENTRY}resources: [|`);
  assert.equal(all.filter((name) => name === "events").length, 1);
  assert.ok(all.includes("pods/exec") && all.includes("deployments/scale"));
});
test("core is found by its name", () => assert.equal(offered(`${ENTRY}group: |`)[0].match, "core"));

/**
 * Returns the text that a suggestion writes, with `|` for the cursor.
 * @param {string} marked @param {string} name
 */
function written(marked, name) {
  const suggestion = offered(marked).find((it) => it.name === name);
  assert.ok(suggestion);
  const { text, tail, bracket } = suggestion;
  return text + (bracket ? "[|]" : "|") + tail;
}

/** @type {[string, string, string | undefined][]} */
const WRITTEN = [
  ["|", "apiVersion", "apiVersion: audit.k8s.io/v1|"],
  ["|", "rules", "rules:\n  - level: |"],
  ["|\nrules:\n- level: None\n", "omitStages", "omitStages: [|]"],
  ["rules:\n- |", "verbs", "verbs: [|]"],
  [`${RULE}|`, "resources", "resources:\n  - group: |"],
  ["rules:\n  - level: None\n    |", "resources", "resources:\n      - group: |"],
  [`${RULE}|`, "omitManagedFields", "omitManagedFields: true|"],
  ["rules:\n- level: None\n|", "- level", "- level: |"],
  ["rules:\n- {|", "resources", "resources: [{group: \"\", resources: [|]}]"],
  [`${RULE}users: [|`, "system:masters", undefined],
  [`${RULE}userGroups: [|`, "system:masters", "\"system:masters\"|"],
  [`${RULE}userGroups: ["|`, "system:masters", "system:masters\"|"],
  [`${RULE}verbs: |`, "get", "[get|]"],
  [`${RULE}verbs:\n    |`, "get", "- get|"],
  [`${RULE}nonResourceURLs: [|`, "/healthz*", "/healthz*|"],
  [`${RULE}nonResourceURLs: [|`, "*", "\"*\"|"],
  [`${RULE}namespaces: [|`, "\"\"", "\"\"|"],
  [`${ENTRY}group: |`, "\"\"", "\"\"|"],
  [`${ENTRY}group: |`, "apps", "apps|"],
  [`${ENTRY}group: |`, "*", "\"*\"|"],
  [`${ENTRY}group: ""\n    resources: [|`, "pods/exec", "pods/exec|"],
  [`${ENTRY}group: ""\n    resources: [|`, "*/status", "\"*/status\"|"],
  ["{|", "kind", "\"kind\": \"Policy\"|"],
  ["{\"|", "rules", "rules\": [|]"],
  ["{\"rules\": [{\"|", "level", "level\": \"|\""],
];
for (const [text, name, expected] of WRITTEN) {
  if (expected === undefined) test(`${JSON.stringify(text)} does not offer ${name}`, () => assert.ok(!names(text).includes(name)));
  else test(`${JSON.stringify(text)}: ${name}`, () => assert.equal(written(text, name), expected));
}

/** @type {[string, RegExp][]} */
const MEANT = [
  ["rules:\n- level: Metadata|", /no bodies/],
  ["rules:\n- userGroups|", /groups must be one of these/],
  ["rules:\n- level: None\n  verbs: [deletecollection|", /collection/],
  ["omitStages: [Panic|", /panicked/],
  [`${ENTRY}group: ""\n    resources: [pods|`, /without its subresources/],
  [`${ENTRY}group: ""\n    resources: [pods/*|`, /itself and every subresource/],
  [`${ENTRY}group: ""\n    resources: ["*/*|`, /Matches nothing/],
  ["rules:\n- level: constructor|", /^$/],
  ["constructor|", /^$/],
];
for (const [text, expected] of MEANT) {
  test(`help on ${JSON.stringify(text)}`, () => assert.match(meaning(placeOf(text)), expected));
}
