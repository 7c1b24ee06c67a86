// Checks the types of the JavaScript: `node web/build/check-types.mjs` exits with 0 if there is nothing to report.
//
// The packages are outside the source tree, so the paths to their types are written to a configuration of this run.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packages } from "./packages.mjs";

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const browser = join(dirname(web), "tests", "browser");
const modules = [packages(web), packages(browser)];

const compilerOptions = {
  allowJs: true,
  checkJs: true,
  noEmit: true,
  strict: true,
  target: "es2024",
  lib: ["es2024", "esnext", "dom", "dom.iterable"],
  module: "esnext",
  moduleResolution: "bundler",
  resolveJsonModule: true,
  skipLibCheck: true,
  types: ["node"],
  typeRoots: [join(modules[0], "@types")],
  paths: { "*": modules.map((folder) => join(folder, "*")) },
};

/**
 * Checks a group of files.
 * @param {string[]} include Patterns of the files.
 * @param {Record<string, unknown>} options What differs from the options above.
 * @returns {boolean} Whether there is nothing to report.
 */
function check(include, options) {
  const folder = mkdtempSync(join(tmpdir(), "check-types-"));
  try {
    const config = join(folder, "tsconfig.json");
    const exclude = [join(web, "js", "generated")];
    writeFileSync(config, JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, include, exclude }));
    const tsc = join(modules[0], "typescript", "bin", "tsc");
    const { status } = spawnSync(process.execPath, [tsc, "--project", config, "--pretty", "false"], { stdio: "inherit" });
    return status === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const isEditorRight = check([join(web, "js", "**", "*.js")], {});
const worker = join(web, "worker", "js");
const isWorkerRight = check([join(worker, "*.js"), join(worker, "*.d.ts")], { lib: ["es2024", "esnext", "webworker"] });
const serviceWorker = join(web, "service-worker");
const isServiceWorkerRight = check([join(serviceWorker, "*.js"), join(serviceWorker, "*.d.ts")], { lib: ["es2024", "esnext", "webworker"] });
const isWidgetRight = check([join(web, "widget", "*.js"), join(web, "widget", "*.d.ts")], {});
const isOneFileRight = check([join(web, "one-file", "*.js")], {});
const isBuildRight = check([join(web, "build", "**", "*.mjs"), join(web, "js", "test", "*.mjs"), join(web, "widget", "globals.d.ts")], {});
const isBrowserRight = check([join(browser, "**", "*.mjs"), join(dirname(browser), "recipes", "*.mjs"), join(dirname(browser), "npm", "*.mjs"), join(browser, "*.js"), join(browser, "*.d.ts"), join(web, "icons", "*.mjs")], { strict: false });
const root = dirname(web);
const isPackageRight = check([join(root, "npm", "index.d.ts"), join(root, "tests", "npm", "*.ts")], { skipLibCheck: false });
if (!(isPackageRight && isEditorRight && isWorkerRight && isServiceWorkerRight && isWidgetRight && isOneFileRight && isBuildRight && isBrowserRight)) process.exitCode = 1;
