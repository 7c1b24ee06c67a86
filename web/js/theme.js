/**
 * Styles of the editor. Every color, font and size is a custom property of the page, inherited into the shadow root, so that light
 * and dark need no script.
 */

import { EditorView } from "@codemirror/view";

/** Between small text and text: code is set a little tighter than prose. */
const CODE = "calc((var(--t1) + var(--t2)) / 2)";
const LINE = "1.6";
const BORDER = "1px solid var(--line)";

/** Rules of the shadow root: the editor fills its host element. */
export const HOST = `
  :host { display: flex; flex-direction: column; min-width: 0; min-height: 0; overflow: hidden; }
  .cm-editor { flex: 1 1 auto; min-height: 0; height: 100%; }
`;

const text = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--pane)", fontSize: CODE },
  "&.cm-focused": { outline: "none" },
  // Over the gutter and the lines, which would hide an outline.
  "&:has(.cm-content:focus-visible)::after": {
    content: "''", position: "absolute", inset: "0", zIndex: "10", border: "2px solid var(--accent)", pointerEvents: "none",
  },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: LINE, overflow: "auto" },
  ".cm-content": { padding: "var(--s2) 0", caretColor: "var(--ink)" },
  ".cm-line": { padding: "0 var(--s3) 0 0" },
  ".cm-line ::selection, .cm-line::selection": { backgroundColor: "color-mix(in srgb, var(--accent) 28%, transparent) !important" },
  ".cm-y-key": { color: "var(--y-key)" },
  ".cm-y-string": { color: "var(--y-str)" },
  ".cm-y-comment": { color: "var(--y-com)" },
  ".cm-y-mark": { color: "var(--accent)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "color-mix(in srgb, var(--accent) 18%, transparent)" },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "color-mix(in srgb, var(--bad) 20%, transparent)" },
  ".hidden-char": {
    padding: "0 3px", border: "1px solid currentColor", borderRadius: "3px", color: "var(--bad)", backgroundColor: "var(--bad-b)",
    font: "600 0.8em var(--sans)", whiteSpace: "nowrap",
  },
  ".lookalike": { color: "inherit", backgroundColor: "var(--bad-b)", outline: "1px dashed var(--bad)", borderRadius: "2px" },
});

const gutters = EditorView.theme({
  ".cm-gutters": { backgroundColor: "var(--pane)", color: "var(--faint)", border: "none" },
  ".cm-coverage": { minWidth: "92px" },
  ".cm-coverage .cm-gutterElement": { padding: "0 var(--s2) 0 var(--s1)" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "34px", padding: "0 10px 0 0", boxSizing: "border-box" },
  ".cm-gutterElement.cm-activeLineGutter": { color: "var(--dim)" },
  ".cm-gutterElement.cm-activeLineGutter:not(.cm-rule-marked)": { backgroundColor: "transparent" },
  "&.cm-focused .cm-gutterElement.cm-activeLineGutter": { color: "var(--ink)" },
  ".cm-cover": { display: "flex", gap: "6px", alignItems: "center", justifyContent: "flex-end", height: "100%", whiteSpace: "nowrap" },
  ".cm-cover small": { fontSize: "var(--t0)", fontVariantNumeric: "tabular-nums" },
  ".cm-chip": {
    font: "600 var(--t1)/1.4 var(--mono)", border: "1px solid transparent", borderRadius: "4px", padding: "0 5px", margin: 0, cursor: "pointer",
  },
  ".cm-chip:hover": { borderColor: "currentColor" },
  ".cm-chip:focus-visible": { outline: "2px solid var(--accent)", outlineOffset: "1px" },
  ".cm-level-N": { backgroundColor: "var(--none-b)", color: "var(--none)" },
  ".cm-level-M": { backgroundColor: "var(--meta-b)", color: "var(--meta)" },
  ".cm-level-R": { backgroundColor: "var(--req-b)", color: "var(--req)" },
  ".cm-level-RR": { backgroundColor: "var(--rr-b)", color: "var(--rr)" },
  ".cm-chip-unreachable": { border: "1px dashed currentColor", backgroundColor: "transparent" },
  ".cm-cover .cm-unreachable": { fontSize: "var(--t2)", lineHeight: 1, color: "var(--warn)", marginRight: "-2px" },
  ".cm-cover-stale small": { fontStyle: "italic" },
  ".cm-cover-stale .cm-chip": { backgroundColor: "var(--soft)", color: "var(--dim)" },
  "@media (max-width: 800px)": {
    ".cm-coverage": { minWidth: "74px" },
    ".cm-lineNumbers .cm-gutterElement": { minWidth: "28px", paddingRight: "8px" },
  },
});

