/**
 * Key bindings of the editor, with their descriptions for the help. Tab is not bound: it always leaves the editor.
 */

import { closeBracketsKeymap, startCompletion } from "@codemirror/autocomplete";
import {
  copyLineDown, copyLineUp, deleteLine, historyKeymap, indentLess, indentMore, moveLineDown, moveLineUp,
  standardKeymap, toggleLineComment,
} from "@codemirror/commands";
import { closeSearchPanel, findNext, findPrevious, openSearchPanel } from "@codemirror/search";
import { keymap } from "@codemirror/view";
import { keys as gutterKeys } from "./gutter.js";
import { keys as helpKeys } from "./help.js";

/**
 * @typedef {import("@codemirror/view").KeyBinding} KeyBinding
 * @typedef {KeyBinding & {about?: string, aboutShift?: string}} Binding A key, and what it does in a few words; without these it is not
 *   listed in the help.
 */

const IN_SEARCH = "editor search-panel";
const HISTORY = { "Mod-z": "undo", "Mod-y": "redo" };

/** @type {Binding[]} */
const bindings = [
  ...closeBracketsKeymap,
  { key: "Mod-f", run: openSearchPanel, scope: IN_SEARCH, about: "find and replace" },
  { key: "F3", run: findNext, shift: findPrevious, scope: IN_SEARCH, preventDefault: true, about: "next match", aboutShift: "previous match" },
  { key: "Mod-g", run: findNext, shift: findPrevious, scope: IN_SEARCH, preventDefault: true },
  { key: "Escape", run: closeSearchPanel, scope: IN_SEARCH },
  ...historyKeymap.map((binding) => ({ ...binding, about: HISTORY[/** @type {keyof typeof HISTORY} */ (binding.key)] })),
  { key: "Mod-/", run: toggleLineComment, about: "toggle comments" },
  { key: "Mod-]", run: indentMore, about: "indent the lines" },
  { key: "Mod-[", run: indentLess, about: "unindent the lines" },
  { key: "Alt-ArrowUp", run: moveLineUp, about: "move the lines up" },
  { key: "Alt-ArrowDown", run: moveLineDown, about: "move the lines down" },
  { key: "Shift-Alt-ArrowUp", run: copyLineUp, about: "copy the lines upwards" },
  { key: "Shift-Alt-ArrowDown", run: copyLineDown, about: "copy the lines downwards" },
  { key: "Shift-Mod-k", run: deleteLine, about: "delete the lines" },
  ...standardKeymap,
];

export const keys = keymap.of(bindings);

/** Keys that are bound elsewhere or not at all. @type {Binding[]} */
const others = [
  { key: "Tab", about: "leave the editor forwards", aboutShift: "leave the editor backwards, to the rules" },
  { key: "Ctrl-Space", run: startCompletion, about: "show suggestions" },
];

/**
 * Returns keys and descriptions in turn, for the help.
 * @returns {string[]}
 */
export function keyHelp() {
  const isMac = /Mac/.test(navigator.platform);
  return [...others, ...helpKeys, ...gutterKeys, ...bindings].flatMap(({ key = "", about, aboutShift }) => [
    ...(about ? [keyLabel(key, isMac), about] : []),
    ...(aboutShift ? [keyLabel(`Shift-${key}`, isMac), aboutShift] : []),
  ]);
}

const NAMES = new Map([["ArrowUp", "↑"], ["ArrowDown", "↓"], ["Escape", "Esc"]]);

/** `Mod-Shift-z` as keyboards have it: `Ctrl+Shift+Z`. @param {string} key @param {boolean} isMac */
function keyLabel(key, isMac) {
  const parts = key.split(/-(?!$)/).map((part) => (part === "Mod" ? (isMac ? "Cmd" : "Ctrl") : NAMES.get(part) ?? part));
  return parts.map((part) => (part.length === 1 ? part.toUpperCase() : part)).join("+");
}
