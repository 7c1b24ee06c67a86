/**
 * Findings in the editor: underlines that follow edits, navigation between them, and their fixes.
 */

import { StateEffect, StateField, RangeSet } from "@codemirror/state";
import { Decoration, EditorView, WidgetType } from "@codemirror/view";

/**
 * @typedef {import("@codemirror/state").EditorState} EditorState
 * @typedef {import("@codemirror/state").ChangeDesc} ChangeDesc
 *
 * @typedef {object} Finding As the page's protocol has it; offsets are those of the text it was made for.
 * @property {string} code
 * @property {"info" | "warning" | "error"} severity
 * @property {string} message
 * @property {string} help
 * @property {number} line
 * @property {number} from
 * @property {number} to
 * @property {{title: string, edits: Edit[]} | null} fix
 *
 * @typedef {{from: number, to: number, text: string}} Edit
 *
 * @typedef {object} Found A finding with its current range.
 * @property {Finding} finding
 * @property {number} from
 * @property {number} to
 *
 * @typedef {object} Shown
 * @property {RangeSet<Decoration>} marks
 * @property {ChangeDesc | null} since Edits since the findings were set.
 */

/** Maximum number of underlines; the page lists all findings. */
const LIMIT = 1000;

/** @type {import("@codemirror/state").StateEffectType<Finding[]>} */
export const setFindings = StateEffect.define();

export const findings = StateField.define({
  /** @returns {Shown} */
  create: () => ({ marks: RangeSet.empty, since: null }),
  update(shown, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setFindings)) return { marks: marksOf(effect.value, transaction.state), since: null };
    }
    if (!transaction.docChanged || shown.marks.size === 0) return shown;
    const { changes } = transaction;
    return { marks: shown.marks.map(changes), since: shown.since ? shown.since.composeDesc(changes.desc) : changes.desc };
  },
  provide: (field) => EditorView.decorations.from(field, (shown) => shown.marks),
});

/** Returns the findings that touch a position, worst first. @param {EditorState} state @param {number} pos @returns {Found[]} */
export function findingsAt(state, pos) {
  /** @type {Found[]} */
  const found = [];
  state.field(findings).marks.between(pos, pos, (from, to, mark) => void found.push({ finding: mark.spec.finding, from, to }));
  return found.sort((a, b) => RANK[b.finding.severity] - RANK[a.finding.severity]);
}

const RANK = { info: 0, warning: 1, error: 2 };

/** Returns the next finding after the cursor, or the first after the last. @param {EditorState} state @param {1 | -1} direction */
export function nextFinding(state, direction) {
  const head = state.selection.main.head;
  /** @type {Found[]} */
  const all = [];
  state.field(findings).marks.between(0, state.doc.length, (from, to, mark) => void all.push({ finding: mark.spec.finding, from, to }));
  all.sort((a, b) => a.from - b.from);
  if (direction > 0) return all.find(({ from }) => from > head) ?? all[0];
  return all.findLast(({ from }) => from < head) ?? all.at(-1);
}

/**
 * Applies the fix of a finding as one change that can be undone.
 * @param {EditorView} view
 * @param {Finding} finding
 * @returns {boolean} False if its text has been edited since.
 */
export function applyFix(view, finding) {
  return finding.fix ? follow(view, finding.fix.edits) : false;
}

/**
 * Applies edits made for the text of the findings, at their current positions.
 * @param {EditorView} view
 * @param {Edit[]} edits
 * @returns {boolean} False if their text has been edited since.
 */
export function follow(view, edits) {
  const { since } = view.state.field(findings);
  if (since && edits.some(({ from, to }) => since.touchesRange(from, to))) return false;
  return replace(view, edits.map(({ from, to, text }) => ({ from: since?.mapPos(from, -1) ?? from, to: since?.mapPos(to, 1) ?? to, text })));
}

/**
 * Replaces parts of the text in one change. Does nothing if one is outside the text, or if the text cannot be edited.
 * @param {EditorView} view
 * @param {Edit[]} edits
 */
export function replace(view, edits) {
  const length = view.state.doc.length;
  if (view.state.readOnly || edits.length === 0 || edits.some(({ from, to }) => !(0 <= from && from <= to && to <= length))) return false;
  view.dispatch({
    changes: edits.map(({ from, to, text }) => ({ from, to, insert: text })),
    scrollIntoView: true,
    userEvent: "input.fix",
  });
  return true;
}

/** @param {Finding[]} list @param {EditorState} state */
function marksOf(list, state) {
  const marks = list.slice(0, LIMIT).map((finding) => {
    const { from, to } = extent(finding, state);
    const severity = Object.hasOwn(RANK, finding.severity) ? finding.severity : "info";
    if (from === to) return Decoration.widget({ widget: new Point(severity), side: 1, finding }).range(from);
    return Decoration.mark({ class: `cm-squiggle cm-squiggle-${severity}`, finding }).range(from, to);
  });
  return RangeSet.of(marks, true);
}

/**
 * Returns the underlined range: the first of several lines; for an empty range, the word or letter next to it.
 * @param {Finding} finding @param {EditorState} state
 */
function extent(finding, state) {
  const from = clamp(finding.from, state.doc.length);
  const line = state.doc.lineAt(from);
  const to = Math.min(clamp(Math.max(finding.to, from), state.doc.length), line.to);
  if (to > from) return { from, to };
  const word = state.wordAt(from);
  if (word) return { from: word.from, to: word.to };
  if (from > line.from) return { from: from - 1, to: from };
  return { from, to: Math.min(from + 1, line.to) };
}

/** @param {number} pos @param {number} length */
function clamp(pos, length) {
  return Math.max(0, Math.min(pos, length));
}

/** Marks a finding on an empty line. */
class Point extends WidgetType {
  /** @param {string} severity */
  constructor(severity) {
    super();
    this.severity = severity;
  }

  /** @param {Point} other */
  eq(other) {
    return other.severity === this.severity;
  }

  toDOM() {
    const point = document.createElement("span");
    point.className = `cm-squiggle cm-squiggle-${this.severity}`;
    point.textContent = "\u00a0\u00a0";
    return point;
  }
}
