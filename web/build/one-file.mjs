// Makes one file of dist/, which works from disk and in a frame: `node web/build/one-file.mjs` writes it and prints its parts as a Markdown
// table. It exits with 1 if the file is larger than web/budgets.json allows.
//
// The files are compressed as one LZMA stream, since the modules have much code in common, and then text of a page in UTF-16: see
// web/one-file. A byte order mark decides the encoding, whatever a server or a program says about it.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { toText } from "../one-file/characters.js";
import { checksum } from "../one-file/checksum.js";
import { decode } from "../one-file/lzma.js";
import { packages } from "./packages.mjs";

const build = dirname(fileURLToPath(import.meta.url));
const web = dirname(build);
const root = dirname(web);
const load = createRequire(join(packages(web), "x.js"));

/** Name of the file. */
export const NAME = "audit-policy-playground.html";
/** Name of the script of the element that shows it in other pages: see widget.mjs. */
export const WIDGET = "audit-policy-playground.js";
/** Folder of a release. */
export const RELEASE = join(root, "target", "release-files");
/** The name of the budget, in bytes. */
const BUDGET = "one file";

/** The scripts of dist/ by their order in the stream: what the first answer needs is unpacked first. The page's script runs first. */
const ORDER = [/^page-.*\.js$/, /^interface-[0-9a-f]{12}\.wasm$/, /^worker-.*\.js$/, /^engine-[0-9a-f]{12}\.wasm$/, /^engine-rest-.*\.wasm$/, /^interface-rest-.*\.wasm$/];
const STYLE = /^page-.*\.css$/;
const EARLY = /^early-.*\.js$/;
const PAGE = /^index\.html$/;
/** Files of the site that keep it for use without a network, which the one file does not need. */
const SITE_ONLY = /^(?:service-worker\.js|manifest\.webmanifest)$/;

/** @typedef {Map<string, Buffer>} Files by their names in dist/ */
/** @typedef {import("../one-file/unpack.js").Content} Content */

/**
 * Returns the page in one file, and the sizes of its parts in bytes.
 * @param {Files} files of dist/
 * @returns {Promise<{ file: Buffer, sizes: [string, number][] }>}
 */
export async function oneFile(files) {
  const named = ORDER.map((pattern) => nameOf(files, pattern));
  const [style, early, page] = [STYLE, EARLY, PAGE].map((pattern) => nameOf(files, pattern));
  const left = [...files.keys()].filter((name) => ![...named, style, early, page].includes(name) && !SITE_ONLY.test(name));
  if (left.length > 0) throw new Error(`dist/ has files that the one file does not know: ${left.join(", ")}`);

  const texts = {
    styles: await packed("packed-style", [[style, bytesOf(files, style)]]),
    files: await packed("packed-files", named.map((name) => [`./${name}`, bytesOf(files, name)])),
    unpack: inline(await bundled()),
    early: inline(bytesOf(files, early).toString()),
  };
  const scripts = [texts.unpack, texts.early, bytesOf(files, named[0]).toString()];
  const html = assembled(bytesOf(files, page).toString(), { style, early, script: named[0] }, texts, policy(scripts, bytesOf(files, style).toString()));
  const file = Buffer.from(`\ufeff${html}`, "utf16le");
  const parts = [["the modules and scripts", texts.files], ["the styles", texts.styles], ["what unpacks them", texts.unpack]];
  /** @type {[string, number][]} */
  const sizes = parts.map(([name, text]) => [name, 2 * text.length]);
  return { file, sizes: [...sizes, ["the static page", file.length - sizes.reduce((sum, [, size]) => sum + size, 0)]] };
}

/**
 * The one name that fits.
 * @param {Files} files @param {RegExp} pattern
 */
function nameOf(files, pattern) {
  const names = [...files.keys()].filter((name) => pattern.test(name));
  if (names.length !== 1) throw new Error(`dist/ has ${names.length} files like ${pattern}, not one: build the page first, with \`cargo xtask build\``);
  return names[0];
}

/** @param {Files} files @param {string} name */
function bytesOf(files, name) {
  const bytes = files.get(name);
  if (!bytes) throw new Error(`dist/ has no ${name}`);
  return bytes;
}

/**
 * Returns the element with compressed files, which it unpacks again to be sure.
 * @param {string} id @param {[address: string, bytes: Buffer][]} files
 */
async function packed(id, files) {
  const bytes = await compressed(Buffer.concat(files.map(([, bytes]) => bytes)));
  /** @type {Content} */
  const content = { bytes: bytes.length, checksum: checksum(bytes), files: files.map(([address, bytes]) => [address, bytes.length]) };
  decode(bytes, content.files.map(([, size]) => size), (part, index) => {
    if (Buffer.compare(part, files[index][1]) !== 0) throw new Error(`${files[index][0]} is another one after unpacking`);
  });
  return `<script type="text/plain" id="${id}" data-content="${JSON.stringify(content).replaceAll('"', "&quot;")}">${toText(bytes)}</script>`;
}

/**
 * Compresses with the settings that suit code of WebAssembly best: its instructions have no alignment, so positions say nothing, and the byte
 * before says more. The package has fixed ones for them, so those of its encoder are replaced.
 * @param {Buffer} bytes
 */
