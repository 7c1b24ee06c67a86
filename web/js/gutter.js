/**
 * The coverage gutter: the number, the level and the matched events of each rule, at its first line.
 */

import { RangeSet, RangeSetBuilder, StateField } from "@codemirror/state";
import { EditorView as View, GutterMarker, ViewPlugin, gutter, keymap } from "@codemirror/view";
import { element } from "./markup.js";
import { ruleAt, rules } from "./rules.js";

/**
 * @typedef {import("@codemirror/view").EditorView} EditorView
 * @typedef {import("./rules.js").Rule} Rule
 */

const LEVELS = { N: "None", M: "Metadata", R: "Request", RR: "RequestResponse" };

/**
 * @param {(index: number, byKey: boolean) => void} onChip A rule's chip was clicked, or pressed by key.
 * @returns {import("@codemirror/state").Extension}
 */
export function coverage(onChip) {
  return [
    chips,
    gutter({
      class: "cm-coverage",
      markers: (view) => view.state.field(chips).set,
      domEventHandlers: {
        mousedown: (_view, _line, event) => chipUnder(event) !== null,
        click(_view, _line, event) {
          const index = chipUnder(event);
          // A click by key has no count of clicks.
          if (index !== null) onChip(index, event instanceof MouseEvent && event.detail === 0);
          return index !== null;
        },
      },
    }),
    keymap.of([{ ...MOD_ENTER, run: (view) => press(view, onChip) }]),
    named,
    stops,
  ];
}

/** @type {import("./keys.js").Binding} */
const MOD_ENTER = { key: "Mod-Enter", about: "show the events of the rule at the cursor, or all events again" };
export const keys = [MOD_ENTER];

/** Clicks the chip of the rule at the cursor. @param {EditorView} view @param {(index: number, byKey: boolean) => void} onChip */
function press(view, onChip) {
  const index = ruleAt(view.state, view.state.selection.main.head);
  if (index < 0) return false;
  const chip = view.dom.querySelector(`[data-rule="${index}"]`);
  // A click, since the page may listen for one; a chip far out of sight does not exist.
  if (chip instanceof HTMLElement) chip.click();
  else onChip(index, true);
  return true;
}

/** Makes this gutter available to screen readers, which gutters are hidden from. */
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

/** Makes one chip reachable by Tab; arrows, Home and End move to the others. */
const stops = ViewPlugin.fromClass(
  class {
    /** @param {EditorView} view */
    constructor(view) {
      this.view = view;
      /** The rule whose chip Tab comes to. */
      this.index = -1;
      /** Its chip has the focus, or is to get it as soon as it is drawn. */
      this.isFocused = false;
      this.column = view.dom.querySelector(".cm-coverage");
      this.column?.addEventListener("keydown", (event) => this.onKey(/** @type {KeyboardEvent} */ (event)));
      this.column?.addEventListener("focusin", (event) => {
        const index = chipUnder(event);
        if (index === null) return;
        this.index = index;
        this.isFocused = true;
        this.place();
      });
      this.column?.addEventListener("focusout", (event) => {
        // A chip that is rendered again loses the focus to nothing.
        if (event instanceof FocusEvent && event.relatedTarget) this.isFocused = false;
      });
      this.left = () => void (this.isFocused = false);
      document.addEventListener("pointerdown", this.left, true);
      this.later();
    }

    destroy() {
      document.removeEventListener("pointerdown", this.left, true);
    }

    update() {
      this.later();
    }

    later() {
      this.view.requestMeasure({ key: this, read: () => null, write: () => this.place() });
    }

    place() {
      const chips = /** @type {HTMLElement[]} */ ([...(this.column?.querySelectorAll("[data-rule]") ?? [])]);
      const own = chips.find((chip) => chip.dataset.rule === String(this.index));
      for (const chip of chips) chip.tabIndex = chip === (own ?? chips[0]) ? 0 : -1;
      const { activeElement } = /** @type {ShadowRoot} */ (this.view.root);
      // The focus is fetched back from nothing or from another chip, not from where it was moved meanwhile.
      const isElsewhere = activeElement ? !this.column?.contains(activeElement) : document.activeElement !== document.body;
      if (isElsewhere) this.isFocused = false;
      if (this.isFocused && own && activeElement !== own) own.focus({ preventScroll: true });
    }

    /** @param {KeyboardEvent} event */
    onKey(event) {
      if (event.key === "Tab") this.left();
      const { list } = this.view.state.field(rules);
      const at = list.findIndex(({ index }) => index === this.index);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.length - 1 }[event.key];
      const rule = to === undefined ? undefined : list[to];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      if (!rule) return;
      this.index = rule.index;
      this.isFocused = true;
      this.view.dispatch({ effects: View.scrollIntoView(rule.from, { yMargin: 30 }) });
    }
  },
);

