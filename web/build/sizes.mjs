// What a first visit downloads: every file of dist/ with its size, raw and compressed, as a Markdown table.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const dist = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), "dist");

const rows = readdirSync(dist, { recursive: true })
  .filter((name) => statSync(join(dist, name)).isFile())
  .map((name) => {
    const content = readFileSync(join(dist, name));
    const gzip = gzipSync(content, { level: 9 }).length;
    const brotli = brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } }).length;
    return [name, content.length, gzip, brotli];
  })
  .sort((a, b) => b[3] - a[3]);
rows.push(["**total**", ...[1, 2, 3].map((column) => rows.reduce((sum, row) => sum + row[column], 0))]);

console.log("| file | raw bytes | gzip | brotli |\n| --- | ---: | ---: | ---: |");
for (const [name, ...sizes] of rows) console.log(`| ${name} | ${sizes.map((size) => size.toLocaleString("en")).join(" | ")} |`);
