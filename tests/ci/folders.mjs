// Temporary folders, repositories and programs of the tests.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { after } from "node:test";
import { commandPath } from "../browser/native.mjs";

const all = realpathSync(mkdtempSync(join(tmpdir(), "audit-policy-ci-")));
after(() => rmSync(all, { recursive: true, force: true }));

/** One rule without warnings; an info reports that every request is logged twice. */
export const GOOD = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

/** A level that does not exist. */
export const BAD = GOOD.replace("Metadata", "Loud");

/** Returns a new folder. */
export function newFolder() {
  return mkdtempSync(join(all, "f-"));
}

/** Writes files into a folder. @param {string} folder @param {Record<string, string>} files */
export function write(folder, files) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** The environment of a runner: Git reads no settings of a user. */
export const ENV = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };

/** Runs Git. @param {string} folder @param {string[]} words */
export function git(folder, ...words) {
  const own = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"];
  const { status, stdout, stderr } = spawnSync("git", [...own, ...words], { cwd: folder, env: ENV, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  return stdout;
}

/** Returns a repository with files that are committed on the branch `main`. @param {Record<string, string>} files */
export function repository(files) {
  const folder = newFolder();
  git(folder, "init", "--quiet", "--initial-branch", "main");
  commit(folder, files);
  return folder;
}

/** Writes files and commits them. @param {string} folder @param {Record<string, string>} files */
export function commit(folder, files) {
  write(folder, files);
  git(folder, "add", "--all");
  git(folder, "commit", "--quiet", "--message", "files");
}

/** Returns a folder for the PATH with scripts of bash. @param {Record<string, string>} scripts */
export function programs(scripts) {
  const folder = newFolder();
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/usr/bin/env bash\n${text}`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** Returns a folder for the PATH with the command under a name. @param {string} name */
export function commandAs(name) {
  const folder = newFolder();
  symlinkSync(commandPath(), join(folder, name));
  return folder;
}

/** Runs a line of the documentation in bash, and fails unless it succeeds; returns what it prints. @param {string} line @param {string} folder @param {NodeJS.ProcessEnv} [env] */
export function runLine(line, folder, env = {}) {
  const path = [commandAs("audit-policy"), process.env.PATH].join(delimiter);
  const { status, stdout, stderr } = spawnSync("bash", ["-eo", "pipefail", "-c", line], { cwd: folder, env: { ...ENV, PATH: path, RUNNER_TEMP: newFolder(), ...env }, encoding: "utf8" });
  assert.equal(status, 0, `${line}\n${stdout}${stderr}`);
  return stdout;
}
