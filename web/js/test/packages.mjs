// Resolves the editor's packages, which are outside the source tree, for tests that import this file before the modules under test.
import { register } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { packages } from "../../build/packages.mjs";

const web = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const parent = JSON.stringify(pathToFileURL(join(packages(web), "x.js")).href);

const HOOKS = `
export function resolve(name, context, next) {
  return next(name, /^@/.test(name) ? { ...context, parentURL: ${parent} } : context);
}`;

register(`data:text/javascript,${encodeURIComponent(HOOKS)}`);
