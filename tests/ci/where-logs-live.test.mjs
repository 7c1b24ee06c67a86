// The commands of the pages about places where logs live, on logs as they are there. Programs of clouds are replaced by ones that print a recorded log.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { shellLines } from "./docs.mjs";
import { GOOD, newFolder, programs, runLine, write } from "./folders.mjs";
import { root } from "./yaml.mjs";

const log = (/** @type {string} */ name) => readFileSync(join(root, "tests", "data", "logs", name), "utf8");

/** Files that the pages name. */
const FILES = { "audit-policy.yaml": GOOD, "audit.log": log("lines.jsonl"), "records.json": log("aks.json") };

/** Lines as `aws logs tail` prints them. */
const tail = log("lines.jsonl").split("\n").filter(Boolean).map((line) => `2026-11-20T10:00:00.123000+00:00 kube-apiserver-audit-0a1b ${line}\n`).join("");

/** The page, the number of its lines, and the files that they write, each with a part of its text. */
const PAGES = /** @type {[string, number, Record<string, RegExp>][]} */ ([
  ["where-logs-live", 3, { "eks.yaml": /resourceNames: \[aws-auth\]/ }],
  ["logs-eks", 5, { "audit.log": /"level":"Metadata"/, "athena.sql": /^WITH/, "duckdb.sql": /^WITH/ }],
  ["logs-gke", 4, { "gke.yaml": /system:unsecured/, "kept.log": /"kind":"Event"/, "bigquery.sql": /^WITH/ }],
  ["logs-aks", 5, { "aks.kql": /^AKSAudit$/m, "kept.log": /"kind":"Event"/, "duckdb.sql": /AuditId/, "databricks.sql": /AuditId/ }],
  ["logs-files", 9, { "filtered.log": /"kind":"Event"/, "spark.sql": /requestURI/, "one.json": /\{/, "policy.lua": /function audit_policy/, "policy.vrl": /\.audit_policy = / }],
]);

for (const [page, count, files] of PAGES) {
  test(`the commands of docs/${page}.md run`, () => {
    const folder = newFolder();
    write(folder, { ...FILES, "tail.log": tail, "gke.json": log("gke.json") });
    const PATH = programs({ aws: `cat "${join(folder, "tail.log")}"`, gcloud: `cat "${join(folder, "gke.json")}"` });
    const lines = shellLines(`docs/${page}.md`);
    assert.equal(lines.length, count, lines.join("\n"));
    for (const line of lines) runLine(`export PATH="${PATH}:$PATH"; ${line}`, folder);
    for (const [name, part] of Object.entries(files)) assert.match(readFileSync(join(folder, name), "utf8"), part, name);
  });
}
