/**
 * Colours of YAML and JSON, from the syntax tree. It does not depend on the editor's view.
 */

import { language } from "./syntax.js";

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
 * Returns the coloured parts of a range in order; plain text is left out.
 * @param {Tree} tree
 * @param {number} from
 * @param {number} to
 * @param {(from: number, to: number) => string} read Returns a part of the text.
 * @returns {Token[]}
 */
export function colours(tree, from, to, read) {
  /** @type {Token[]} */
  const found = [];
  tree.iterate({
    from,
    to,
    enter({ name, from: start, to: end, node }) {
      if (name === "BlockLiteralContent") {
        const first = Math.max(start, from);
        const text = read(first, Math.min(end, to, first + BLOCK_LIMIT));
        const inner = colours(language.parser.parse(text), 0, text.length, (from, to) => text.slice(from, to));
        found.push(...inner.map((token) => ({ ...token, from: first + token.from, to: first + token.to })));
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
