/**
 * The editors of the policy and of its tests: the functions that the page calls. Arguments are texts and numbers; structures are JSON texts in the shapes
 * of the page's protocol, and offsets count UTF-16 units.
 *
 * It is in a shadow root, where its styles need no `<style>` element, as a strict Content-Security-Policy requires.
 * Line ends become `\n`: `onChange` and `text` return that text, and offsets refer to it.
 */

import { history, isolateHistory, undo } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { search } from "@codemirror/search";
import { Compartment, EditorSelection, EditorState } from "@codemirror/state";
import { EditorView, highlightActiveLineGutter, highlightSpecialChars, lineNumbers } from "@codemirror/view";
import { completion } from "./complete.js";
import { findings, follow, setFindings as findingsSet } from "./findings.js";
import { coverage } from "./gutter.js";
import { help } from "./help.js";
import { keys } from "./keys.js";
import { hiddenChip } from "./markup.js";
import { ruleAt, ruleOf, rules, setMarked, setRules as rulesSet, setStale as staleSet } from "./rules.js";
import { HOST, theme } from "./theme.js";
import { Sender } from "./sender.js";
import { typeOver } from "./typing.js";
import { HIDDEN } from "./untrusted.js";
import { yaml } from "./yaml.js";

export { highlight } from "./highlight.js";
export { keyHelp } from "./keys.js";
export { setVersion } from "./vocabulary.js";

/**
 * @typedef {object} Handle
 * @property {EditorView} view
 * @property {number} reportedRule The rule of the cursor that was last reported to the page.
 * @property {string} findings The last JSON set, empty once the text has changed.
 * @property {string} rules Likewise.
 * @property {Sender} sender
 * @property {string} sent The text that the page has.
 * @property {{findings: string, rules: [string, boolean] | null}} lastSet What was last set for that text.
 */

/**
 * Puts an editor of the policy into an element, in an open shadow root.
 * @param {HTMLElement} host Empty element, which determines the editor's size.
 * @param {string} doc Initial text.
 * @param {(text: string) => void} onChange Called after every change, with the whole text.
 * @param {(index: number) => void} onRule Called when the user moves to another rule, by cursor or chip; -1 is none.
 * @returns {Handle}
 */
export function createEditor(host, doc, onChange, onRule) {
  const chosen = (/** @type {number} */ index) => {
    handle.reportedRule = index;
    onRule(index);
  };
  const listener = EditorView.updateListener.of((update) => {
    const rule = ruleMovedTo(update, handle.reportedRule);
    if (rule !== null) chosen(rule);
  });
  const toChip = (/** @type {number} */ index, /** @type {boolean} */ byKey) => {
    const { state } = handle.view;
    const rule = ruleOf(state, index);
    handle.reportedRule = index;
    if (rule && ruleAt(state, state.selection.main.head) !== index) {
      handle.view.dispatch({ selection: { anchor: rule.from }, userEvent: byKey ? "select" : "select.pointer" });
    }
    chosen(index);
  };
  const handle = mounted(host, doc, [rules, coverage(toChip), extensions(completion), labelled("Audit policy"), listener], onChange);
  return handle;
}

/**
 * Puts an editor of another YAML text into an element, in an open shadow root.
 * @param {HTMLElement} host Empty element, which determines the editor's size.
 * @param {string} doc Initial text.
 * @param {string} label Name for screen readers.
 * @param {(text: string) => void} onChange Called after every change, with the whole text.
 * @returns {Handle}
 */
export function createTextEditor(host, doc, label, onChange) {
  return mounted(host, doc, [rules, extensions([]), labelled(label)], onChange);
}

/** @param {string} label */
const labelled = (label) => EditorView.contentAttributes.of({ "aria-label": label });

/**
 * Puts an editor with extensions into an element, and reports its changes.
 * @param {HTMLElement} host @param {string} doc
 * @param {import("@codemirror/state").Extension[]} more @param {(text: string) => void} onChange
 * @returns {Handle}
 */
