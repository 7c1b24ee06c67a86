// Packs what a release hands out besides the site: `node web/release/files.mjs --host TRIPLE --program FILE --wheels FOLDER [--sums FILE]`, after
// `cargo xtask dist` has put the site into target/release-files, and `cargo xtask npm` the package into target/npm. Writes the command with its
// completions and pages of the manual, the wheel, the npm package, the schemas, the list of contents, the changes, what built them and the checksums of
// all. With `--sums`, exits with 1 if the checksums are not those of a file.

import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { version } from "../build/krew.mjs";
import { RELEASE } from "../build/one-file.mjs";
import { packages } from "../build/packages.mjs";
import { allFilesOf, sumsOf } from "../build/release.mjs";
import { sbom } from "./sbom.mjs";

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(web);
const { zipSync } = createRequire(join(packages(web), "x.js"))("fflate");

const USAGE = "usage: node web/release/files.mjs --host TRIPLE --program FILE --wheels FOLDER [--sums FILE]";
const NAME = "audit-policy";
const SUMS = "SHA256SUMS";
const SHELLS = ["bash", "elvish", "fish", "powershell", "zsh"];

/** Unix, and the modes of a program and of other files: as a zip writes them. */
const UNIX = 3;
const [EXECUTABLE, PLAIN] = [0o100755, 0o100644].map((mode) => (mode << 16) >>> 0);

/**
 * Returns a zip with everything in one folder, with the earliest time that the format has.
 * @param {string} folder @param {Iterable<[string, Uint8Array]>} files @param {string} [program] The file that can be executed.
 * @returns {Uint8Array}
 */
export function zip(folder, files, program) {
  const entry = (/** @type {string} */ name, /** @type {Uint8Array} */ bytes) => [new Uint8Array(bytes), { os: UNIX, attrs: name === program ? EXECUTABLE : PLAIN }];
  const entries = [...files].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, bytes]) => [`${folder}/${name}`, entry(name, bytes)]);
  return zipSync(Object.fromEntries(entries), { level: 9, mtime: new Date(1980, 0, 1) });
}

/**
 * Returns the section of a changelog about a version, or about what is not released, without its heading.
 * @param {string} changelog @param {string} version
 */
export function changesOf(changelog, version) {
  const sections = changelog.split(/^## /m).slice(1).map((section) => {
    const end = section.indexOf("\n");
    return { title: section.slice(0, end).trim(), text: section.slice(end + 1).trim() };
  });
  const of = (/** @type {string} */ title) => sections.find((section) => section.title === title || section.title.startsWith(`${title} `));
  const found = of(version) ?? of("Unreleased");
  if (!found?.text) throw new Error(`CHANGELOG.md has no section about ${version}, and none that is not released`);
  return `${found.text}\n`;
}

/** Runs the command and returns its output. @param {string} program @param {string[]} words */
function run(program, words) {
  const { status, error, stdout, stderr } = spawnSync(program, words, { maxBuffer: 1 << 28 });
  if (error) throw error;
  if (status !== 0) throw new Error(`\`${NAME} ${words.join(" ")}\` ended with status ${status}: ${stderr}`);
  return stdout;
}

/**
 * Returns what a function puts into a folder.
 * @param {(folder: string) => void} fill
 */
