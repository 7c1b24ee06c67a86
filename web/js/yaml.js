/**
 * YAML support of the editor: its language, highlighting of visible lines, and indentation of new lines.
 */

import { indentService, syntaxTree } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { Decoration, ViewPlugin } from "@codemirror/view";
import { colors, colorsOfPart } from "./colors.js";
import { columnBelow, listStep } from "./context.js";
import { excerptAt } from "./excerpt.js";
import { isLong, language } from "./syntax.js";
import { lookalikes } from "./untrusted.js";

/** @typedef {import("@codemirror/view").EditorView} EditorView */

/** Maximum length of the part of a line that is searched for misleading words, so that a line of a megabyte takes no longer. */
const LINE_LIMIT = 2000;

/** Maximum length of the visible part of a long text that is colored. */
const PART_LIMIT = 20_000;

/** @type {Record<import("./colors.js").Token["kind"], Decoration>} */
const COLOURS = {
  key: Decoration.mark({ class: "cm-y-key" }),
  string: Decoration.mark({ class: "cm-y-string" }),
  comment: Decoration.mark({ class: "cm-y-comment" }),
  mark: Decoration.mark({ class: "cm-y-mark" }),
};

const colored = ViewPlugin.fromClass(
  class {
    /** @param {EditorView} view */
    constructor(view) {
      this.decorations = decorations(view);
    }

    /** @param {import("@codemirror/view").ViewUpdate} update */
    update(update) {
      const isParsed = syntaxTree(update.state) !== syntaxTree(update.startState);
      if (update.docChanged || update.viewportChanged || isParsed) this.decorations = decorations(update.view);
    }
  },
  { decorations: (plugin) => plugin.decorations },
);

/** @param {EditorView} view */
function decorations(view) {
  /** @type {import("@codemirror/state").Range<Decoration>[]} */
  const ranges = [];
  const { doc } = view.state;
  for (const { from, to } of view.visibleRanges) {
    const tokens = isLong(doc)
      ? colorsOfPart(doc.sliceString(from, Math.min(to, from + PART_LIMIT)), from)
      : colors(syntaxTree(view.state), from, to, (from, to) => doc.sliceString(from, to));
    for (const token of tokens) {
      ranges.push(COLOURS[token.kind].range(token.from, token.to));
    }
    for (let line = doc.lineAt(from); ; line = doc.line(line.number + 1)) {
      for (const { from, to, why } of lookalikes(line.text.slice(0, LINE_LIMIT))) {
        ranges.push(Decoration.mark({ class: "lookalike", attributes: { title: why } }).range(line.from + from, line.from + to));
      }
      if (line.to >= to) break;
    }
  }
  return Decoration.set(ranges, true);
}

const indent = indentService.of(({ state }, pos) => {
  const near = excerptAt(state, pos);
  const before = near?.source.changed({ from: near.pos, to: near.source.doc.length });
  return near && before ? columnBelow(before, listStep(near.source)) : undefined;
});

// Of the whole text, whatever its tree is.
const data = EditorState.languageData.of(() => [{ commentTokens: { line: "#" } }]);

export const yaml = [language, colored, indent, data];
