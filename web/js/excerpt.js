/**
 * The part of a policy that suffices to read a position: all of a short one, and of a long one the rule around it. A long policy is never
 * read completely, so that a keystroke takes no longer in it.
 */

import { columnOf, placeAt, rulesOf } from "./context.js";
import { isLong, read, sourceOf } from "./syntax.js";

/**
 * @typedef {import("@codemirror/state").EditorState} EditorState
 * @typedef {import("./syntax.js").Source} Source
 */

/** Characters of a long policy that are searched for `rules:`, for the start of the rule, and after the position. */
const HEAD = 20_000;
const BEFORE = 20_000;
const AFTER = 5_000;

/**
 * @param {EditorState} state
 * @param {number} pos
 * @returns {{source: Source, pos: number, shift: number} | null} The excerpt, the position in it, and its offset in the policy; `null` if
 *   a long policy has no rule there.
 */
export function excerptAt(state, pos) {
  const { doc } = state;
  if (!isLong(doc)) {
    const source = sourceOf(state, pos);
    return source && { source, pos, shift: 0 };
  }
  const head = read(doc.slice(0, HEAD));
  const list = head && rulesOf(head);
  if (!head || list?.name !== "BlockSequence") return null;
  const end = doc.lineAt(list.from).from;
  let start = end;
  if (pos > end + AFTER) {
    const dash = `${" ".repeat(columnOf(list, head.doc))}- `;
    let line = doc.lineAt(pos);
    while (line.from > Math.max(end, pos - BEFORE) && !line.text.startsWith(dash)) line = doc.line(line.number - 1);
    if (!line.text.startsWith(dash)) return null;
    start = line.from;
  }
  const source = read(doc.slice(0, end).append(doc.slice(start, Math.min(doc.length, pos + AFTER))));
  return source && { source, pos: pos - start + end, shift: start - end };
}

/** Returns the context of a position; `null` if it is not known. @param {EditorState} state @param {number} pos */
export function contextAt(state, pos) {
  const near = excerptAt(state, pos);
  if (!near) return null;
  const place = placeAt(near.source, near.pos);
  place.from += near.shift;
  return place;
}
