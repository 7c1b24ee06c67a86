// The native command, as the judge of what the page shows.

import { spawnSync } from "node:child_process";
import { root } from "./harness.mjs";

let path;

/** Returns the path of the command: `$AUDIT_POLICY` if it is set, otherwise the program that cargo builds from this tree. */
export function commandPath() {
  path ??= process.env.AUDIT_POLICY || built();
  return path;
}

function built() {
  const words = ["build", "--locked", "--quiet", "-p", "audit-cli", "--message-format=json"];
  const { status, stdout, stderr } = spawnSync("cargo", words, { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`the command cannot be built\n${stderr}`);
  const messages = stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  return messages.findLast(({ executable }) => executable).executable;
}

/**
 * Runs the command with these words.
 * @param {string[]} words
 * @param {string | Buffer} [input] what it reads from standard input
 * @returns {{ status: number, stdout: string, stderr: string }}
 */
export function native(words, input = "") {
  const { error, status, stdout, stderr } = spawnSync(commandPath(), words, { input, cwd: root, encoding: "utf8", maxBuffer: 1 << 30 });
  if (error) throw error;
  return { status, stdout, stderr };
}

/** Parses the objects that the command prints, one per line. */
export function objects(stdout) {
  return stdout.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}
