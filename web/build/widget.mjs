// Makes the script of the element <audit-policy-playground>: `node web/build/widget.mjs`, after one-file.mjs, whose file the element shows.
// Both are put next to each other in target/release-files and in dist/. It exits with 1 if the script is larger than web/budgets.json allows.

import { copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { NAME, RELEASE, WIDGET } from "./one-file.mjs";
import { packages } from "./packages.mjs";

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const load = createRequire(join(packages(web), "x.js"));

/** The name of the budget, in bytes. */
const BUDGET = "widget";

/**
 * Imports a style sheet as a text.
 * @type {import("esbuild").Plugin}
 */
const STYLES = {
  name: "styles",
  setup: (build) => {
    build.onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await load("esbuild").transform(readFileSync(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

/**
 * Returns the script.
 * @param {number} size of the page in one file, in bytes
 * @returns {Promise<string>}
 */
export async function widget(size) {
  const { outputFiles } = await load("esbuild").build({
    entryPoints: [join(web, "widget", "widget.js")],
    plugins: [STYLES],
    define: { SIZE: JSON.stringify(`${(size / 1e6).toFixed(1)} MB`) },
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    charset: "ascii",
    legalComments: "none",
    write: false,
    logLevel: "warning",
  });
  const { code } = await load("terser").minify(outputFiles[0].text, { ecma: 2020, compress: { passes: 3 }, format: { ascii_only: true } });
  return code;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const script = await widget(statSync(join(RELEASE, NAME)).size);
  const dist = join(dirname(web), "dist");
  copyFileSync(join(RELEASE, NAME), join(dist, NAME));
  for (const folder of [RELEASE, dist]) writeFileSync(join(folder, WIDGET), script);
  const budget = JSON.parse(readFileSync(join(web, "budgets.json"), "utf8"))[BUDGET]?.raw;
  const size = Buffer.byteLength(script);
  console.log(`${join(RELEASE, WIDGET)}  ${size.toLocaleString("en")} bytes, budget ${budget?.toLocaleString("en")}`);
  if (!(size <= budget)) {
    console.error(`error: ${WIDGET}: ${size.toLocaleString("en")} bytes, more than its budget of ${budget?.toLocaleString("en")}`);
    process.exitCode = 1;
  }
}
