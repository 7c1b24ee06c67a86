// Blocks of code in the pages of the documentation.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, root } from "./yaml.mjs";

/** Returns the texts of the blocks of a language. @param {string} page its path from the root @param {string} language */
export function blocks(page, language) {
  const text = readFileSync(join(root, page), "utf8");
  const found = [...text.matchAll(/^( *)```(\S+)\n([\s\S]*?)^\1```$/gm)].filter(([, , name]) => name === language);
  return found.map(([, indentation, , body]) => body.replaceAll(new RegExp(`^${indentation}`, "gm"), ""));
}

/** Returns the parsed YAML blocks of a page. @param {string} page */
export const yamlBlocks = (page) => blocks(page, "yaml").map(parse);

/** Returns the lines of the shell blocks of a page, without comments behind them. @param {string} page */
export const shellLines = (page) => blocks(page, "sh").flatMap((text) => text.split("\n").map((line) => line.replace(/\s+# .*$/, "")).filter(Boolean));