/** @param {Event} event @returns {number | null} */
function chipUnder(event) {
  const chip = event.target instanceof Element ? event.target.closest("[data-rule]") : null;
  return chip instanceof HTMLElement ? Number(chip.dataset.rule) : null;
}

/** @type {StateField<{set: RangeSet<GutterMarker>, drawing: number}>} */
const chips = StateField.define({
  create: () => ({ set: RangeSet.empty, drawing: 0 }),
  update(before, transaction) {
    const now = transaction.state.field(rules);
    if (now.drawing !== before.drawing) return { set: chipsOf(now, transaction.state.doc), drawing: now.drawing };
    return transaction.docChanged ? { ...before, set: before.set.map(transaction.changes) } : before;
  },
});

/** @param {import("./rules.js").Rules} now @param {import("@codemirror/state").Text} doc */
function chipsOf(now, doc) {
  /** @type {RangeSetBuilder<GutterMarker>} */
  const markers = new RangeSetBuilder();
  for (let i = 0; i < now.list.length; ) {
    const rule = /** @type {Rule} */ (now.list[i]);
    const line = doc.lineAt(rule.from);
    const first = i;
    while (i < now.list.length && /** @type {Rule} */ (now.list[i]).from <= line.to) i += 1;
    markers.add(line.from, line.from, new Chip(rule, i - first - 1, now.stale));
  }
  return markers.finish();
}

/** Chip of the first rule on a line; `more` others begin on it. */
class Chip extends GutterMarker {
  /** @param {Rule} rule @param {number} more @param {boolean} stale */
  constructor(rule, more, stale) {
    super();
    this.index = rule.index;
    this.level = rule.level;
    this.matched = rule.matched;
    this.count = rule.count;
    this.events = rule.events;
    this.unreachable = rule.unreachable;
    this.more = more;
    this.stale = stale;
  }

  /** @param {Chip} other */
  eq(other) {
    return other instanceof Chip && KEPT.every((key) => other[key] === this[key]);
  }

  toDOM() {
    const { index, level, matched, count, unreachable, more, stale } = this;
    const chip = element("button", `cm-chip cm-level-${level}${unreachable ? " cm-chip-unreachable" : ""}`);
    chip.append(`${index + 1} ${level}`);
    chip.dataset.rule = String(index);
    chip.setAttribute("type", "button");
    // See `stops`.
    chip.tabIndex = -1;
    const name = label(this);
    chip.setAttribute("aria-label", name);
    chip.title = titled(name, unreachable, stale, more);
    const cell = element("div", `cm-cover${stale ? " cm-cover-stale" : ""}`);
    if (matched !== null) {
      const number = element("small", "", count ?? "");
      number.setAttribute("aria-hidden", "true");
      cell.append(number);
    }
    if (unreachable) {
      const mark = element("span", "cm-unreachable", "⊘");
      mark.setAttribute("aria-hidden", "true");
      mark.title = chip.title;
      cell.append(mark);
    }
    cell.append(chip);
    if (more > 0) {
      const others = element("small", "", `+${more}`);
      others.title = chip.title;
      cell.append(others);
    }
    return cell;
  }
}

const KEPT = /** @type {const} */ (["index", "level", "matched", "unreachable", "more", "stale"]);

/**
 * `rule 4 M: Metadata, 411 events`: with the letters that are seen, for those who say what to click.
 * @param {{index: number, level: Rule["level"], events?: string, unreachable: boolean}} rule
 */
export function label({ index, level, events, unreachable }) {
  return `rule ${index + 1} ${level}: ${LEVELS[level]}${events ? `, ${events}` : ""}${unreachable ? ", unreachable" : ""}`;
}

/** @param {string} name @param {boolean} unreachable @param {boolean} stale @param {number} more */
function titled(name, unreachable, stale, more) {
  const notes = [name];
  if (unreachable) notes.push("An earlier rule matches everything that this rule could match.");
  if (stale) notes.push("From the last accepted policy.");
  if (more > 0) notes.push(`${more} more ${more === 1 ? "rule begins" : "rules begin"} on this line.`);
  return notes.join("\n");
}
