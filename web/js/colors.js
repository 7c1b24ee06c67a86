/**
 * Colors of YAML and JSON, from the syntax tree. It does not depend on the editor's view.
 */

import { Text } from "@codemirror/state";
import { read as readText } from "./syntax.js";

/**
 * @typedef {import("@lezer/common").Tree} Tree
 *
 * @typedef {object} Token
 * @property {number} from
 * @property {number} to
 * @property {"key" | "string" | "comment" | "mark"} kind `mark` is an anchor, alias, tag or the mark of a document.
 */

/** @type {Record<string, Token["kind"]>} */
const KINDS = {
  Key: "key", QuotedLiteral: "string", Comment: "comment", Anchor: "mark", Alias: "mark", Tag: "mark", DirectiveEnd: "mark", DocEnd: "mark",
};

/** Maximum length of the part of a block of text that is read as YAML, which policies in a ConfigMap are. */
const BLOCK_LIMIT = 20_000;

/**
 * Returns the colored parts of a part of a text, read for itself.
 * @param {string} text
 * @param {number} start Its start in the whole.
 * @returns {Token[]}
 */
export function colorsOfPart(text, start) {
  const source = readText(Text.of(text.split("\n")));
  if (!source) return [];
  const tokens = colors(source.tree, 0, text.length, (from, to) => text.slice(from, to));
  return tokens.map((token) => ({ ...token, from: start + token.from, to: start + token.to }));
}

/**
 * Returns the colored parts of a range in order; plain text is left out.
 * @param {Tree} tree
 * @param {number} from
 * @param {number} to
 * @param {(from: number, to: number) => string} read Returns a part of the text.
 * @returns {Token[]}
 */
export function colors(tree, from, to, read) {
  /** @type {Token[]} */
  const found = [];
  tree.iterate({
    from,
    to,
    enter({ name, from: start, to: end, node }) {
      if (name === "BlockLiteralContent") {
        const first = Math.max(start, from);
        const text = read(first, Math.min(end, to, first + BLOCK_LIMIT));
        found.push(...colorsOfPart(text, first));
      }
      const kind = KINDS[name];
      if (kind && end > start) {
        // Without its colon it is an incomplete item, which the grammar takes for a key.
        const isKey = kind !== "key" || node.nextSibling?.name === ":";
        if (isKey) found.push({ from: start, to: end, kind: kind === "key" && read(start, end) === "<<" ? "mark" : kind });
        return !isKey;
      }
      return true;
    },
  });
  return found;
}
