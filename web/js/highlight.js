/** Highlighting of a text outside the editor. */

import { colorsOfPart } from "./colors.js";

/** @typedef {import("./colors.js").Token} Token */

// Comments and quotes of shells and configuration files.
const PLAIN = /(?<comment>(?<!\S)#.*)|"(?:[^"\\\n]|\\.)*"|(?<![^\s=[{(,:])'[^'\n]*'/g;

/**
 * Highlights a text: for each line, style classes and texts in turn. The class of plain text is empty.
 * @param {string} text
 * @param {boolean} isYaml Otherwise, only comments and quoted texts are colored.
 * @returns {string[][]}
 */
export function highlight(text, isYaml) {
  const tokens = isYaml ? colorsOfPart(text, 0) : [...text.matchAll(PLAIN)].map(plainToken);
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  let start = 0;
  let next = 0;
  return lines.map((line) => {
    /** @type {string[]} */
    const pieces = [];
    let done = 0;
    const end = start + line.length;
    for (let token; (token = tokens[next]) && token.from < end; next += 1) {
      const from = Math.max(token.from - start, done);
      const to = Math.min(token.to - start, line.length);
      if (from > done) pieces.push("", line.slice(done, from));
      if (to > from) pieces.push(`y-${token.kind}`, line.slice(from, to));
      done = Math.max(done, to);
      // The rest of it is on the next line.
      if (token.to > end) break;
    }
    if (done < line.length) pieces.push("", line.slice(done));
    start = end + 1;
    return pieces;
  });
}

/** @param {RegExpExecArray} match @returns {Token} */
function plainToken({ 0: word, index, groups }) {
  return { from: index, to: index + word.length, kind: groups?.comment ? "comment" : "string" };
}