async function compressed(bytes) {
  const STRONGEST = 9;
  const index = load.resolve("lzma1");
  const { compress } = await import(pathToFileURL(index).href);
  const { Encoder } = await import(pathToFileURL(join(dirname(index), "encoder.js")).href);
  const { configure } = Encoder.prototype;
  Encoder.prototype.configure = function (/** @type {unknown} */ mode) {
    configure.call(this, mode);
    Object.assign(this, { _numLiteralContextBits: 4, _posStateBits: 0, _posStateMask: 0 });
  };
  try {
    return Uint8Array.from(compress(new Uint8Array(bytes), STRONGEST));
  } finally {
    Encoder.prototype.configure = configure;
  }
}

/** The script that unpacks the parts. ASCII, so that its hash does not depend on an encoding. */
async function bundled() {
  const esbuild = load("esbuild");
  const entryPoints = [join(web, "one-file", "unpack.js")];
  const { outputFiles } = await esbuild.build({ entryPoints, bundle: true, minify: true, format: "iife", target: "es2022", charset: "ascii", legalComments: "none", write: false, logLevel: "warning" });
  const { code } = await load("terser").minify(outputFiles[0].text, { ecma: 2020, compress: { passes: 3 }, format: { ascii_only: true } });
  return code;
}

/**
 * Returns a script that may stand in a page.
 * @param {string} script
 */
function inline(script) {
  if (/<\/script|<!--/i.test(script)) throw new Error("a script has a text that ends it in a page");
  return script.trim();
}

/**
 * The page's policy: these scripts and styles, no connection.
 * @param {string[]} scripts @param {string} style
 */
function policy(scripts, style) {
  const hash = (/** @type {string} */ text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
  return [
    "default-src 'none'", `script-src ${scripts.map(hash).join(" ")} 'wasm-unsafe-eval'`, `style-src ${hash(style)}`, "img-src data:", "connect-src 'none'", "worker-src blob:", "base-uri 'none'",
    "form-action 'none'", "require-trusted-types-for 'script'", "trusted-types playground unpack worker",
  ].join("; ");
}

/**
 * Puts the parts into the page.
 * @param {string} html @param {{ style: string, early: string, script: string }} names
 * @param {{ styles: string, files: string, unpack: string, early: string }} texts @param {string} policy
 */
function assembled(html, names, texts, policy) {
  /** @type {[RegExp, string][]} */
  const changes = [
    [/<html lang="en">/, '<html lang="en" data-sealed="true">'],
    // A byte order mark says what the encoding is.
    [/\s*<meta charset="utf-8">/, ""],
    [/(?<=http-equiv="Content-Security-Policy" content=")[^"]*/, policy],
    [literal(`<link rel="stylesheet" href="./${names.style}">`), `${texts.styles}\n    <script>${texts.unpack}</script>`],
    [literal(`<script type="module" src="./${names.script}"></script>`), ""],
    [/\s*<link rel="preload"[^>]*>/, ""],
    [/\s*<link rel="manifest"[^>]*>/, ""],
    [/\s*<meta name="service-worker"[^>]*>/, ""],
    // No search engine reads this file.
    [/\s*<meta name="description"[^>]*>/, ""],
    [literal(`<script src="./${names.early}"></script>`), `<script>${texts.early}</script>`],
    [/Sealing…/, '<span aria-hidden="true">✓ </span>Sealed'],
    [/\s*<li>Opened from disk[^\n]*<\/li>/, ""],
    [/\s*<\/body>/, `\n    ${texts.files}\n  </body>`],
  ];
  for (const [from, to] of changes) {
    const count = html.match(new RegExp(from.source, "g"))?.length ?? 0;
    if (count !== 1) throw new Error(`index.html has ${from} ${count} times, not once`);
    html = html.replace(from, () => to);
  }
  return shortened(html);
}

/**
 * Leaves out what has no effect, since a character takes two bytes here: indentation (none is inside of the static policy, whose lines begin
 * with a tag), line breaks between blocks, the type of buttons that do nothing, and the colors of the static policy, which come with the editor.
 * @param {string} html
 */
function shortened(html) {
  return html
    .replace(/\n\s+</g, "\n<")
    .replace(/\n(?=<\/?(?:meta|link|title|script|head|body|div|section|nav|main|header)\b)/g, "")
    .replace(/<button type="button"(?=[^>]* disabled>)/g, "<button")
    .replace(/<span class="y-[^"]*">([^<]*)<\/span>/g, "$1");
}

/** @param {string} text */
function literal(text) {
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
}

/**
 * Reads the site in a folder without subfolders. What widget.mjs puts next to it is not part of it.
 * @param {string} folder
 * @returns {Files}
 */
export function filesOf(folder) {
  return new Map(readdirSync(folder).filter((name) => ![NAME, WIDGET].includes(name)).map((name) => [name, readFileSync(join(folder, name))]));
}

/** @param {number} number */
const grouped = (number) => number.toLocaleString("en");

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { file, sizes } = await oneFile(filesOf(join(root, "dist")));
  mkdirSync(RELEASE, { recursive: true });
  writeFileSync(join(RELEASE, NAME), file);
  const budget = JSON.parse(readFileSync(join(web, "budgets.json"), "utf8"))[BUDGET]?.raw;
  console.log(`| ${NAME} | bytes | budget |\n| --- | ---: | ---: |`);
  for (const [name, size] of sizes) console.log(`| ${name} | ${grouped(size)} | |`);
  console.log(`| **${BUDGET}** | ${grouped(file.length)} | ${grouped(budget)} |`);
  if (!(file.length <= budget)) {
    console.error(`error: ${NAME}: ${grouped(file.length)} bytes, more than its budget of ${grouped(budget)}`);
    process.exitCode = 1;
  }
}
