// npm packages by lock file, kept in the user's cache so that the source tree stays clean and a second checkout is warm.
//
// As a program: `node web/build/packages.mjs FOLDER…` installs what each FOLDER's lock file names. With `--installed` it installs nothing,
// and exits with 1 if something is missing.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

/** The folder that holds everything this project installs; `cargo xtask` uses the same one. */
export function cache() {
  const { AUDIT_PLAYGROUND_CACHE, XDG_CACHE_HOME } = process.env;
  return AUDIT_PLAYGROUND_CACHE || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "audit-policy-playground");
}

/**
 * Returns the files that name the packages of a folder, and where those packages are installed.
 * @param {string} folder
 */
function place(folder) {
  const files = ["package.json", "package-lock.json"].map((name) => join(folder, name));
  const hash = createHash("sha256");
  for (const file of files) hash.update(readFileSync(file));
  hash.update(`${process.platform}-${process.arch}`);

  const home = join(cache(), "npm", hash.digest("hex").slice(0, 16));
  return { files, home, modules: join(home, "node_modules") };
}

/**
 * The `node_modules` folder for a folder with a package.json and its lock; installed first where it is missing.
 * @param {string} folder
 * @returns {string}
 */
export function packages(folder) {
  const { files, home, modules } = place(folder);
  if (existsSync(modules)) return modules;

  // Made next to its final place and renamed when complete: an interrupted install never looks finished.
  const partial = `${home}.partial-${process.pid}`;
  try {
    mkdirSync(partial, { recursive: true });
    for (const file of files) copyFileSync(file, join(partial, file.slice(folder.length + 1)));
    install(partial);
    if (!existsSync(modules)) renameSync(partial, home);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return modules;
}

/**
 * Runs npm without the scripts of packages: none of them needs one. Its cache comes first; where that is too old to know a version, the registry.
 * @param {string} folder
 */
function install(folder) {
  const shell = process.platform === "win32";
  let problem = "";
  for (const source of ["--prefer-offline", "--prefer-online"]) {
    const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", source, "--loglevel=error"];
    const { status, error } = spawnSync("npm", args, { cwd: folder, shell, stdio: ["ignore", "inherit", "inherit"] });
    if (error) throw new Error(`npm is missing: it comes with Node.js, on Debian with \`sudo apt-get install npm\` (${error.message})`);
    if (status === 0) return;
    problem = `\`npm ${args.join(" ")}\` ended with status ${status}`;
  }
  throw new Error(problem);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    const folders = process.argv.slice(2).filter((word) => word !== "--installed").map((folder) => resolve(folder));
    if (!process.argv.includes("--installed")) folders.forEach(packages);
    else if (!folders.every((folder) => existsSync(place(folder).modules))) process.exitCode = 1;
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
