// Builds the smallest site of each recipe for the widget with its real tool, and runs the policy in it: `node tests/recipes/run.mjs [NAME…]`.
//
// The widget is the one in target/release-files. What a tool needs is installed in the cache folder, by lock file; without it, its recipe is skipped
// with a line that says why. The last line is `N passed, N failed, N skipped`.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packages } from "../../web/build/packages.mjs";
import { pipPackages } from "../../web/build/pip.mjs";
import { serve } from "../../web/build/server.mjs";
import { findChromium, onPath } from "../browser/engines/installed.mjs";
import { launch, root } from "../browser/harness.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const WIDGET = ["audit-policy-playground.js", "audit-policy-playground.html"];
/** Longer than the widget needs for its first verdict on a slow machine. */
const VERDICT_MS = 60_000;

/** A recipe that cannot be tried here, with the reason. */
class Skipped extends Error {}

/**
 * The recipes: the folder of files that their site has as they are, and what builds it from a copy of the recipe's folder into another.
 * @type {Record<string, { files: string, build: (folder: string, out: string) => void }>}
 */
const RECIPES = {
  html: { files: "", build: (folder, out) => cpSync(folder, out, { recursive: true }) },
  mdbook: { files: "src", build: mdbook },
  mkdocs: { files: "docs", build: mkdocs },
  docusaurus: { files: "static", build: docusaurus },
};

/**
 * Builds with mdBook's library, which the program of the documentation is on.
 * @param {string} folder @param {string} out
 */
function mdbook(folder, out) {
  const words = ["run", "--locked", "--quiet", "--manifest-path", join(root, "crates/xtask/book/Cargo.toml"), "--", "--plain", folder, out];
  run("cargo", words, { env: { ...process.env, CARGO_TARGET_DIR: process.env.CARGO_TARGET_DIR ?? join(root, "target", "book") } });
}

/** @param {string} folder @param {string} out */
function mkdocs(folder, out) {
  const python = onPath("python3", "python");
  if (!python || spawnSync(python, ["-m", "pip", "--version"]).status !== 0) throw new Skipped("Python with pip is not installed");
  const installed = pipPackages(python, join(here, "mkdocs", "requirements.txt"));
  const path = [installed, process.env.PYTHONPATH].filter(Boolean).join(delimiter);
  run(python, ["-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", out], { cwd: folder, env: { ...process.env, PYTHONPATH: path } });
}

/**
 * Builds without the cache that Docusaurus keeps among its packages: they are shared by several checkouts, and a module in it may be of another one.
 * @param {string} folder @param {string} out
 */
function docusaurus(folder, out) {
  const modules = packages(join(here, "docusaurus"));
  symlinkSync(modules, join(folder, "node_modules"), "junction");
  const program = join(modules, "@docusaurus", "core", "bin", "docusaurus.mjs");
  const env = { ...process.env, DOCUSAURUS_DISABLE_TELEMETRY: "1", DOCUSAURUS_NO_PERSISTENT_CACHE: "true", NODE_ENV: "production" };
  run(process.execPath, [program, "build", "--out-dir", out], { cwd: folder, env });
}

/**
 * Runs a program, whose output is only shown if it fails.
 * @param {string} program @param {string[]} words @param {import("node:child_process").SpawnSyncOptions} [options]
 */
function run(program, words, options) {
  const { status, error, stdout, stderr } = spawnSync(program, words, { stdio: ["ignore", "pipe", "pipe"], ...options });
  if (error) throw new Skipped(`\`${program}\` could not be started: ${error.message}`);
  if (status !== 0) throw new Error(`\`${[program, ...words].join(" ")}\` ended with status ${status}\n${stdout}${stderr}`);
}

/**
 * Builds a recipe, and returns the folder of its site.
 * @param {string} name
 */
function built(name) {
  const folder = join(root, "target", "recipes", name);
  const [source, out] = [join(folder, "source"), join(folder, "site")];
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  cpSync(join(here, name), source, { recursive: true });
  const { files, build } = RECIPES[name];
  for (const file of WIDGET) cpSync(join(root, "target", "release-files", file), join(source, files, "playground", file));
  build(source, out);
  return out;
}

/**
 * Opens the site of a recipe and runs its policy.
 * @param {string} folder @param {import("playwright-core").Browser} browser
 */
async function answers(folder, browser) {
  const server = await serve(folder, ["/"]);
  const page = await browser.newPage();
  try {
    /** @type {string[]} */
    const problems = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("request", (request) => {
      if (!request.url().startsWith(server.origin) && !/^(data|blob):/.test(request.url())) problems.push(`requests ${request.url()}`);
    });
    page.setDefaultTimeout(VERDICT_MS);
    await page.goto(`${server.origin}/`);
    const verdict = page.evaluate((time) => new Promise((resolve, reject) => {
      addEventListener("verdict", (event) => resolve(/** @type {CustomEvent} */ (event).detail), true);
      setTimeout(() => reject(new Error("no verdict")), time);
    }), VERDICT_MS);
    await page.getByRole("button", { name: "Edit and run" }).click();
    const { accepted, policy } = /** @type {{ accepted: boolean, policy: string }} */ (await verdict);
    assert.ok(accepted);
    assert.equal(policy.trim(), "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n  - level: Metadata");
    assert.deepEqual(problems, []);
  } finally {
    await page.close();
    await server.close();
  }
}

const missing = WIDGET.filter((file) => !existsSync(join(root, "target", "release-files", file)));
if (missing.length > 0) {
  console.error(`error: target/release-files has no ${missing.join(" and ")}: run \`cargo xtask docs\` first`);
  process.exit(1);
}
const words = process.argv.slice(2);
const names = Object.keys(RECIPES).filter((name) => words.length === 0 || words.includes(name));
if (!findChromium()) {
  console.log(`skipped: Chromium is not installed\n0 passed, 0 failed, ${names.length} skipped`);
  process.exit(0);
}
const count = { passed: 0, failed: 0, skipped: 0 };
const browser = await launch();
for (const name of names) {
  const begin = Date.now();
  try {
    await answers(built(name), browser);
    count.passed += 1;
    console.log(`ok     ${name} (${((Date.now() - begin) / 1000).toFixed(1)} s)`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (error instanceof Skipped) count.skipped += 1;
    else count.failed += 1;
    console.log(error instanceof Skipped ? `skipped: ${name}: ${reason}` : `FAILED ${name}\n       ${reason.replaceAll("\n", "\n       ")}`);
  }
}
await browser.close();
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exitCode = count.failed > 0 ? 1 : 0;
