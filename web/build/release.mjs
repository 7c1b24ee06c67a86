// Packs what a release has into target/release-files: `node web/build/release.mjs`, after one-file.mjs and widget.mjs have put the one file and
// the script of the element there, and the documentation is in target/docs. A zip with the site, which has all of them too, and the checksums of
// all. The same input gives the same files. The site of the zip is also in target/site.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { NAME, RELEASE, WIDGET, filesOf } from "./one-file.mjs";
import { packages } from "./packages.mjs";

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const { zipSync } = createRequire(join(packages(web), "x.js"))("fflate");

const ZIP = "audit-policy-playground.zip";
const SUMS = "SHA256SUMS";
/** The folder that the zip has everything in. */
const FOLDER = "audit-policy-playground";

/**
 * Returns a zip of the site and the one file; the site includes the one file and the script that shows it in other pages. Its times are the
 * earliest that the format has.
 * @param {Map<string, Uint8Array>} site @param {Uint8Array} oneFile @param {Uint8Array} script
 * @returns {Uint8Array}
 */
export function zipOf(site, oneFile, script) {
  const whole = [...site, [WIDGET, script], [NAME, oneFile]].map(([name, bytes]) => [`${FOLDER}/site/${name}`, new Uint8Array(/** @type {Uint8Array} */ (bytes))]);
  const entries = [...whole, [`${FOLDER}/${NAME}`, new Uint8Array(oneFile)]];
  return zipSync(Object.fromEntries(entries), { level: 9, mtime: new Date(1980, 0, 1) });
}

/**
 * Returns the site with the documentation in `docs/`, which the page links to. The widget of the documentation is that of the site.
 * @param {Map<string, Uint8Array>} site @param {Map<string, Uint8Array>} docs
 * @returns {Map<string, Uint8Array>}
 */
export function withDocs(site, docs) {
  const page = text(site, "index.html").replace("</head>", '<link rel="help" href="./docs/index.html"></head>');
  const pages = [...docs].filter(([name]) => !name.startsWith("playground/")).map(([name, bytes]) => {
    const html = () => Buffer.from(bytes).toString().replace(/(<script src="(?:\.\.\/)*)playground\//, "$1../");
    return /** @type {[string, Uint8Array]} */ ([`docs/${name}`, name.endsWith(".html") ? Buffer.from(html()) : bytes]);
  });
  return new Map([...site, ["index.html", Buffer.from(page)], ...pages]);
}

/** @param {Map<string, Uint8Array>} files @param {string} name */
function text(files, name) {
  const bytes = files.get(name);
  if (!bytes) throw new Error(`the site has no \`${name}\``);
  return Buffer.from(bytes).toString();
}

/**
 * Reads a folder with its subfolders. The names have `/`.
 * @param {string} folder
 */
export function allFilesOf(folder) {
  const names = readdirSync(folder, { recursive: true }).map(String).filter((name) => statSync(join(folder, name)).isFile()).sort();
  return new Map(names.map((name) => [name.replaceAll("\\", "/"), readFileSync(join(folder, name))]));
}

/**
 * Replaces a folder by files.
 * @param {Map<string, Uint8Array>} files @param {string} folder
 */
export function write(files, folder) {
  rmSync(folder, { recursive: true, force: true });
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
}

/**
 * Returns the lines that `sha256sum --check` reads.
 * @param {[name: string, bytes: Uint8Array][]} files
 */
export function sumsOf(files) {
  return files.map(([name, bytes]) => `${createHash("sha256").update(bytes).digest("hex")}  ${name}\n`).join("");
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const oneFile = readFileSync(join(RELEASE, NAME));
  const script = readFileSync(join(RELEASE, WIDGET));
  const root = dirname(web);
  const site = withDocs(filesOf(join(root, "dist")), allFilesOf(join(root, "target", "docs")));
  write(new Map([...site, [WIDGET, script], [NAME, oneFile]]), join(root, "target", "site"));
  const zip = zipOf(site, oneFile, script);
  for (const name of readdirSync(RELEASE)) if (![NAME, WIDGET].includes(name)) rmSync(join(RELEASE, name));
  /** @type {[string, Uint8Array][]} */
  const made = [[NAME, oneFile], [WIDGET, script], [ZIP, zip]];
  writeFileSync(join(RELEASE, ZIP), zip);
  writeFileSync(join(RELEASE, SUMS), sumsOf(made));
  for (const [name, { length }] of made) console.log(`${join(RELEASE, name)}  ${length.toLocaleString("en")} bytes`);
}
