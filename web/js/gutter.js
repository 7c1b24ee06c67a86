/**
 * The coverage gutter: at each rule's first line its number, its level and the events that it caught.
 */

import { RangeSetBuilder } from "@codemirror/state";
import { GutterMarker, ViewPlugin, gutter } from "@codemirror/view";
import { compact, full } from "./numbers.js";
import { element } from "./prose.js";
import { rules } from "./rules.js";

/**
 * @typedef {import("@codemirror/view").EditorView} EditorView
 * @typedef {import("./rules.js").Rule} Rule
 */

const LEVELS = { N: "None", M: "Metadata", R: "Request", RR: "RequestResponse" };

/**
 * @param {(index: number) => void} onChip A rule's chip was clicked.
 * @returns {import("@codemirror/state").Extension}
 */
export function coverage(onChip) {
  return [
    gutter({
      class: "cm-coverage",
      markers: (view) => chipsOf(view),
      domEventHandlers: {
        mousedown: (_view, _line, event) => chipUnder(event) !== null,
        click(_view, _line, event) {
          const index = chipUnder(event);
          if (index !== null) onChip(index);
          return index !== null;
        },
      },
    }),
    named,
  ];
}

/** Gutters are hidden from screen readers; this one has something to say. */
const named = ViewPlugin.define((view) => {
  const column = view.dom.querySelector(".cm-coverage");
  const gutters = column?.parentElement;
  if (column && gutters) {
    gutters.removeAttribute("aria-hidden");
    for (const other of gutters.children) other.setAttribute("aria-hidden", "true");
    column.removeAttribute("aria-hidden");
    column.setAttribute("role", "group");
    column.setAttribute("aria-label", "Rules");
  }
  return {};
});

/** @param {Event} event @returns {number | null} */
function chipUnder(event) {
  const chip = event.target instanceof Element ? event.target.closest("[data-rule]") : null;
  return chip instanceof HTMLElement ? Number(chip.dataset.rule) : null;
}

/** @type {WeakMap<object, import("@codemirror/state").RangeSet<GutterMarker>>} */
const built = new WeakMap();

/** @param {EditorView} view */
function chipsOf(view) {
  const now = view.state.field(rules);
  const known = built.get(now);
  if (known) return known;
  /** @type {RangeSetBuilder<GutterMarker>} */
  const markers = new RangeSetBuilder();
  for (let i = 0; i < now.list.length; ) {
    const rule = /** @type {Rule} */ (now.list[i]);
    const line = view.state.doc.lineAt(rule.from);
    const first = i;
    while (i < now.list.length && /** @type {Rule} */ (now.list[i]).from <= line.to) i += 1;
    markers.add(line.from, line.from, new Chip(rule, i - first - 1, now.stale));
  }
  const set = markers.finish();
  built.set(now, set);
  return set;
}

/** The first rule of a line; `more` is how many others begin in it. */
class Chip extends GutterMarker {
  /** @param {Rule} rule @param {number} more @param {boolean} stale */
  constructor({ index, level, matched, unreachable }, more, stale) {
    super();
    Object.assign(this, { index, level, matched, unreachable, more, stale });
  }

  /** @param {Chip} other */
  eq(other) {
    return other instanceof Chip && KEPT.every((key) => other[key] === this[key]);
  }

  toDOM() {
    const { index, level, matched, unreachable, more, stale } = this;
    const chip = element("button", `cm-chip cm-level-${level}${unreachable ? " cm-chip-unreachable" : ""}`);
    chip.append(more > 0 ? `${index + 1} ${level} +${more}` : `${index + 1} ${level}`);
    chip.dataset.rule = String(index);
    chip.setAttribute("type", "button");
    // The cursor does by keyboard what the chip does by pointer, so the chips need no place in the tab order.
    chip.tabIndex = -1;
    const name = label(this);
    chip.setAttribute("aria-label", name);
    chip.title = titled(name, unreachable, stale, more);
    const cell = element("div", `cm-cover${stale ? " cm-cover-stale" : ""}`);
    if (matched !== null) {
      const count = element("small", "", compact(matched));
      count.setAttribute("aria-hidden", "true");
      cell.append(count);
    }
    if (unreachable) {
      const mark = element("span", "cm-unreachable", "⊘");
      mark.setAttribute("aria-hidden", "true");
      mark.title = chip.title;
      cell.append(mark);
    }
    cell.append(chip);
    return cell;
  }
}

const KEPT = ["index", "level", "matched", "unreachable", "more", "stale"];

/** `rule 4, Metadata, 411 events` @param {{index: number, level: keyof LEVELS, matched: number | null, unreachable: boolean}} rule */
export function label({ index, level, matched, unreachable }) {
  const events = matched === null ? "" : `, ${full(matched)} ${matched === 1 ? "event" : "events"}`;
  return `rule ${index + 1}, ${LEVELS[level]}${events}${unreachable ? ", unreachable" : ""}`;
}

/** @param {string} name @param {boolean} unreachable @param {boolean} stale @param {number} more */
function titled(name, unreachable, stale, more) {
  const notes = [name];
  if (unreachable) notes.push("An earlier rule catches everything that this one could match.");
  if (stale) notes.push("As of the last policy that was accepted.");
  if (more > 0) notes.push(`${more} more begin in this line.`);
  return notes.join("\n");
}
