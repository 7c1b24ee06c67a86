// The schemas: SchemaStore's files pass the checks that it makes with Ajv, and kubeconform's accept and reject the same policies.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { before, test } from "node:test";
import { packages } from "../../web/build/packages.mjs";
import { commandPath } from "../browser/native.mjs";
import { shellLines } from "./docs.mjs";
import { newFolder, runLine } from "./folders.mjs";
import { parse, root } from "./yaml.mjs";

const { Ajv } = createRequire(join(packages(join(root, "tests/ci")), "x.js"))("ajv");
const [store, conform] = [newFolder(), newFolder()];

before(() => {
  for (const [folder, layout] of [[store, "schemastore"], [conform, "kubeconform"]]) {
    const { status, stderr } = spawnSync(commandPath(), ["schema", "--dir", folder, "--layout", layout], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  }
});

/** @param {string[]} parts */
const read = (...parts) => readFileSync(join(...parts), "utf8");

/** The validation by a schema, in Ajv's strict mode, except for types in lists. @param {any} schema */
const validation = (schema) => new Ajv({ strict: true, allowUnionTypes: true, strictTypes: false, strictRequired: false }).compile(schema);

test("each schema of SchemaStore accepts its test, and rejects its negative one", () => {
  const names = readdirSync(join(store, "src/schemas/json"));
  // Kubernetes 1.20 to 1.36.
  assert.equal(names.length, 17);
  for (const name of names) {
    const schema = JSON.parse(read(store, "src/schemas/json", name));
    assert.equal(schema.$id, `https://json.schemastore.org/${name}`);
    const isValid = validation(schema);
    for (const [kind, expected] of /** @type {const} */ ([["test", true], ["negative_test", false]])) {
      const folder = join(store, "src", kind, name.replace(/\.json$/, ""));
      const files = readdirSync(folder);
      assert.ok(files.length > 0, folder);
      for (const file of files) assert.equal(isValid(parse(read(folder, file))), expected, `${folder}/${file}`);
    }
  }
});

test("the entry of the catalogue names every schema, and the newest for files without a version", () => {
  const entry = JSON.parse(read(store, "catalog-entry.json"));
  const schemas = readdirSync(join(store, "src/schemas/json")).map((name) => `https://json.schemastore.org/${name}`);
  assert.deepEqual(Object.values(entry.versions).sort(), schemas.sort());
  assert.equal(entry.url, entry.versions["1.36"]);
  assert.deepEqual(entry.fileMatch, ["audit-policy.json", "audit-policy.yaml", "audit-policy.yml"]);
});

test("of kubeconform's schemas, only the strict one rejects an unknown field", () => {
  const policy = parse(read(store, "src/negative_test/kubernetes-audit-policy-1.36/verbs-in-resources.yaml"));
  for (const [folder, expected] of /** @type {const} */ ([["v1.36.0-standalone-strict", false], ["v1.36.0-standalone", true]])) {
    assert.equal(validation(JSON.parse(read(conform, folder, "policy-audit-v1.json")))(policy), expected, folder);
  }
});

test("the lines of the documentation run", () => {
  const folder = newFolder();
  const lines = shellLines("docs/schemas.md");
  assert.equal(lines.length, 4);
  for (const line of lines) runLine(line, folder);
  const names = ["audit-policy.schema.json", "schemas/v1.36.0-standalone-strict/policy-audit-v1.json", "schemastore/catalog-entry.json"];
  for (const name of names) assert.ok(read(folder, name).length > 100, name);
});