function made(fill) {
  const folder = mkdtempSync(join(tmpdir(), "release-"));
  try {
    fill(folder);
    return allFilesOf(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Returns the command with its completions and its manual. @param {string} program @param {string} host */
function commandZip(program, host) {
  const own = host.includes("windows") ? `${NAME}.exe` : NAME;
  const files = made((folder) => {
    for (const name of ["completions", "man"]) mkdirSync(join(folder, name));
    for (const shell of SHELLS) writeFileSync(join(folder, "completions", shell), run(program, ["completions", shell]));
    run(program, ["man", "--dir", join(folder, "man")]);
    copyFileSync(program, join(folder, own));
  });
  return zip(`${NAME}-${version()}`, files, own);
}

/** Returns the schemas in the layouts of SchemaStore and of kubeconform. @param {string} program */
function schemasZip(program) {
  const catalogue = (/** @type {string} */ folder) => JSON.parse(readFileSync(join(folder, "schemastore", "catalog-entry.json"), "utf8"));
  const files = made((folder) => {
    run(program, ["schema", "--layout", "schemastore", "--dir", join(folder, "schemastore")]);
    for (const kubernetes of Object.keys(catalogue(folder).versions)) {
      run(program, ["schema", "--layout", "kubeconform", "--dir", join(folder, "kubeconform"), "--kubernetes-version", kubernetes]);
    }
  });
  return zip(`${NAME}-schemas-${version()}`, files);
}

/** Returns the only file of a folder whose name ends so. @param {string} folder @param {string} end */
function only(folder, end) {
  const names = readdirSync(folder).filter((name) => name.endsWith(end));
  if (names.length !== 1) throw new Error(`\`${folder}\` has ${names.length} files \`*${end}\`, not one`);
  return join(folder, names[0]);
}

/** Returns the versions of what the files were built with: another one may give other bytes. */
function builtWith() {
  const { status, error, stdout } = spawnSync("rustc", ["-vV"], { cwd: root, encoding: "utf8" });
  if (error || status !== 0) throw error ?? new Error(`\`rustc -vV\` ended with status ${status}`);
  return `${stdout}Node.js ${process.version}\n`;
}

/** Fails if a part has another version than the workspace. */
function checkVersions() {
  const python = /^version = "([^"]+)"/m.exec(readFileSync(join(root, "python", "Cargo.toml"), "utf8"))?.[1];
  const npm = JSON.parse(readFileSync(join(root, "npm", "package.json"), "utf8")).version;
  const other = Object.entries({ "python/Cargo.toml": python, "npm/package.json": npm }).find(([, own]) => own !== version());
  if (other) throw new Error(`${other[0]} has the version ${other[1]}, and Cargo.toml has ${version()}`);
}

/** Prints the lines of two lists of checksums that differ. Returns whether they are equal. @param {string} sums @param {string} expected */
function isSame(sums, expected) {
  const [own, other] = [sums, expected].map((text) => new Set(text.split("\n").filter(Boolean)));
  for (const line of other) if (!own.has(line)) console.error(`expected: ${line}`);
  for (const line of own) if (!other.has(line)) console.error(`built:    ${line}`);
  return own.size === other.size && [...own].every((line) => other.has(line));
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const options = /** @type {const} */ ({ host: { type: "string" }, program: { type: "string" }, wheels: { type: "string" }, sums: { type: "string" } });
  const { host, program, wheels, sums } = parseArgs({ options }).values;
  if (!host || !program || !wheels) throw new Error(USAGE);
  // The list to compare with may be the one that is replaced.
  const expected = sums && readFileSync(resolve(sums), "utf8");
  checkVersions();
  const command = resolve(program);
  const [wheel, npm] = [only(resolve(wheels), ".whl"), only(join(root, "target", "npm"), ".tgz")];
  /** @type {[string, Uint8Array][]} */
  const more = [
    [`${NAME}-${version()}-${host}.zip`, commandZip(command, host)],
    [`${NAME}-schemas-${version()}.zip`, schemasZip(command)],
    [basename(wheel), readFileSync(wheel)],
    [basename(npm), readFileSync(npm)],
    [`${NAME}-${version()}.cdx.json`, Buffer.from(sbom(version(), host))],
    ["BUILD.txt", Buffer.from(builtWith())],
    ["CHANGES.md", Buffer.from(changesOf(readFileSync(join(root, "CHANGELOG.md"), "utf8"), version()))],
  ];
  for (const [name, bytes] of more) writeFileSync(join(RELEASE, name), bytes);
  const names = readdirSync(RELEASE).filter((name) => name !== SUMS).sort();
  const all = names.map((name) => /** @type {[string, Uint8Array]} */ ([name, readFileSync(join(RELEASE, name))]));
  const list = sumsOf(all);
  writeFileSync(join(RELEASE, SUMS), list);
  for (const [name, { length }] of all) console.log(`${length.toLocaleString("en").padStart(12)} bytes  ${name}`);
  if (expected) {
    if (isSame(list, expected)) console.log("the checksums are those of the list");
    else process.exitCode = 1;
  }
}
