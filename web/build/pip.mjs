// Packages of Python by a requirements.txt, kept in the user's cache.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cache } from "./packages.mjs";

/**
 * Returns the folder with the packages of a requirements.txt; installed first where it is missing.
 * @param {string} python @param {string} requirements
 */
export function pipPackages(python, requirements) {
  const folder = join(cache(), "pip", createHash("sha256").update(readFileSync(requirements)).digest("hex").slice(0, 16));
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial-${process.pid}`;
  try {
    const options = "-m pip install --quiet --no-deps --disable-pip-version-check --root-user-action ignore --target";
    const words = [...options.split(" "), partial, "--requirement", requirements];
    const { status, error, stderr } = spawnSync(python, words, { stdio: ["ignore", "ignore", "pipe"], encoding: "utf8" });
    if (error) throw error;
    if (status !== 0) throw new Error(`\`${python} ${words.join(" ")}\` ended with status ${status}\n${stderr}`);
    if (!existsSync(folder)) renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}
