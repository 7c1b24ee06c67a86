// Queries for Azure Monitor, which nothing here runs: the library of Kusto's own editors reads them and knows the table's columns.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { runInThisContext } from "node:vm";
import { packages } from "../../web/build/packages.mjs";
import { native } from "../browser/native.mjs";
import { HOSTILE, ODD_RULES, data, policyOf } from "./shared.mjs";

const SCHEMA = "(AuditId: string, Verb: string, RequestUri: string, Stage: string, User: dynamic)";

/** @type {(query: string) => string[]} */
let problems;

before(() => {
  const folder = join(packages(dirname(fileURLToPath(import.meta.url))), "@kusto", "language-service-next");
  for (const name of ["bridge.min.js", "Kusto.Language.Bridge.min.js"]) runInThisContext(readFileSync(join(folder, name), "utf8"), { filename: name });
  const { Language } = /** @type {any} */ (globalThis).Kusto;
  // Constructors have numbers: by name and columns, and by name and members.
  const table = new Language.Symbols.TableSymbol.$ctor7("AKSAudit", SCHEMA, null);
  const globals = Language.GlobalState.Default.WithDatabase(new Language.Symbols.DatabaseSymbol.$ctor1("logs", [table]));
  problems = (query) => {
    const found = Language.KustoCode.ParseAndAnalyze(query, globals).GetDiagnostics();
    return Array.from({ length: found.Count }, (_, at) => found.getItem(at)).map(({ Severity, Message, Start }) => `${Severity} at ${query.slice(Start, Start + 40)}: ${Message}`);
  };
});

/** @param {string} policy */
function compiled(policy) {
  const { status, stdout, stderr } = native(["compile", "--policy", policy, "--to", "kusto"]);
  assert.equal(status, 0, stderr);
  return stdout;
}

test("kusto prints what its library reads, with the columns of the table", () => {
  const many = Array.from({ length: 100 }, (_, at) => ({ level: "Metadata", users: [`user-${at}`], resources: [{ group: "", resources: ["pods", "pods/log"], resourceNames: ["a"] }] }));
  for (const policy of [policyOf(ODD_RULES), policyOf(many), join(data, "bench", "seventeen-rules.yaml")]) assert.deepEqual(problems(compiled(policy)), []);
  const query = compiled(policyOf(ODD_RULES));
  for (const [from, to] of [["RequestUri", "NoSuchColumn"], ["split(", "splitt("], ["| extend", "| extend ("]]) {
    assert.notDeepEqual(problems(query.replace(from, to)), [], to);
  }
});

test("kusto has no text of a policy outside of literals", () => {
  const shape = (/** @type {string} */ query) => query.replaceAll(/strcat\((?:(?:"[^"]*"|make_string\([\d, ]+\))(?:, )?)*\)|make_string\([\d, ]+\)|"[^"]*"/g, "L");
  const of = (/** @type {string} */ text) => compiled(policyOf([{ level: "Request", users: [text, "b"], verbs: [text] }]));
  const plain = shape(of("a"));
  for (const text of HOSTILE) {
    const query = of(text);
    assert.equal(shape(query), plain, JSON.stringify(text));
    assert.match(query, /^[\n -~]*$/);
  }
});
