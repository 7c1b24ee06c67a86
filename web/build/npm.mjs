// Packs the npm package: `node web/build/npm.mjs`, after `cargo xtask npm` has written the engine into target/npm/package. Prints the sizes of its scripts
// and its module, and exits with 1 if they are larger than web/budgets.json allows.

import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const source = join(root, "npm");
const target = join(root, "target", "npm");
const folder = join(target, "package");

/** Files that the build makes. */
const BUILT = ["engine.js", "engine_bg.wasm"];
const manifest = JSON.parse(readFileSync(join(source, "package.json"), "utf8"));
for (const name of ["package.json", "README.md", ...manifest.files]) {
  if (!BUILT.includes(name)) copyFileSync(join(source, name), join(folder, name));
}
const words = ["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", target];
const { status, error } = spawnSync("npm", words, { cwd: folder, shell: process.platform === "win32", stdio: ["ignore", "inherit", "inherit"] });
if (error || status !== 0) throw error ?? new Error(`\`npm ${words.join(" ")}\` ended with status ${status}`);

/** @param {number} number */
const grouped = (number) => number.toLocaleString("en");
const sum = [0, 0, 0];
console.log("| file | raw bytes | gzip | brotli |\n| --- | ---: | ---: | ---: |");
for (const name of manifest.files.filter((/** @type {string} */ file) => /\.(?:js|wasm)$/.test(file))) {
  const bytes = readFileSync(join(folder, name));
  const sizes = [bytes.length, gzipSync(bytes, { level: 9 }).length, brotliCompressSync(bytes).length];
  sizes.forEach((size, index) => (sum[index] += size));
  console.log(`| ${[name, ...sizes.map(grouped)].join(" | ")} |`);
}
console.log(`| ${["**in all**", ...sum.map(grouped)].join(" | ")} |`);
const { brotli } = JSON.parse(readFileSync(join(root, "web", "budgets.json"), "utf8"))["npm package"];
if (sum[2] > brotli) {
  console.error(`error: npm package: ${grouped(sum[2])} bytes in brotli, ${grouped(sum[2] - brotli)} more than the budget of ${grouped(brotli)}`);
  process.exitCode = 1;
}
