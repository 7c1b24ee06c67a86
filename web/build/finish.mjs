// After the page is built: one script, one style sheet, the worker, every file named after its content.
//
// Works in the folder that then becomes dist/, which the environment names as trunk does for its hooks. The same input gives the same files.

import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { withFirstPaint } from "./first-paint.mjs";
import { packages } from "./packages.mjs";
import { manifest, serviceWorker } from "./service-worker.mjs";

const build = dirname(fileURLToPath(import.meta.url));
const web = dirname(build);
const stage = process.env.TRUNK_STAGING_DIR ?? "";
if (!stage) throw new Error("TRUNK_STAGING_DIR is not set: `cargo xtask build` or trunk runs this");
const minify = process.env.TRUNK_PROFILE === "release";
const load = createRequire(join(packages(web), "x.js"));
const esbuild = load("esbuild");

const settings = { minify, target: "es2022", charset: "utf8", legalComments: "none", logLevel: "warning" };
/**
 * Takes the modules that the interface imports from the source tree: wasm-bindgen copies each of them without what it imports, into a folder
 * of its own, while boot.js needs the very same module.
 * @type {import("esbuild").Plugin}
 */
const SOURCES = {
  name: "sources",
  setup: (build) => {
    build.onResolve({ filter: /\/snippets\/[^/]+\/js\/[^/]+\.js$/ }, ({ path }) => ({ path: join(web, "js", basename(path)) }));
  },
};

// Trunk does not split modules: those that it has written are replaced.
if (!existsSync(join(stage, "playground_rest.wasm"))) {
  execFileSync("cargo", ["xtask", "modules", stage, ...(minify ? [] : ["--dev"])], { cwd: dirname(web), stdio: "inherit" });
}

const page = join(stage, "index.html");
let html = readFileSync(page, "utf8");

const wasm = named("playground_bg.wasm", "interface.wasm");
const script = await bundleScript(wasm);
const style = await bundleStyles();
const worker = await finishWorker();

swap("./playground_bg.wasm", `./${wasm}`);
swap("./playground_rest.wasm", `./${named("playground_rest.wasm", "interface-rest.wasm")}`);
swap("./boot.js", `./${script}`);
swap("./early.js", `./${await writeEarly()}`);
swap("./worker.js", `./${worker.script}`);
swap("./worker_bg.wasm", `./${worker.wasm}`);
swap("./worker_rest.wasm", `./${worker.rest}`);
swapStyles(`./${style}`);
html = html.replace(/[ \t]*<!--[^]*?-->\n/g, "").replace(/\n\s*\n/g, "\n");
html = await withFirstPaint(html, dirname(web));
writeFileSync(page, html);
writeFileSync(join(stage, "manifest.webmanifest"), manifest());
writeFileSync(join(stage, "service-worker.js"), await serviceWorker(stage, minify));

/**
 * Bundles the interface's glue and the modules it imports.
 * @param {string} wasm
 */
async function bundleScript(wasm) {
  const { outputFiles } = await esbuild.build({
    ...settings,
    minify: false,
    absWorkingDir: stage,
    entryPoints: [join(build, "boot.js")],
    alias: { interface: join(stage, "playground.js") },
    plugins: [SOURCES],
    define: { INTERFACE_WASM: JSON.stringify(`./${wasm}`) },
    bundle: true,
    format: "esm",
    write: false,
  });
  rmSync(join(stage, "playground.js"));
  rmSync(join(stage, "snippets"), { recursive: true, force: true });
  rmSync(join(stage, "package.json"), { force: true });
  return write("page.js", minify ? await shortened(outputFiles[0].text) : outputFiles[0].text);
}

/**
 * Minifies a module with terser, which takes seconds longer than esbuild but saves 3 % of the script.
 * @param {string} text
 * @returns {Promise<string>}
 */
async function shortened(text) {
  const { code } = await load("terser").minify(text, { module: true, ecma: 2020, compress: { passes: 2 } });
  return code;
}

