/**
 * Rules of the policy in the editor: their positions during edits, the marked one, and the style of their lines.
 */

import { MapMode, RangeSet, RangeSetBuilder, StateEffect, StateField } from "@codemirror/state";
import { Decoration, EditorView, GutterMarker, gutterLineClass } from "@codemirror/view";

/**
 * @typedef {import("@codemirror/state").EditorState} EditorState
 * @typedef {import("@codemirror/state").ChangeDesc} ChangeDesc
 * @typedef {import("@codemirror/state").Text} Text
 *
 * @typedef {object} Given A rule as set by the page.
 * @property {"N" | "M" | "R" | "RR"} level
 * @property {number} from
 * @property {number} to
 * @property {boolean} unreachable
 * @property {number | null} matched Matched events; null without a log.
 * @property {string} [count] Their number as the gutter shows it.
 * @property {string} [events] Their number in full, with its noun.
 *
 * @typedef {object} Rule A rule with its current range.
 * @property {number} index
 * @property {Given["level"]} level
 * @property {boolean} unreachable
 * @property {number | null} matched
 * @property {string} [count]
 * @property {string} [events]
 * @property {number} from
 * @property {number} to
 *
 * @typedef {object} Rules
 * @property {Given[]} given As set.
 * @property {Rule[]} list Sorted by position, before the edits in `since`.
 * @property {ChangeDesc | null} since Edits that are not applied to `list` yet: with very many rules, they are applied when the rules are set again.
 * @property {boolean} moved Whether an edit deleted the position of one, so that `given` has to be used again.
 * @property {boolean} stale
 * @property {number} marked Index, or -1.
 * @property {number} drawing Number of times that the decorations were rebuilt and not only moved with the text.
 * @property {RangeSet<Decoration>} dimmed Decorations of rules without matches.
 * @property {RangeSet<Decoration>} lines Of the marked rule.
 * @property {RangeSet<GutterMarker>} edges Of the marked rule, for the gutters.
 */

/** @type {import("@codemirror/state").StateEffectType<{given: Given[], rejected: boolean}>} */
export const setRules = StateEffect.define();
/** @type {import("@codemirror/state").StateEffectType<boolean>} */
export const setStale = StateEffect.define();
/** @type {import("@codemirror/state").StateEffectType<number>} */
export const setMarked = StateEffect.define();

/** @type {Rules} */
const NO_RULES = {
  given: [], list: [], since: null, moved: false, stale: false, marked: -1, drawing: 0,
  dimmed: RangeSet.empty, lines: RangeSet.empty, edges: RangeSet.empty,
};

/** @type {StateField<Rules>} */
export const rules = StateField.define({
  create: () => NO_RULES,
  update(before, transaction) {
    const { state, startState } = transaction;
    const isMany = before.list.length > MANY;
    let after = before;
    if (transaction.docChanged && before.list.length > 0) after = drawn(isMany ? postponed(before, transaction.changes.desc) : moved(before, transaction.changes), transaction.changes);
    // Line by line is how rules are shown, so a line more or less makes it worth looking again.
    let again = after !== before && !isMany && state.doc.lines !== startState.doc.lines;
    let marked = false;
    for (const effect of transaction.effects) {
      if (effect.is(setRules)) {
        const { given, rejected } = effect.value;
        if (after.since) after = { ...moved(after, after.since), since: null };
        after = { ...after, ...placed(after, given, state.doc.length, rejected), given, moved: rejected && after.moved };
        again = true;
      } else if (effect.is(setStale)) {
        after = { ...after, stale: effect.value };
        again = true;
      } else if (effect.is(setMarked)) {
        after = { ...after, marked: effect.value };
        marked = true;
      }
    }
    if (again) after = { ...after, drawing: after.drawing + 1, dimmed: dimmed(after, state.doc) };
    return again || marked ? { ...after, ...markedLines(after, state.doc) } : after;
  },
  provide: (field) => [
    EditorView.decorations.from(field, (now) => now.dimmed),
    EditorView.decorations.from(field, (now) => now.lines),
    gutterLineClass.from(field, (now) => now.edges),
  ],
});

/** Number of rules beyond which a keystroke does not move them, and rules without matches are not dimmed. */
const MANY = 2000;

/** Returns the index of the rule whose lines contain a position, or -1. @param {EditorState} state @param {number} pos */
export function ruleAt(state, pos) {
  const now = state.field(rules);
  const { list } = now;
  const line = state.doc.lineAt(pos);
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (/** @type {Rule} */ (standing(now, list[middle])).from <= pos) low = middle + 1;
    else high = middle;
  }
  // The dash before a rule is part of it, so the one that begins further on in the line counts as well.
  const [last, next] = [standing(now, list[low - 1]), standing(now, list[low])];
  if (last && pos <= state.doc.lineAt(lastPlace(last, state.doc)).to && !(next && next.from <= line.to && last.to < line.from)) return last.index;
  return next && next.from <= line.to ? next.index : -1;
}

