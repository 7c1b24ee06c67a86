/** Highlighting of a text outside the editor. */

import { tokens } from "./tokens.js";

/** Maximum length of the highlighted part of a line, so that a line of a megabyte takes no longer. */
const LINE_LIMIT = 2000;

/**
 * Highlights a text: for each line, style classes and texts in turn. The class of plain text is empty.
 * @param {string} text
 * @returns {string[][]}
 */
export function highlight(text) {
  const lines = text.split("\n");
  if (lines.at(-1) === "") lines.pop();
  return lines.map((line) => {
    /** @type {string[]} */
    const pieces = [];
    let done = 0;
    for (const { from, to, kind } of tokens(line.slice(0, LINE_LIMIT))) {
      if (from > done) pieces.push("", line.slice(done, from));
      pieces.push(`y-${kind}`, line.slice(from, to));
      done = to;
    }
    if (done < line.length) pieces.push("", line.slice(done));
    return pieces;
  });
}
