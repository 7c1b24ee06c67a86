// YAML files of the repository.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { packages } from "../../web/build/packages.mjs";

const here = fileURLToPath(new URL(".", import.meta.url)).replace(/[/\\]$/, "");

/** The root of the repository. */
export const root = join(here, "..", "..");

const require = createRequire(join(packages(here), "x.js"));

/** Parses a text. @param {string} text */
export const parse = (text) => require("js-yaml").load(text);

/** Parses a file. @param {string} name its path from the root */
export const yaml = (name) => parse(readFileSync(join(root, name), "utf8"));
