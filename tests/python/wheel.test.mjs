// The Python package: its wheel is built, installed from its file, and compared with the command, alone and on Spark:
// `node --test tests/python/wheel.test.mjs`. It needs Python, and Java for Spark.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { pipPackages } from "../../web/build/pip.mjs";
import { onPath } from "../browser/engines/installed.mjs";
import { commandPath } from "../browser/native.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const python = onPath("python3", "python");
const folder = mkdtempSync(join(tmpdir(), "wheel-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const { packages, skip } = installed();

/** Installs the packages that the tests need, or says why they cannot be. */
function installed() {
  try {
    if (!python) throw new Error("Python is not installed");
    return { packages: pipPackages(python, join(root, "tests", "python", "requirements.txt")), skip: /** @type {const} */ (false) };
  } catch (error) {
    return { packages: "", skip: error instanceof Error ? error.message.split("\n")[0] : String(error) };
  }
}

/** Runs a program, by default Python, and returns what it prints. @param {string[]} words @param {Record<string, string>} [variables] */
function run(words, variables = {}, program = String(python)) {
  const path = [variables.PYTHONPATH, packages, process.env.PYTHONPATH].filter(Boolean).join(delimiter);
  const env = { ...process.env, ...variables, PYTHONPATH: path };
  const { error, status, stdout, stderr } = spawnSync(program, words, { env, encoding: "utf8", maxBuffer: 1 << 28 });
  if (error) throw error;
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout + stderr;
}

const site = join(folder, "site");

before(() => {
  if (skip) return;
  const wheels = join(folder, "wheels");
  const target = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "python");
  // `python -m maturin` finds its program in the folders of an installation only.
  const maturin = join(packages, "bin", "maturin");
  run(["build", "--release", "--locked", "--manifest-path", join(root, "python", "Cargo.toml"), "--out", wheels, "--interpreter", String(python)], { CARGO_TARGET_DIR: target }, maturin);
  const [wheel] = readdirSync(wheels);
  run(["-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", "--root-user-action", "ignore", "--target", site, join(wheels, wheel)]);
});

/** @param {string} name */
function runTests(name) {
  const data = join(root, "tests", "data", "kube-apiserver-1.36");
  const variables = { AUDIT_POLICY: commandPath(), LOGS: join(data, "logs"), POLICY: join(data, "policies", "omit.yaml"), PYTHONPATH: site };
  return run([join(root, "python", "tests", name), "-v"], variables);
}

test("the package computes what the command computes", { skip }, () => {
  assert.match(runTests("test_engine.py"), /Ran 5 tests/);
});

test("the package computes what the command computes on Spark", { skip: skip || (onPath("java") ? false : "Java is not installed") }, () => {
  assert.match(runTests("test_spark.py"), /Ran 2 tests/);
});
