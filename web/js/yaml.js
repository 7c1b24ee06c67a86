/**
 * YAML support of the editor: highlighting of visible lines, indentation of new lines, and comments.
 */

import { indentService } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { Decoration, ViewPlugin } from "@codemirror/view";
import { columnBelow, listStep, tokens } from "./tokens.js";
import { lookalikes } from "./untrusted.js";

/** @typedef {import("@codemirror/view").EditorView} EditorView */

/** Maximum length of the highlighted part of a line, so that a line of a megabyte takes no longer. */
const LINE_LIMIT = 2000;

/** Length of the beginning of a policy that decides the indentation of lists. */
const STEP_LIMIT = 20_000;

/** @type {Record<import("./tokens.js").Token["kind"], Decoration>} */
const COLOURS = {
  key: Decoration.mark({ class: "cm-y-key" }),
  string: Decoration.mark({ class: "cm-y-string" }),
  comment: Decoration.mark({ class: "cm-y-comment" }),
  mark: Decoration.mark({ class: "cm-y-mark" }),
};

const colours = ViewPlugin.fromClass(
  class {
    /** @param {EditorView} view */
    constructor(view) {
      this.decorations = coloured(view);
    }

    /** @param {import("@codemirror/view").ViewUpdate} update */
    update(update) {
      if (update.docChanged || update.viewportChanged) this.decorations = coloured(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

/** @param {EditorView} view */
function coloured(view) {
  /** @type {import("@codemirror/state").Range<Decoration>[]} */
  const ranges = [];
  const { doc } = view.state;
  let done = -1;
  for (const { from, to } of view.visibleRanges) {
    for (let line = doc.lineAt(from); ; line = doc.line(line.number + 1)) {
      if (line.number > done) {
        const text = line.text.slice(0, LINE_LIMIT);
        for (const token of tokens(text)) ranges.push(COLOURS[token.kind].range(line.from + token.from, line.from + token.to));
        for (const { from, to, why } of lookalikes(text)) {
          ranges.push(Decoration.mark({ class: "lookalike", attributes: { title: why } }).range(line.from + from, line.from + to));
        }
        done = line.number;
      }
      if (line.to >= to) break;
    }
  }
  return Decoration.set(ranges, true);
}

const indent = indentService.of((context, pos) => {
  const line = context.lineAt(pos, -1);
  return columnBelow(line.text, listStep(context.state.sliceDoc(0, STEP_LIMIT)));
});

const data = EditorState.languageData.of(() => [{ commentTokens: { line: "#" } }]);

export const yaml = [colours, indent, data];
