// The sizes of the parts of dist/ against web/budgets.json: `node web/build/sizes.mjs` prints a Markdown table, and exits with 1 if a part is
// larger than its budget.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { NAME, WIDGET } from "./one-file.mjs";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

/** @typedef {{ raw: number, gzip: number, brotli: number }} Size in bytes */
/** @typedef {{ gzip: number, brotli: number }} Budget in bytes, inclusive */

/** The parts, each with the names of its files without their hashes; a file that no part names belongs to `OTHER`. */
/** @type {Record<string, RegExp>} */
const PARTS = {
  interface: /^interface\.wasm$/,
  script: /^page\.js$/,
  engine: /^engine\.wasm$/,
  "rest of the interface": /^interface-rest\.wasm$/,
  "rest of the engine": /^engine-rest\.wasm$/,
  "for use offline": /^(?:service-worker\.js|manifest\.webmanifest)$/,
};
const OTHER = "everything else";
/** The parts that are fetched after the first answer. */
const LATER = ["rest of the interface", "rest of the engine", "for use offline"];
const FIRST = "until the first answer";
const ALL = "in all";
/** The rows of the table, each of which has a budget. */
export const ROWS = [...Object.keys(PARTS), OTHER, FIRST, ALL];

/**
 * Returns the part that a file belongs to.
 * @param {string} name such as `worker-1f2e3d4c5b6a.wasm`
 */
export function partOf(name) {
  const plain = name.replace(/-[0-9a-f]{12}(?=\.)/, "");
  return Object.keys(PARTS).find((part) => PARTS[part].test(plain)) ?? OTHER;
}

/**
 * Adds up the sizes of files by part, until the first answer, and in all.
 * @param {[string, Size][]} files
 * @returns {Record<string, Size>}
 */
export function sums(files) {
  const sum = Object.fromEntries(ROWS.map((row) => [row, { raw: 0, gzip: 0, brotli: 0 }]));
  for (const [name, size] of files) {
    const part = partOf(name);
    for (const row of [part, ALL, ...(LATER.includes(part) ? [] : [FIRST])]) {
      for (const kind of /** @type {(keyof Size)[]} */ (Object.keys(size))) sum[row][kind] += size[kind];
    }
  }
  return sum;
}

/**
 * Returns a sentence for each size that is above its budget, and for each row without a budget.
 * @param {Record<string, Size>} sizes @param {Record<string, Budget>} budgets
 */
export function excesses(sizes, budgets) {
  return ROWS.flatMap((row) =>
    /** @type {const} */ (["gzip", "brotli"]).flatMap((kind) => {
      const [size, budget] = [sizes[row][kind], budgets[row]?.[kind]];
      if (!Number.isInteger(budget)) return [`web/budgets.json has no budget for ${row} in ${kind}`];
      if (size <= budget) return [];
      return [`${row}: ${grouped(size)} bytes in ${kind}, ${grouped(size - budget)} more than the budget of ${grouped(budget)}`];
    }),
  );
}

/** @param {number} number */
function grouped(number) {
  return number.toLocaleString("en");
}

/**
 * Measures a folder's files.
 * @param {string} folder
 * @returns {[string, Size][]}
 */
function measure(folder) {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => ![NAME, WIDGET].includes(name) && statSync(join(folder, name)).isFile());
  return names.map((name) => {
    const content = readFileSync(join(folder, name));
    const gzip = gzipSync(content, { level: 9 }).length;
    const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }).length;
    return [name, { raw: content.length, gzip, brotli }];
  });
}

/**
 * @param {string} name @param {Size} size @param {Budget} [budget]
 */
function row(name, { raw, gzip, brotli }, budget) {
  const cells = [raw, gzip, brotli].map(grouped);
  return `| ${[name, ...cells, budget ? grouped(budget.gzip) : "", budget ? grouped(budget.brotli) : ""].join(" | ")} |`;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const web = dirname(dirname(fileURLToPath(import.meta.url)));
  const budgets = JSON.parse(readFileSync(join(web, "budgets.json"), "utf8"));
  const files = measure(join(dirname(web), "dist"));
  files.sort(([, one], [, other]) => other.brotli - one.brotli);
  const sizes = sums(files);
  console.log("| file or part | raw bytes | gzip | brotli | budget, gzip | budget, brotli |\n| --- | ---: | ---: | ---: | ---: | ---: |");
  for (const [name, size] of files) console.log(row(name, size));
  for (const name of ROWS) console.log(row(`**${name}**`, sizes[name], budgets[name]));
  const found = excesses(sizes, budgets);
  for (const sentence of found) console.error(`error: ${sentence}`);
  if (found.length > 0) process.exitCode = 1;
}
