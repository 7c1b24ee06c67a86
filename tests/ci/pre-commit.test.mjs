// The hook, run by pre-commit from PyPI in temporary repositories.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { pipPackages } from "../../web/build/pip.mjs";
import { onPath } from "../browser/engines/installed.mjs";
import { shellLines, yamlBlocks } from "./docs.mjs";
import { BAD, ENV, GOOD, commandAs, git, newFolder, programs, repository, write } from "./folders.mjs";
import { root } from "./yaml.mjs";

const HOOKS = ".pre-commit-hooks.yaml";
const { python, packages, skip } = installed();

function installed() {
  const python = onPath("python3", "python") ?? "";
  try {
    if (!python) throw new Error("Python is not installed");
    return { python, packages: pipPackages(python, join(root, "tests", "ci", "requirements.txt")), skip: /** @type {const} */ (false) };
  } catch (error) {
    return { python, packages: "", skip: `pre-commit is not installed: ${error instanceof Error ? error.message.split("\n")[0] : error}` };
  }
}

/** Folder in which pre-commit keeps the repositories of hooks. */
const home = newFolder();

/** A repository with the hook: `repo` and `rev` of a configuration. */
const hooks = repository({ [HOOKS]: readFileSync(join(root, HOOKS), "utf8") });
const rev = git(hooks, "rev-parse", "HEAD").trim();

/** The environment: a user's own settings do not count. @param {string[]} path */
const environment = (path) => ({
  ...ENV,
  PATH: [...path, process.env.PATH].join(delimiter),
  PRE_COMMIT_HOME: home,
  PRE_COMMIT_COLOR: "never",
  PYTHONPATH: [packages, process.env.PYTHONPATH].filter(Boolean).join(delimiter),
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@b",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@b",
});

/** Writes the configuration of pre-commit, as JSON, which is YAML as well. @param {string} folder @param {object} [options] */
function configure(folder, options = {}) {
  writeFileSync(join(folder, ".pre-commit-config.yaml"), JSON.stringify({ repos: [{ repo: hooks, rev, hooks: [{ id: "audit-policy-check", ...options }] }] }));
  git(folder, "add", "--all");
}

/** Runs pre-commit on what is staged. @param {string} folder @param {string[]} [path] */
function run(folder, path = [commandAs("audit-policy")]) {
  const words = ["-m", "pre_commit", "run"];
  const { status, stdout, stderr } = spawnSync(python, words, { cwd: folder, env: environment(path), encoding: "utf8" });
  return { status, output: stdout + stderr };
}

/** A repository with changes that are staged. @param {Record<string, string>} files @param {object} [options] */
function staged(files, options) {
  const folder = repository({ "README.txt": "" });
  write(folder, files);
  configure(folder, options);
  return folder;
}

test("a good policy passes, a bad one fails with the server's message, and other files start nothing", { skip }, () => {
  for (const [files, status, text] of /** @type {const} */ ([
    [{ "a/p.yaml": GOOD }, 0, /audit-policy check\.+Passed/],
    [{ "a/p.yaml": BAD }, 1, /audit-policy check\.+Failed[\s\S]*exit code: 1[\s\S]*Unsupported value: "Loud"/],
    [{ "a/p.json": '{"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":[]}' }, 1, /audit-policy check\.+Failed/],
    [{ "a/s.yaml": "apiVersion: v1\nkind: Service\nmetadata:\n  name: a\n" }, 0, /audit-policy check\.+Passed/],
  ])) {
    const ran = run(staged(files));
    assert.equal(ran.status, status, ran.output);
    assert.match(ran.output, text);
  }
});

test("without YAML or JSON in the commit, the hook does not run", { skip }, () => {
  const folder = staged({ "a.txt": "" });
  git(folder, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "--message", "a");
  write(folder, { "b.txt": "" });
  git(folder, "add", "--all");
  assert.match(run(folder).output, /audit-policy check\.+\(no files to check\)Skipped/);
});

test("arguments choose options and folders, or the configuration", { skip }, () => {
  const files = { "a/p.yaml": GOOD, "b/p.yaml": BAD, "audit-policy.toml": 'files = ["a"]\n' };
  for (const [args, status] of /** @type {const} */ ([[["."], 1], [["a"], 0], [[], 0], [["--fail-on", "info", "a"], 1], [["c"], 1]])) {
    const ran = run(staged(files, { args }));
    assert.equal(ran.status, status, `${args}\n${ran.output}`);
  }
});

test("without the program, the hook fails and names it", { skip }, () => {
  const ran = run(staged({ "p.yaml": GOOD }), []);
  assert.equal(ran.status, 1);
  assert.match(ran.output, /Executable `audit-policy` not found/);
});

test("the configuration and the lines of the documentation work", { skip }, () => {
  const [{ repos: [{ repo, hooks: [hook] }] }] = yamlBlocks("docs/pre-commit.md");
  assert.match(repo, /OWNER\/REPOSITORY$/);
  const { id, ...options } = hook;
  assert.equal(id, "audit-policy-check");
  const folder = staged({ "clusters/p.yaml": `${GOOD}omitStages: [RequestReceived]\n`, "other.yaml": BAD }, options);
  const path = [commandAs("audit-policy"), programs({ "pre-commit": `exec "${python}" -m pre_commit "$@"` })];
  const lines = shellLines("docs/pre-commit.md");
  assert.equal(lines.length, 2);
  for (const line of lines) {
    const { status, stdout, stderr } = spawnSync("bash", ["-c", line], { cwd: folder, env: environment(path), encoding: "utf8" });
    assert.equal(status, 0, `${line}\n${stdout}${stderr}`);
  }
  // Installed, it rejects a commit.
  assert.ok(existsSync(join(folder, ".git", "hooks", "pre-commit")));
  write(folder, { "clusters/p.yaml": BAD });
  const commit = spawnSync("git", ["commit", "--quiet", "--all", "--message", "a"], { cwd: folder, env: environment(path), encoding: "utf8" });
  assert.equal(commit.status, 1, commit.stderr);
  assert.match(commit.stderr, /Unsupported value: "Loud"/);
});