/** Writes the script that runs before the first paint. */
async function writeEarly() {
  const { code } = await esbuild.transform(readFileSync(join(build, "early.js"), "utf8"), { ...settings, format: "iife" });
  return write("early.js", code);
}

/** The style sheets, in the order in which the page lists them. */
async function bundleStyles() {
  const files = styleLinks().map(([, name]) => name);
  replaceMediaNames(files);
  const { outputFiles } = await esbuild.build({
    ...settings,
    absWorkingDir: stage,
    stdin: { contents: files.map((name) => `@import "${name}";\n`).join(""), resolveDir: stage, loader: "css" },
    bundle: true,
    write: false,
  });
  for (const name of files) rmSync(join(stage, name));
  return write("page.css", outputFiles[0].contents);
}

/**
 * Replaces the names of media queries by the queries that `@custom-media` defines: no browser knows that rule yet.
 * @param {string[]} files
 */
function replaceMediaNames(files) {
  const sheets = new Map(files.map((name) => [join(stage, name), readFileSync(join(stage, name), "utf8")]));
  const DEFINITION = /@custom-media (--[\w-]+) (\([^)]*\));\n/g;
  const definitions = [...sheets.values()].flatMap((text) => [...text.matchAll(DEFINITION)]);
  for (const [file, text] of sheets) {
    let replaced = text.replace(DEFINITION, "");
    for (const [, name, query] of definitions) replaced = replaced.replaceAll(`(${name})`, query);
    if (/@media \(--/.test(replaced)) throw new Error(`${file} names a media query that is not defined`);
    writeFileSync(file, replaced);
  }
}

/** The workers' script: what comes before the engine, and wasm-bindgen's. It is a classic script, whose global names stay as they are. */
async function finishWorker() {
  const glue = join(stage, "playground-worker.js");
  const begin = await esbuild.build({ ...settings, entryPoints: [join(web, "worker", "js", "begin.js")], bundle: true, format: "iife", write: false });
  const { code } = await esbuild.transform(begin.outputFiles[0].text + readFileSync(glue, "utf8"), settings);
  rmSync(glue);
  return { script: write("worker.js", code), wasm: named("playground-worker_bg.wasm", "engine.wasm"), rest: named("playground-worker_rest.wasm", "engine-rest.wasm") };
}

/**
 * Returns the name with a hash of the content: `worker.js` becomes `worker-1f2e3d4c5b6a.js`.
 * @param {string} name @param {string | Uint8Array} content
 */
function hashed(name, content) {
  const dot = name.lastIndexOf(".");
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  return `${name.slice(0, dot)}-${hash}${name.slice(dot)}`;
}

/**
 * Writes a file under its hashed name, and returns that.
 * @param {string} name @param {string | Uint8Array} content
 */
function write(name, content) {
  const file = hashed(name, content);
  writeFileSync(join(stage, file), content);
  return file;
}

/**
 * Renames a wasm file to its final name.
 * @param {string} old @param {string} name
 */
function named(old, name) {
  const content = readFileSync(join(stage, old));
  rmSync(join(stage, old));
  return write(name, content);
}

/**
 * Replaces a file name in the page, which must contain it exactly once.
 * @param {string} from @param {string} to
 */
function swap(from, to) {
  const parts = html.split(`"${from}"`);
  if (parts.length !== 2) throw new Error(`index.html names "${from}" ${parts.length - 1} times, not once`);
  html = parts.join(`"${to}"`);
}

function styleLinks() {
  return [...html.matchAll(/<link rel="stylesheet" href="(\.\/[^"]+)"[^>]*>/g)];
}

/**
 * Replaces the links to the style sheets by one.
 * @param {string} to
 */
function swapStyles(to) {
  const [first, ...rest] = styleLinks().map(([link]) => link);
  html = html.replace(first, `<link rel="stylesheet" href="${to}">`);
  for (const link of rest) html = html.replace(link, "");
}