const marks = EditorView.theme({
  ".cm-line.cm-rule-marked, .cm-gutterElement.cm-rule-marked": { backgroundColor: "var(--sel)" },
  ".cm-coverage .cm-gutterElement.cm-rule-marked": { boxShadow: "inset 2px 0 0 var(--accent)" },
  ".cm-gutterElement.cm-rule-marked": { color: "var(--dim)" },
  ".cm-rule-marked .cm-chip:not(.cm-chip-unreachable)": { borderColor: "color-mix(in srgb, currentColor 35%, transparent)" },
  ".cm-rule-marked .cm-y-comment": { color: "var(--dim)" },
  ".cm-rule-unmatched, .cm-rule-unmatched *": { color: "var(--dim)" },
  ".cm-squiggle": { textDecoration: "underline wavy 1px", textUnderlineOffset: "3px", textDecorationSkipInk: "none" },
  ".cm-squiggle-error": { textDecorationColor: "var(--bad)" },
  ".cm-squiggle-warning": { textDecorationColor: "var(--warn)" },
  ".cm-squiggle-info": { textDecorationColor: "var(--accent)", textDecorationStyle: "dotted" },
  "@media (forced-colors: active)": {
    ".cm-coverage .cm-gutterElement.cm-rule-marked": { borderLeft: "3px solid Highlight" },
    ".cm-line.cm-rule-marked": { outline: "1px solid Highlight", outlineOffset: "-1px" },
    ".cm-chip": { border: "1px solid ButtonText" },
    ".cm-rule-marked .cm-chip": { forcedColorAdjust: "none", color: "HighlightText", backgroundColor: "Highlight", borderColor: "Highlight" },
    ".hidden-char, .lookalike": { border: "1px solid CanvasText" },
    ".cm-searchMatch-selected": { outline: "2px solid Highlight" },
    ".cm-tooltip-autocomplete > ul > li[aria-selected]": { forcedColorAdjust: "none", color: "HighlightText", backgroundColor: "Highlight" },
    ".cm-line ::selection, .cm-line::selection": { color: "HighlightText !important", backgroundColor: "Highlight !important" },
  },
});

