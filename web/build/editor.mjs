// Before the page is built: the policy editor and its packages become one self-contained module, which wasm-bindgen embeds.
//
// The module is not minified here: the page's build minifies the whole, and the same text serves both kinds of build.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packages } from "./packages.mjs";

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(web, "js", "generated", "editor.js");

const modules = packages(web);
const esbuild = createRequire(join(modules, "x.js"))("esbuild");

const { outputFiles } = await esbuild.build({
  entryPoints: [join(web, "js", "editor.js")],
  absWorkingDir: web,
  nodePaths: [modules],
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  write: false,
  logLevel: "warning",
});
const [{ text }] = outputFiles;

// An unchanged file keeps its time stamp, so that nothing is compiled again.
if (!existsSync(target) || readFileSync(target, "utf8") !== text) {
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, text);
}
