/**
 * Completion in the editor: asks `suggest` what fits at the cursor and writes what is chosen.
 */

import { autocompletion, closeBrackets, insertBracket, startCompletion } from "@codemirror/autocomplete";
import { Transaction } from "@codemirror/state";
import { contextAt } from "./excerpt.js";
import { paragraph } from "./markup.js";
import { suggest } from "./suggest.js";

/**
 * @typedef {import("@codemirror/autocomplete").CompletionContext} CompletionContext
 * @typedef {import("@codemirror/autocomplete").CompletionResult} CompletionResult
 * @typedef {import("@codemirror/autocomplete").Completion} Completion
 * @typedef {import("@codemirror/view").EditorView} EditorView
 * @typedef {import("./context.js").Place} Place
 * @typedef {import("./suggest.js").Suggestion} Suggestion
 */

export const completion = [
  autocompletion({ override: [options], icons: false, maxRenderedOptions: 60 }),
  closeBrackets(),
];

/** @param {CompletionContext} context @returns {CompletionResult | null} */
function options(context) {
  const before = context.state.doc.lineAt(context.pos);
  const typed = before.text.slice(0, context.pos - before.from);
  // Where nothing can come of it, the text need not be read.
  if (!context.explicit && !/[\w"'/*[,-]\s?$|:\s$/.test(typed)) return null;
  const place = contextAt(context.state, context.pos);
  if (!place) return null;
  if (!context.explicit && place.word === "" && !asks(place)) return null;
  const suggestions = suggest(place);
  if (suggestions.length === 0 || (!context.explicit && suggestions.some(({ match }) => match === place.word))) return null;
  return {
    from: place.from,
    options: suggestions.map((suggestion, index) => option(suggestion, place, index)),
    validFor: (text) => /^[\w/*.:-]*$/.test(text) && !suggestions.some(({ match }) => match === text),
  };
}

/** Returns whether the list opens before anything is typed: if a value has to follow, and Enter is unlikely to mean a new line. @param {Place} place */
function asks(place) {
  const { dash, field, item, quote } = place;
  return dash || item || quote !== "" || field === "level" || field === "group" || field === "kind" || field === "apiVersion";
}

/** @param {Suggestion} suggestion @param {Place} place @param {number} index @returns {Completion} */
function option(suggestion, place, index) {
  const { name, match, detail, about } = suggestion;
  return {
    label: match,
    displayLabel: name,
    detail: detail || undefined,
    info: about ? () => paragraph(about) : undefined,
    // The order given is the order shown; 99 is the most that counts.
    boost: 99 - Math.min(index, 198),
    apply: (view, _, from, to) => write(view, suggestion, place, from, to),
  };
}

/** @param {EditorView} view @param {Suggestion} suggestion @param {Place} place @param {number} from @param {number} to */
function write(view, suggestion, place, from, to) {
  const line = view.state.doc.lineAt(to);
  const rest = line.text.slice(to - line.from);
  const named = place.kind === "key" && /^[\w]*["']?\s*:/.exec(rest);
  let { text, tail, bracket, again } = suggestion;
  let end = to;
  if (named) {
    // The field is there already: only its name is replaced.
    text = suggestion.name + place.quote;
    end += /^[\w]*["']?/.exec(rest)?.[0].length ?? 0;
    tail = "";
    bracket = again = false;
  } else if (place.quote && rest.startsWith(place.quote)) {
    end += 1;
  }
  const cursor = from + text.length;
  view.dispatch({
    changes: { from, to: end, insert: text + tail },
    selection: { anchor: cursor },
    scrollIntoView: true,
    annotations: Transaction.userEvent.of("input.complete"),
  });
  if (bracket) {
    const opened = insertBracket(view.state, "[");
    view.dispatch(opened ?? { changes: { from: cursor, insert: "[]" }, selection: { anchor: cursor + 1 }, userEvent: "input.complete" });
  }
  if (again) startCompletion(view);
}
