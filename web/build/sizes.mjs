// Prints the files of dist/, which a first visit downloads, with their sizes, raw and compressed, as a Markdown table.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "dist");

/** @type {[string, number, number, number][]} */
const rows = readdirSync(dist, { recursive: true, encoding: "utf8" })
  .filter((name) => statSync(join(dist, name)).isFile())
  .map((name) => {
    const content = readFileSync(join(dist, name));
    const gzip = gzipSync(content, { level: 9 }).length;
    const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }).length;
    return [name, content.length, gzip, brotli];
  });
rows.sort((one, other) => other[3] - one[3]);
const total = (/** @type {1 | 2 | 3} */ column) => rows.reduce((sum, row) => sum + row[column], 0);
rows.push(["**total**", total(1), total(2), total(3)]);

console.log("| file | raw bytes | gzip | brotli |\n| --- | ---: | ---: | ---: |");
for (const [name, ...sizes] of rows) console.log(`| ${name} | ${sizes.map((size) => size.toLocaleString("en")).join(" | ")} |`);
