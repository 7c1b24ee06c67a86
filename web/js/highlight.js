/** The colours of a text outside of the editor, as pieces of its lines. */

import { tokens } from "./tokens.js";

/** No line is coloured further than this, so that one of a megabyte costs no more than another. */
const LINE_LIMIT = 2000;

/**
 * Every line as pieces: a style class and a text by turns, the class empty for plain text.
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
