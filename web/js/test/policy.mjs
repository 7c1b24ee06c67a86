// Policies for tests of their syntax; `|` marks a position.
import "./packages.mjs";

const { Text } = await import("@codemirror/state");
const { Source, parsed } = await import("../syntax.js");
const { placeAt } = await import("../context.js");

/** Returns a policy with its tree. @param {string} text */
export function source(text) {
  const doc = Text.of(text.split("\n"));
  const tree = parsed(doc, [], Infinity, Infinity);
  if (!tree) throw new Error("parsing has no time limit");
  return new Source(doc, tree, Infinity);
}

/** Returns the context of the mark. @param {string} marked */
export function placeOf(marked) {
  const pos = marked.indexOf("|");
  return placeAt(source(marked.slice(0, pos) + marked.slice(pos + 1)), pos);
}
