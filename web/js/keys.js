/**
 * The editor's keys. Tab is not among them: it always leads out of the editor.
 */

import { closeBracketsKeymap } from "@codemirror/autocomplete";
import {
  copyLineDown, copyLineUp, deleteLine, historyKeymap, indentLess, indentMore, moveLineDown, moveLineUp,
  standardKeymap, toggleLineComment,
} from "@codemirror/commands";
import { closeSearchPanel, findNext, findPrevious, openSearchPanel } from "@codemirror/search";
import { keymap } from "@codemirror/view";

const IN_SEARCH = "editor search-panel";

export const keys = keymap.of([
  ...closeBracketsKeymap,
  { key: "Mod-f", run: openSearchPanel, scope: IN_SEARCH },
  { key: "F3", run: findNext, shift: findPrevious, scope: IN_SEARCH, preventDefault: true },
  { key: "Mod-g", run: findNext, shift: findPrevious, scope: IN_SEARCH, preventDefault: true },
  { key: "Escape", run: closeSearchPanel, scope: IN_SEARCH },
  ...historyKeymap,
  { key: "Mod-/", run: toggleLineComment },
  { key: "Mod-[", run: indentLess },
  { key: "Mod-]", run: indentMore },
  { key: "Alt-ArrowUp", run: moveLineUp },
  { key: "Alt-ArrowDown", run: moveLineDown },
  { key: "Shift-Alt-ArrowUp", run: copyLineUp },
  { key: "Shift-Alt-ArrowDown", run: copyLineDown },
  { key: "Shift-Mod-k", run: deleteLine },
  ...standardKeymap,
]);
