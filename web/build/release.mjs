// Packs what a release has into target/release-files: `node web/build/release.mjs`, after one-file.mjs has put the one file there. A zip with
// the site and the one file, and the checksums of both files. The same input gives the same files.

import { createHash } from "node:crypto";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { NAME, RELEASE, filesOf } from "./one-file.mjs";
import { packages } from "./packages.mjs";

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const { zipSync } = createRequire(join(packages(web), "x.js"))("fflate");

const ZIP = "audit-policy-playground.zip";
const SUMS = "SHA256SUMS";
/** The folder that the zip has everything in. */
const FOLDER = "audit-policy-playground";

/**
 * Returns a zip of the site and the one file. Its times are the earliest that the format has.
 * @param {Map<string, Uint8Array>} site @param {Uint8Array} oneFile
 * @returns {Uint8Array}
 */
export function zipOf(site, oneFile) {
  const entries = [...[...site].map(([name, bytes]) => [`${FOLDER}/site/${name}`, new Uint8Array(bytes)]), [`${FOLDER}/${NAME}`, new Uint8Array(oneFile)]];
  return zipSync(Object.fromEntries(entries), { level: 9, mtime: new Date(1980, 0, 1) });
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
  const zip = zipOf(filesOf(join(dirname(web), "dist")), oneFile);
  for (const name of readdirSync(RELEASE)) if (name !== NAME) rmSync(join(RELEASE, name));
  writeFileSync(join(RELEASE, ZIP), zip);
  writeFileSync(join(RELEASE, SUMS), sumsOf([[NAME, oneFile], [ZIP, zip]]));
  for (const [name, { length }] of /** @type {[string, Uint8Array][]} */ ([[NAME, oneFile], [ZIP, zip]])) console.log(`${join(RELEASE, name)}  ${length.toLocaleString("en")} bytes`);
}