const floating = EditorView.theme({
  ".cm-tooltip": {
    font: "var(--t2)/1.45 var(--sans)", color: "var(--ink)", backgroundColor: "var(--pane)", border: BORDER, borderRadius: "var(--r)",
    boxShadow: "0 4px 16px rgb(0 0 0 / 18%)", zIndex: 20,
  },
  ".cm-help": { maxWidth: "min(420px, 88vw)", overflowWrap: "anywhere" },
  ".cm-help p, .cm-completionInfo p": { margin: 0 },
  ".cm-help code, .cm-completionInfo code": {
    fontFamily: "var(--mono)", fontSize: "var(--t1)", backgroundColor: "var(--soft)", borderRadius: "3px", padding: "0 var(--s1)",
  },
  ".cm-help-more": { color: "var(--dim)", fontSize: "var(--t1)" },
  ".cm-help-finding": { display: "grid", gridTemplateColumns: "auto 1fr auto", gap: "var(--s2)", padding: "var(--s2) var(--s3)", alignItems: "start" },
  ".cm-help-word": { padding: "var(--s2) var(--s3)" },
  ".cm-help > * + *": { borderTop: BORDER },
  ".cm-help-mark": { fontSize: "var(--t1)" },
  ".cm-help-error": { color: "var(--bad)" },
  ".cm-help-warning": { color: "var(--warn)" },
  ".cm-help-info": { color: "var(--accent)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: CODE, maxHeight: "15em", borderRadius: "var(--r)", minWidth: "200px", maxWidth: "min(460px, 92vw)" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px var(--s2)", display: "flex", gap: "var(--s3)", lineHeight: LINE },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--sel)", color: "var(--ink)", boxShadow: "inset 2px 0 0 var(--accent)" },
  ".cm-completionMatchedText": { textDecoration: "none", color: "var(--accent)", fontWeight: 600 },
  ".cm-completionLabel": { flex: 1 },
  ".cm-completionDetail": { color: "var(--dim)", fontStyle: "normal", fontFamily: "var(--sans)", fontSize: "var(--t1)", margin: 0, overflow: "hidden", textOverflow: "ellipsis" },
  ".cm-tooltip.cm-completionInfo": { padding: "var(--s2) var(--s3)", maxWidth: "min(320px, 92vw)", fontSize: "var(--t1)" },
});

const controls = EditorView.theme({
  ".cm-panels": { backgroundColor: "var(--pane)", color: "var(--ink)", font: "var(--t1)/1.45 var(--sans)" },
  ".cm-panels.cm-panels-top": { borderBottom: BORDER },
  ".cm-panel.cm-search": { display: "flex", flexWrap: "wrap", gap: "var(--s1) var(--s2)", alignItems: "center", padding: "var(--s2) 36px var(--s2) var(--s3)", position: "relative" },
  ".cm-panel.cm-search br": { flexBasis: "100%", height: 0, content: "''", display: "block" },
  ".cm-panel.cm-search label": { display: "inline-flex", gap: "var(--s1)", alignItems: "center", margin: 0, fontSize: "var(--t1)", color: "var(--dim)" },
  ".cm-panel.cm-search input[type=checkbox]": { accentColor: "var(--accent)", margin: 0 },
  ".cm-panel.cm-search [name=select]": { display: "none" },
  ".cm-textfield": {
    font: "var(--t1)/1.45 var(--mono)", color: "var(--ink)", backgroundColor: "var(--bg)", border: BORDER, borderRadius: "var(--r)",
    padding: "var(--s1) var(--s2)", margin: 0, flex: "1 1 140px", minWidth: 0,
  },
  ".cm-button, .cm-help-fix": {
    font: "var(--t1)/1.45 var(--sans)", color: "var(--ink)", backgroundColor: "var(--pane)", backgroundImage: "none", border: BORDER, borderRadius: "var(--r)",
    padding: "var(--s1) var(--s2)", margin: 0, cursor: "pointer",
  },
  ".cm-button:active, .cm-button:hover, .cm-help-fix:hover": { backgroundColor: "var(--soft)", backgroundImage: "none" },
  ".cm-textfield:focus-visible, .cm-button:focus-visible, .cm-help-fix:focus-visible, .cm-search input:focus-visible, .cm-search [name=close]:focus-visible": {
    outline: "2px solid var(--accent)", outlineOffset: "1px",
  },
  ".cm-panel.cm-search [name=close]": { position: "absolute", top: "var(--s2)", right: "var(--s2)", font: "var(--t3)/1 var(--sans)", color: "var(--dim)", padding: "var(--s1) var(--s2)", margin: 0, cursor: "pointer" },
  ".cm-searchMatch, .cm-searchMatch *": { color: "var(--ink) !important" },
  ".cm-searchMatch": { backgroundColor: "color-mix(in srgb, var(--warn) 26%, transparent)" },
  ".cm-searchMatch.cm-searchMatch-selected": { backgroundColor: "color-mix(in srgb, var(--warn) 50%, transparent)" },
});

export const theme = [text, gutters, marks, floating, controls];
