/**
 * Excerpts of a policy that suffice to find the context of a position: all of a short one, the surrounding rule of a long one.
 */

import { listStep } from "./tokens.js";

/** Maximum length of a policy that is used completely. */
const MAX_WHOLE = 100_000;
/** Characters of a long policy that are searched for `rules:`, for the start of the rule, and after the position. */
const HEAD = 20_000;
const BEFORE = 20_000;
const AFTER = 5_000;

/**
 * @param {import("@codemirror/state").Text} doc
 * @param {number} pos
 * @returns {{text: string, pos: number, shift: number} | null} The excerpt, the position in it, and its offset in the policy;
 *   `null` if a long policy has no rule there.
 */
export function excerptAt(doc, pos) {
  if (doc.length <= MAX_WHOLE) return { text: doc.sliceString(0), pos, shift: 0 };
  const head = doc.sliceString(0, HEAD);
  const field = /^(?:rules|"rules"|'rules')[^\S\n]*:[^\n]*\n/m.exec(head);
  if (!field) return null;
  const lead = head.slice(0, field.index + field[0].length);
  if (pos <= lead.length + AFTER) return { text: doc.sliceString(0, pos + AFTER), pos, shift: 0 };
  const dash = `${" ".repeat(listStep(head) && (/\n([^\S\n]*)-/.exec(head.slice(field.index))?.[1]?.length ?? 0))}- `;
  let line = doc.lineAt(pos);
  const end = Math.max(lead.length, pos - BEFORE);
  while (line.from > end && !line.text.startsWith(dash)) line = doc.line(line.number - 1);
  if (!line.text.startsWith(dash)) return null;
  const shift = line.from - lead.length;
  return { text: lead + doc.sliceString(line.from, pos + AFTER), pos: pos - shift, shift };
}
