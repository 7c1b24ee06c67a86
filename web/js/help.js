/**
 * Help at a position, by pointer and by keyboard: findings first, then the meaning of the word.
 */

import { Prec, StateEffect, StateField } from "@codemirror/state";
import { EditorView, closeHoverTooltips, hasHoverTooltips, hoverTooltip, keymap, showTooltip } from "@codemirror/view";
import { contextAt } from "./excerpt.js";
import { applyFix, findingsAt, nextFinding } from "./findings.js";
import { plainText, element, paragraph } from "./markup.js";
import { meaning } from "./suggest.js";

/**
 * @typedef {import("@codemirror/state").EditorState} EditorState
 * @typedef {import("@codemirror/view").Tooltip} Tooltip
 * @typedef {import("./findings.js").Finding} Finding
 */

const WORD = /[\w/*.:-]{1,300}/g;
const MARKS = { error: "■", warning: "▲", info: "●" };

/** @type {import("@codemirror/state").StateEffectType<number | null>} */
const pin = StateEffect.define();

/** Help that was opened by keyboard, until the cursor moves. */
const pinned = StateField.define({
  /** @returns {Tooltip | null} */
  create: () => null,
  update(tooltip, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(pin)) return effect.value === null ? null : tooltipAt(transaction.state, effect.value);
    }
    return transaction.docChanged || transaction.selection ? null : tooltip;
  },
  provide: (field) => showTooltip.from(field),
});

/** @type {import("./keys.js").Binding[]} */
export const keys = [
  { key: "F8", run: (view) => jump(view, 1), shift: (view) => jump(view, -1), about: "next finding", aboutShift: "previous finding" },
  { key: "Mod-.", run: fixHere, about: "fix the finding at the cursor" },
  { key: "F1", run: showHere, preventDefault: true, about: "explain the word at the cursor" },
];

export const help = [
  pinned,
  hoverTooltip((view, pos) => tooltipAt(view.state, pos), { hideOnChange: true }),
  EditorView.domEventHandlers({ blur: (_, view) => void unpin(view) }),
  keymap.of(keys),
  // Before a list of completions that is still being made gets the key.
  Prec.highest(keymap.of([{ key: "Escape", run: close }])),
];

/** @param {EditorView} view @param {1 | -1} direction */
function jump(view, direction) {
  const next = nextFinding(view.state, direction);
  if (!next) return false;
  const { finding, from } = next;
  view.dispatch({
    selection: { anchor: from },
    scrollIntoView: true,
    userEvent: "select",
    effects: [pin.of(from), EditorView.announce.of(plainText(`${finding.severity}, line ${finding.line}: ${finding.message}. ${finding.help}`))],
  });
  return true;
}

/** @param {EditorView} view */
function showHere(view) {
  const { head } = view.state.selection.main;
  const tooltip = tooltipAt(view.state, head);
  if (tooltip) view.dispatch({ effects: [pin.of(head), EditorView.announce.of(spoken(view.state, head))] });
  return true;
}

/** @param {EditorView} view */
function fixHere(view) {
  const found = findingsAt(view.state, view.state.selection.main.head).find(({ finding }) => finding.fix);
  return found ? applyFix(view, found.finding) : false;
}

/** Closes the help, by keyboard and by pointer. @param {EditorView} view */
function close(view) {
  const hovering = hasHoverTooltips(view.state);
  if (hovering) view.dispatch({ effects: closeHoverTooltips });
  return unpin(view) || hovering;
}

/** @param {EditorView} view */
function unpin(view) {
  if (!view.state.field(pinned)) return false;
  view.dispatch({ effects: pin.of(null) });
  return true;
}

/** @param {EditorState} state @param {number} pos @returns {Tooltip | null} */
function tooltipAt(state, pos) {
  const found = findingsAt(state, pos);
  const word = wordAt(state, pos);
  const about = word ? meaningOf(state, word) : "";
  if (found.length === 0 && !about) return null;
  const from = found[0]?.from ?? word?.from ?? pos;
  const end = found[0]?.to ?? word?.to;
  const list = found.map(({ finding }) => finding);
  // Far enough below to leave the wave in sight.
  const offset = { x: 0, y: 4 };
  return { pos: from, end, above: false, create: (view) => ({ dom: content(view, list, word?.text ?? "", about), offset }) };
}

/** @param {EditorView} view @param {Finding[]} found @param {string} word @param {string} about */
function content(view, found, word, about) {
  const parts = found.map((finding) => findingCard(view, finding));
  if (about) parts.push(element("div", "cm-help-word", paragraph(`\`${word}\``), paragraph(about, "cm-help-more")));
  return element("div", "cm-help", ...parts);
}

/** @param {EditorView} view @param {Finding} finding */
function findingCard(view, finding) {
  const mark = element("span", `cm-help-mark cm-help-${finding.severity}`, MARKS[finding.severity] ?? MARKS.info);
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", finding.severity);
  const text = element("div", "", paragraph(finding.message));
  text.append(paragraph([finding.code, finding.help].filter(Boolean).join(" · "), "cm-help-more"));
  const card = element("div", "cm-help-finding", mark, text);
  if (finding.fix) {
    const { title } = finding.fix;
    const button = element("button", "cm-help-fix", "Fix");
    button.setAttribute("type", "button");
    button.title = plainText(title);
    button.setAttribute("aria-label", `Fix: ${plainText(title)}`);
    button.addEventListener("click", () => {
      applyFix(view, finding);
      view.focus();
    });
    // Keeps the focus in the text, and with it the help on the screen.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    card.append(button);
  }
  return card;
}

/** @param {EditorState} state @param {number} pos */
function spoken(state, pos) {
  const word = wordAt(state, pos);
  const found = findingsAt(state, pos).map(({ finding }) => `${finding.severity}: ${finding.message}. ${finding.help}`);
  return plainText([...found, word ? meaningOf(state, word) : ""].join(" "));
}

/** @param {EditorState} state @param {number} pos */
function wordAt(state, pos) {
  const line = state.doc.lineAt(pos);
  for (const match of line.text.matchAll(WORD)) {
    const from = line.from + match.index;
    // A field's colon is not of its name.
    const text = match[0].replace(/[:.]+$/, "");
    if (from <= pos && pos <= from + text.length) return { from, to: from + text.length, text };
  }
  return null;
}

/** @param {EditorState} state @param {{from: number, to: number, text: string}} word */
function meaningOf(state, { to, text }) {
  const place = contextAt(state, to);
  return place?.word === text ? meaning(place) : "";
}