function mounted(host, doc, more, onChange) {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(HOST);
  root.adoptedStyleSheets = [sheet];
  root.replaceChildren();
  /** @type {Handle} */
  const handle = {
    view: /** @type {any} */ (null), reportedRule: -1, findings: "", rules: "",
    sender: new Sender(() => handle.view.state.sliceDoc(), (text) => send(handle, text, onChange)),
    sent: doc, lastSet: { findings: "", rules: null },
  };
  const listener = EditorView.updateListener.of((update) => {
    if (update.docChanged) {
      handle.findings = "";
      handle.rules = "";
      handle.sender.changed(update.state.doc.length);
    } else if (update.focusChanged && !update.view.hasFocus) {
      // Whatever is done elsewhere is done with the text as it stands.
      handle.sender.flush();
    }
  });
  const state = EditorState.create({ doc, extensions: [listener, more] });
  handle.view = new EditorView({ state, parent: root });
  return handle;
}

/**
 * Sends the text to the page, unless the page has it already, as after a change and its reverse.
 * @param {Handle} handle @param {string} text @param {(text: string) => void} onChange
 */
function send(handle, text, onChange) {
  if (handle.sent === text) {
    const { findings, rules } = handle.lastSet;
    // Not within the update that reports the change.
    queueMicrotask(() => {
      if (handle.sender.isBehind) return;
      if (findings) setFindings(handle, findings);
      if (rules) setRules(handle, ...rules);
    });
    return;
  }
  handle.sent = text;
  handle.lastSet = { findings: "", rules: null };
  onChange(text);
}

/**
 * Sets whether an analysis of the text takes longer than a keystroke can wait.
 * @param {Handle} handle @param {boolean} isSlow
 */
export function setSlow(handle, isSlow) {
  handle.sender.isSlow = isSlow;
}

/** Sends the text now, if the page does not have it yet. @param {Handle} handle */
export function flush(handle) {
  handle.sender.flush();
}

/** Place of the setting that forbids edits. */
const readOnly = new Compartment();

/**
 * Returns the extensions of an editor, with those for its completion in their order of precedence.
 * @param {import("@codemirror/state").Extension} completion
 */
const extensions = (completion) => [
  readOnly.of([]),
  findings,
  lineNumbers(),
  highlightActiveLineGutter(),
  highlightSpecialChars({ specialChars: HIDDEN, render: (code) => hiddenChip(String.fromCodePoint(code)) }),
  history(),
  yaml,
  bracketMatching(),
  help,
  completion,
  search({ top: true }),
  keys,
  typeOver,
  theme,
];

/**
 * Returns the rule that the user has moved to; null if there is nothing to report.
 * @param {import("@codemirror/view").ViewUpdate} update @param {number} reported
 */
function ruleMovedTo(update, reported) {
  const byUser = update.transactions.some((transaction) =>
    ["select", "input", "delete", "move", "undo", "redo"].some((event) => transaction.isUserEvent(event)));
  if (!byUser || !(update.selectionSet || update.docChanged)) return null;
  const now = ruleAt(update.state, update.state.selection.main.head);
  if (now === reported) return null;
  // While typing, the page may have another rule marked; that stays until the cursor leaves its own.
  if (update.docChanged && now === ruleAt(update.startState, update.startState.selection.main.head)) return null;
  return now;
}

/** Returns the whole text. @param {Handle} handle */
export function text(handle) {
  return handle.view.state.sliceDoc();
}

/**
 * Replaces the whole text, as one change that can be undone, and puts the cursor at the top. `onChange` is called before this returns.
 * @param {Handle} handle
 * @param {string} text
 */
export function setText(handle, text) {
  const { view } = handle;
  view.dispatch({
    changes: { from: 0, to: view.state.doc.length, insert: view.state.toText(text) },
    selection: { anchor: 0 },
    effects: EditorView.scrollIntoView(0),
    annotations: isolateHistory.of("full"),
  });
  handle.sender.flush();
}

/**
 * Underlines findings; they follow the edits until the next call.
 * @param {Handle} handle
 * @param {string} json `[{code, severity, message, help, line, from, to, fix}]`, for the text as it is now.
 */
