/**
 * Highlighting of a line of YAML, and the indentation of the next one. It works by line and by pattern, since a policy has no text that
 * spans lines, and does not depend on the editor.
 */

import { LISTS } from "./context.js";

/** @typedef {{from: number, to: number, kind: "key" | "string" | "comment" | "mark"}} Token */

// In this order: a comment, a quoted text (a key where a colon follows), a plain key, an anchor, alias or tag, a document mark, other text.
const TOKEN = new RegExp(
  [
    /(?<comment>(?<![^\s])#.*)/,
    /(?<string>"(?:[^"\\]|\\.)*"?|(?<![^\s[{,:])'[^']*'?)(?<colon>\s*:(?=\s|$))?/,
    /(?<key>(?<=^[\s-]*|[{,]\s*)[A-Za-z][\w.-]*)(?=\s*:(?:\s|$))/,
    /(?<mark>(?<![^\s[{,])[&*!][\w!-][^\s,\]}]*|^(?:---|\.\.\.)(?=\s|$)|<<(?=:))/,
    /[^\s#"'&*!{,[<-]+/,
  ].map(({ source }) => source).join("|"),
  "g",
);

/** @param {string} line @returns {Token[]} Tokens in order; plain text is left out. */
export function tokens(line) {
  /** @type {Token[]} */
  const found = [];
  for (const { index, groups = {} } of line.matchAll(TOKEN)) {
    const { comment, string, colon, key, mark } = groups;
    const word = comment ?? string ?? key ?? mark;
    if (word === undefined) continue;
    const kind = comment ? "comment" : key || (string && colon) ? "key" : string ? "string" : "mark";
    found.push({ from: index, to: index + word.length, kind });
  }
  return found;
}

const LIST_NAMES = new Set([...LISTS.policy, ...LISTS.rule, ...LISTS.resources]);

/**
 * Returns the column of the line below.
 * @param {string} line Text before the break.
 * @param {number} step Indentation of lists below their key.
 */
export function columnBelow(line, step) {
  const lead = /^\s*/.exec(line)?.[0].length ?? 0;
  const content = /^\s*(?:-\s+)*/.exec(line)?.[0].length ?? 0;
  const rest = line.slice(content).replace(/(^|\s)#.*$/, "").trimEnd();
  if (rest === "") return lead;
  if (openBrackets(rest) > 0) return content + 2;
  const key = /^["']?([\w.-]+)["']?:(.*)$/.exec(rest);
  if (!key) return lead;
  return key[2] === "" ? content + (LIST_NAMES.has(key[1] ?? "") ? step : 2) : content;
}

/** @param {string} rest */
function openBrackets(rest) {
  let open = 0;
  for (const char of rest.replace(/"[^"]*"|'[^']*'/g, "")) {
    if (char === "[" || char === "{") open += 1;
    else if (char === "]" || char === "}") open -= 1;
  }
  return open;
}

/** Returns the indentation of lists at the beginning of a policy: 0 or 2. @param {string} text */
export function listStep(text) {
  const rules = /^rules:[^\S\n]*(?:#.*)?(?:\n[^\S\n]*(?:#.*)?)*\n([^\S\n]*)-/m.exec(text);
  return rules && rules[1] === "" ? 0 : 2;
}