/** A rule with its current range. @param {EditorState} state @param {number} index */
export function ruleOf(state, index) {
  const now = state.field(rules);
  return standing(now, now.list.find((rule) => rule.index === index));
}

/** Returns a rule with the pending edits applied. @param {Rules} now @param {Rule | undefined} rule */
function standing({ since }, rule) {
  if (!since || !rule) return rule;
  const from = since.mapPos(rule.from, 1);
  return { ...rule, from, to: Math.max(from, since.mapPos(rule.to, -1)) };
}

/** Returns the end of the last text of a rule: its range may include comments and empty lines up to the next item. @param {Rule} rule @param {Text} doc */
function lastPlace(rule, doc) {
  const first = doc.lineAt(rule.from);
  let line = doc.lineAt(rule.to);
  if (line.from === rule.to && line.number > first.number) line = doc.line(line.number - 1);
  while (line.number > first.number && /^\s*(#|$)/.test(line.text)) line = doc.line(line.number - 1);
  return Math.min(Math.max(rule.from, rule.to), line.to);
}

/** @param {Rules} before @param {ChangeDesc} changes @returns {Rules} */
function postponed(before, changes) {
  return { ...before, since: before.since ? before.since.composeDesc(changes) : changes };
}

/** Moves the decorations with an edit. @param {Rules} now @param {ChangeDesc} changes @returns {Rules} */
function drawn(now, changes) {
  return { ...now, dimmed: now.dimmed.map(changes), lines: now.lines.map(changes), edges: now.edges.map(changes) };
}

/** @param {Rules} before @param {ChangeDesc} changes @returns {Rules} */
function moved(before, changes) {
  let lost = before.moved;
  const list = [];
  for (const rule of before.list) {
    const from = changes.mapPos(rule.from, 1);
    const to = Math.max(from, changes.mapPos(rule.to, -1));
    lost ||= changes.mapPos(rule.from, 1, MapMode.TrackDel) === null;
    if (to > from) list.push({ ...rule, from, to });
  }
  return { ...before, list, moved: lost };
}

/**
 * Returns the new list of rules. If the given positions have not changed, they are those of the last accepted text; the current ones,
 * which have moved with the edits since then, are more accurate. If the text is rejected, only the rules whose text still exists remain.
 * @param {Rules} before @param {Given[]} given @param {number} length Of the text; rules beyond it are left out. @param {boolean} rejected
 */
function placed(before, given, length, rejected) {
  const same = given.length === before.given.length &&
    given.every(({ from, to }, index) => from === before.given[index]?.from && to === before.given[index]?.to);
  if (same && (rejected || (!before.moved && given.length === before.list.length))) {
    return { list: before.list.map((rule) => ({ ...rule, ...valuesOf(/** @type {Given} */ (given[rule.index])) })) };
  }
  const list = given.map((rule, index) => ({ index, from: rule.from, to: rule.to, ...valuesOf(rule) }));
  return { list: list.filter(({ from, to }) => 0 <= from && from < to && to <= length).sort((a, b) => a.from - b.from) };
}

/** @param {Given} given */
function valuesOf({ level, unreachable, matched, count, events }) {
  return { level, unreachable, matched, count, events };
}

/** @param {Rules} now @param {Text} doc @returns {RangeSet<Decoration>} */
function dimmed(now, doc) {
  if (now.list.length > MANY) return RangeSet.empty;
  const ranges = now.list.filter(({ matched }) => matched === 0).map((rule) => {
    const line = doc.lineAt(rule.from);
    const dash = /^\s*(-\s*)+$/.test(line.text.slice(0, rule.from - line.from));
    return DIMMED.range(dash ? line.from : rule.from, lastPlace(rule, doc));
  });
  return RangeSet.of(ranges, true);
}

/** @param {Rules} now @param {Text} doc @returns {Pick<Rules, "lines" | "edges">} */
function markedLines(now, doc) {
  /** @type {RangeSetBuilder<Decoration>} */
  const lines = new RangeSetBuilder();
  /** @type {RangeSetBuilder<GutterMarker>} */
  const edges = new RangeSetBuilder();
  const rule = standing(now, now.list.find(({ index }) => index === now.marked));
  if (rule) {
    const end = lastPlace(rule, doc);
    for (let line = doc.lineAt(rule.from); ; line = doc.line(line.number + 1)) {
      lines.add(line.from, line.from, MARKED);
      edges.add(line.from, line.from, EDGE);
      if (line.to >= end) break;
    }
  }
  return { lines: lines.finish(), edges: edges.finish() };
}

const DIMMED = Decoration.mark({ class: "cm-rule-unmatched" });
const MARKED = Decoration.line({ class: "cm-rule-marked" });
const EDGE = new (class extends GutterMarker {
  elementClass = "cm-rule-marked";
})();