export function setFindings(handle, json) {
  handle.lastSet.findings = json;
  // Places in a text that has changed since say nothing; those of the next text follow.
  if (handle.findings === json || handle.sender.isBehind) return;
  handle.view.dispatch({ effects: findingsSet.of(JSON.parse(json)) });
  handle.findings = json;
}

/**
 * Shows rules in the gutter; they follow the edits until the next call. If the places are the same as before, they are
 * those of the last accepted text, and the current ones, which followed the edits, are kept.
 * @param {Handle} handle
 * @param {string} json `[{level: "N" | "M" | "R" | "RR", from, to, unreachable, matched: number | null, count, events}]`; `matched` is null without a log, else
 *   `count` and `events` are its texts.
 * @param {boolean} rejected Whether the rules belong to an earlier text, since this one is rejected.
 */
export function setRules(handle, json, rejected) {
  handle.lastSet.rules = [json, rejected];
  if (handle.rules === json || handle.sender.isBehind) return;
  handle.view.dispatch({ effects: rulesSet.of({ given: JSON.parse(json), rejected }) });
  handle.rules = json;
}

/**
 * Sets whether the counts belong to another text, which dims them.
 * @param {Handle} handle
 * @param {boolean} stale
 */
export function setStale(handle, stale) {
  if (handle.view.state.field(rules).stale !== stale) handle.view.dispatch({ effects: staleSet.of(stale) });
}

/**
 * Marks the lines of a rule.
 * @param {Handle} handle
 * @param {number} index From 0; -1 marks none.
 * @param {boolean} scroll Bring it into view.
 */
export function markRule(handle, index, scroll) {
  const { view } = handle;
  handle.reportedRule = index;
  const effects = [];
  if (view.state.field(rules).marked !== index) effects.push(setMarked.of(index));
  const rule = ruleOf(view.state, index);
  if (rule && scroll) {
    // From line start to line start: all of its lines come into view, and nothing moves sideways.
    const last = Math.max(rule.from, view.state.doc.lineAt(rule.to).from);
    effects.push(EditorView.scrollIntoView(EditorSelection.range(last, rule.from), { yMargin: 30 }));
  }
  if (effects.length > 0) view.dispatch({ effects });
}

/**
 * Selects a range, brings it into view and takes the focus there.
 * @param {Handle} handle
 * @param {number} from
 * @param {number} to
 */
export function reveal(handle, from, to) {
  const { view } = handle;
  const length = view.state.doc.length;
  const [head, end] = [Math.min(Math.max(0, from), length), Math.min(Math.max(0, from, to), length)];
  view.dispatch({
    selection: { anchor: end, head },
    effects: EditorView.scrollIntoView(EditorSelection.range(end, head), { y: "center" }),
  });
  view.focus();
}

/**
 * Applies edits as one change that can be undone. Does nothing if one is outside the text, or if its text has been edited since.
 * @param {Handle} handle
 * @param {string} json `[{from, to, text}]`, for the text that the findings are of.
 */
export function applyEdits(handle, json) {
  follow(handle.view, JSON.parse(json));
}

/**
 * Sets whether the text can be edited. It can be selected and copied in any case.
 * @param {Handle} handle @param {boolean} isReadOnly
 */
export function setReadOnly(handle, isReadOnly) {
  if (handle.view.state.readOnly === isReadOnly) return;
  const fixed = [EditorState.readOnly.of(true), EditorView.contentAttributes.of({ "aria-readonly": "true" })];
  handle.view.dispatch({ effects: readOnly.reconfigure(isReadOnly ? fixed : []) });
}

/** Undoes the last change. @param {Handle} handle */
export function undoLast(handle) {
  undo(handle.view);
}

/** @param {Handle} handle */
export function focus(handle) {
  handle.view.focus();
}

/** Removes the editor; the handle cannot be used afterwards. @param {Handle} handle */
export function destroy(handle) {
  handle.sender.flush();
  handle.view.destroy();
}
