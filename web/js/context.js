/**
 * Finds the context of a position in a policy: its mapping, its field, and whether it is a key or a value.
 *
 * The position and the word there are found in the tree of the text before that word, so that an incomplete one changes nothing. Quotes and
 * brackets that were never closed end where the next block begins. It does not depend on the editor's view.
 */

import { FIELDS } from "./vocabulary.js";

/**
 * @typedef {"policy" | "rule" | "resources" | "none"} Scope The mappings of a policy; `resources` is an entry of a rule's `resources`.
 *
 * @typedef {object} Place
 * @property {Scope} scope The mapping that contains the position.
 * @property {"key" | "value" | "none"} kind Whether a field's name or its value is here; `none` in comments and unknown parts.
 * @property {string} field The field whose value is here; empty for a key.
 * @property {boolean} item The value is an item of a list that is open.
 * @property {boolean} dash A `-` is right before the word, on its line.
 * @property {{scope: Scope, field: string} | null} list The list that a new `- ` here would continue or begin: of mappings (`scope`) or values (`field`).
 * @property {boolean} flow Inside `[` or `{`.
 * @property {boolean} json The whole text is JSON.
 * @property {"" | "'" | "\""} quote The quote that is open.
 * @property {string} word The text that is written already, without its quote.
 * @property {number} from Start of the word.
 * @property {Map<string, string>} fields The mapping's fields with their values where those are scalars; else `[`, `{` or `-`.
 * @property {string[]} items The list's items before this one.
 * @property {number} indent The column of the mapping's keys.
 * @property {number} step Indentation of lists below their key: 0 or 2.
 *
 * @typedef {import("./syntax.js").Source} Source
 * @typedef {import("./syntax.js").Node} Node
 * @typedef {import("./syntax.js").Text} Text
 *
 * @typedef {object} Frame A collection that is open at the position.
 * @property {Node} node
 * @property {boolean} map Else a list.
 * @property {boolean} flow
 * @property {number} indent Column of the collection; inside brackets, the indentation of the line that opened the first one.
 */

/** A policy nests five deep; collections beyond this are not followed. */
const DEPTH = 100;

/** Quotes and brackets that were never closed; beyond this, none is closed. */
const MAX_CLOSED = 20;

/** Characters after the position that are searched for further fields of the mapping. */
const AFTER = 5000;

const BLOCK_AGAIN = /^ *(?:- |[A-Za-z]+:(?: |$))/;
const CLOSED_QUOTE = /^(?:"(?:[^"\\]|\\[^])*"|'(?:[^']|'')*')$/;

/** @type {Record<string, Scope>} */
const SCOPES = { "": "policy", rules: "rule", "rules/resources": "resources" };

/**
 * @param {Source} source The whole policy.
 * @param {number} pos The position, in UTF-16 code units.
 * @returns {Place}
 */
export function placeAt(source, pos) {
  let { doc } = source;
  const place = newPlace(source);
  /** Length of what was inserted to close brackets and quotes. */
  let shift = 0;
  for (let closed = 0; closed <= MAX_CLOSED; closed += 1) {
    const word = wordAt(source, pos + shift);
    const before = word && source.changed({ from: word.start, to: doc.length });
    if (!before) return place;
    const stack = framesOf(before);
    const closing = place.json ? null : unclosed(source, stack, word, pos + shift);
    const whole = closing && source.changed(closing);
    if (whole) {
      shift += closing.insert.length;
      ({ doc } = source = whole);
      continue;
    }
    const { quote, start } = word;
    place.quote = quote;
    place.from = start + quote.length - shift;
    place.word = doc.sliceString(start + quote.length, pos + shift);
    const reader = new Reader(stack, before, place);
    const found = reader.read(word);
    return found.kind === "none" ? found : withFieldsAfter(found, reader.holder, source, { from: start, to: pos + shift });
  }
  return place;
}

/** @param {Source} source @returns {Place} One that is nowhere. */
function newPlace(source) {
  return {
    scope: "none", kind: "none", field: "", item: false, dash: false, list: null, flow: false,
    json: /^\s*\{/.test(source.doc.sliceString(0, 1000)), quote: "", word: "", from: 0,
    fields: new Map(), items: [], indent: 0, step: listStep(source),
  };
}

/** Returns the value of `rules` at the top. @param {Source} source */
export function rulesOf({ doc, tree }) {
  const rules = pairsOf(tree.topNode.getChild("Document")?.getChild("BlockMapping")).find((pair) => keyOf(pair, doc) === "rules");
  return rules && valueOf(rules);
}

/** Returns the indentation of lists in a policy, as its rules have it: 0 or 2. @param {Source} source */
export function listStep(source) {
  const list = rulesOf(source);
  return list?.name === "BlockSequence" && columnOf(list, source.doc) === 0 ? 0 : 2;
}

/**
 * @typedef {{start: number, quote: Place["quote"]}} Word Where the word begins, with its quote.
 * @param {Source} source @param {number} pos
 * @returns {Word | null} `null` in comments, after complete words and in blocks of text.
 */
function wordAt({ doc, tree }, pos) {
  const node = tree.resolveInner(pos, -1);
  const line = doc.lineAt(pos);
  const { name, from } = node;
  if (name === "QuotedLiteral" && from < pos) {
    const text = doc.sliceString(from, pos);
    return CLOSED_QUOTE.test(text) ? null : { start: from, quote: /** @type {Place["quote"]} */ (text[0]) };
  }
  if (name === "Comment" || name.startsWith("BlockLiteral")) return null;
  // Part of a word in the column of a line's first one is a word of its own: the grammar reads both as one text.
  const first = line.from + (/^\s*/.exec(line.text)?.[0].length ?? 0);
  if (name === "Literal") return { start: Math.max(from, Math.min(first, pos)), quote: "" };
  // A value may not begin right behind a colon.
  if (name === ":" && node.to === pos && node.parent?.parent?.name === "BlockMapping") return { start: node.parent.from, quote: "" };
  return pos === line.from || /[\s[\]{},:]/.test(line.text[pos - line.from - 1] ?? "") ? { start: pos, quote: "" } : null;
}

/** Returns the collections that are open at the end of a text, the outermost first. @param {Source} source @returns {Frame[]} */
function framesOf({ doc, tree }) {
  /** @type {Frame[]} */
  const stack = [];
  for (let node = /** @type {Node | null} */ (tree.topNode); node && stack.length < DEPTH; node = lastChild(node)) {
    const { name, from } = node;
    const [, kind, type] = /^(Block|Flow)(Mapping|Sequence)$/.exec(name) ?? [];
    if (!type) continue;
    const flow = kind === "Flow";
    if (flow && /^[\]}]$/.test(node.lastChild?.name ?? "")) break;
    // What has no bracket and no colon is an incomplete item, which the grammar takes for the key of a mapping.
    if (flow && !/^[[{]$/.test(node.firstChild?.name ?? "") && !lastPair(node)?.getChild(":")) continue;
    const outer = stack.at(-1);
    const indent = flow ? (outer?.flow ? outer.indent : indentOf(doc.lineAt(from).text)) : columnOf(node, doc);
    stack.push({ node, map: type === "Mapping", flow, indent });
  }
  return stack;
}

/**
 * Finds a quote or brackets from an earlier line that a block follows which is not indented further than that line.
 * @param {Source} source @param {Frame[]} stack @param {Word} word @param {number} pos
 * @returns {{from: number, insert: string} | null} The change that closes them.
 */
function unclosed({ doc }, stack, { start, quote }, pos) {
  const open = stack.filter(({ flow }) => flow);
  const first = doc.lineAt(open[0]?.node.from ?? start);
  if ((open.length === 0 && !quote) || pos <= first.to) return null;
  const indent = indentOf(first.text);
  for (let line = first; line.to < pos; ) {
    const { to } = line;
    line = doc.line(line.number + 1);
    const text = line.text.slice(0, pos - line.from);
    if (indentOf(text) > indent || !BLOCK_AGAIN.test(text)) continue;
    const brackets = open.filter(({ node }) => node.from < to).map(({ map }) => (map ? "}" : "]")).reverse();
    return { from: to, insert: [start < to ? quote : "", ...brackets].join("") };
  }
  return null;
}

/** Reads the context of a word from the collections that are open before it. */
class Reader {
  /** @param {Frame[]} stack @param {Source} before The text before the word. @param {Place} place */
  constructor(stack, { doc, tree }, place) {
    this.stack = stack;
    this.doc = doc;
    this.tree = tree;
    this.place = place;
    /** The mapping that the fields are of. @type {Frame | undefined} */
    this.holder = undefined;
  }

  get top() {
    return this.stack.at(-1);
  }

  /** @param {Word} word @returns {Place} */
  read({ start }) {
    const { top, place } = this;
    if (top?.flow) return this.inFlow(top);
    const line = this.doc.lineAt(start);
    if (/^\s*$/.test(line.text)) return this.atLineStart(start - line.from);
    let mark = this.markBefore(start);
    while (mark.name === "Anchor" || mark.name === "Tag") mark = this.markBefore(mark.from);
    // A dash or colon with nothing behind it is one with the word.
    if (mark.to === start) return place;
    if (mark.name === "-" && !top?.map) {
      place.dash = true;
      return this.atItem(start - line.from);
    }
    return mark.name === ":" && top?.map ? this.inValue(top) : place;
  }

  /** Returns the last token before a position. @param {number} pos */
  markBefore(pos) {
    const line = this.doc.lineAt(pos);
    return this.tree.resolveInner(line.from + line.text.slice(0, pos - line.from).trimEnd().length, -1);
  }

  /** @param {Frame} top @returns {Place} */
  inFlow(top) {
    const { place } = this;
    place.flow = true;
    const last = lastChild(top.node);
    if (!top.map) return last?.name === "[" || last?.name === "," ? this.atItem(top.indent) : place;
    if (last?.name === "Pair") return last.getChild(":") && !valueOf(last) ? this.inValue(top) : place;
    return this.atKey(scopeOf(this.path(1)), top.indent, top);
  }

  /** @param {Scope} scope @param {number} indent @param {Frame} [map] @returns {Place} */
  atKey(scope, indent, map) {
    const { place } = this;
    place.scope = scope;
    place.kind = scope === "none" ? "none" : "key";
    place.indent = indent;
    if (map) this.setFields(map);
    return place;
  }

  /** @param {Frame} map @returns {Place} */
  inValue(map) {
    const { place } = this;
    place.scope = scopeOf(this.path(1));
    place.field = this.keyOf(map);
    place.kind = place.scope === "none" || scopeOf(this.path(0)) !== "none" ? "none" : "value";
    place.indent = map.indent;
    this.setFields(map);
    return place;
  }

  /** Reads an item of the innermost list. @param {number} column @returns {Place} */
  atItem(column) {
    const { place, doc, top } = this;
    const path = this.path(0);
    if (path.length > 0 && scopeOf(path) !== "none") return this.atKey(scopeOf(path), column);
    const field = path.at(-1) ?? "";
    const scope = scopeOf(path.slice(0, -1));
    if (!isList(scope, field)) return place;
    Object.assign(place, { scope, field, kind: "value", item: true, indent: column });
    place.items = top?.node.getChildren("Item").flatMap(({ firstChild }) => (firstChild ? [scalar(firstChild, doc)] : [])) ?? [];
    const holder = this.stack.findLast(({ map }) => map);
    if (holder) this.setFields(holder);
    return place;
  }

  /** Reads an empty line, or the beginning of its first word. @param {number} column @returns {Place} */
  atLineStart(column) {
    const { place, stack } = this;
    let top = this.top;
    for (; top && top.indent > column; top = this.top) stack.pop();
    place.indent = column;
    if (top && !top.map) {
      if (top.indent === column) place.list = listOf(this.path(0));
      const below = stack.at(-2);
      if (!place.list || !below?.map || below.indent !== column) return this.unknown();
      stack.pop();
      top = below;
    } else if (top && this.hasNoValue(top)) {
      place.list = listOf(this.path(0));
      if (top.indent < column) return this.unknown();
    }
    if (top && top.indent !== column) return place;
    return this.atKey(top ? scopeOf(this.path(1)) : "policy", column, top);
  }

  /** Place where only a new item can be. @returns {Place} */
  unknown() {
    const { place } = this;
    place.kind = place.list ? "key" : "none";
    return place;
  }

  /** @param {Frame} map */
  setFields(map) {
    this.holder = map;
    this.place.fields = new Map(pairsOf(map.node).map((pair) => [keyOf(pair, this.doc), scalarOf(pair, this.doc)]));
  }

  /** Returns the fields that lead to the innermost collection. @param {0 | 1} less 1 leaves out that of the innermost mapping. */
  path(less) {
    const maps = this.stack.filter(({ map }) => map);
    return maps.slice(0, maps.length - less).map((map) => this.keyOf(map));
  }

  /** Returns the last field. @param {Frame} map */
  keyOf({ node }) {
    const pair = lastPair(node);
    return pair ? keyOf(pair, this.doc) : "";
  }

  /** @param {Frame} map */
  hasNoValue({ node }) {
    const pair = lastPair(node);
    return pair !== null && !valueOf(pair);
  }
}

/**
 * Adds the fields that the mapping has after the position.
 * @param {Place} place @param {Frame | undefined} holder The mapping, if it begins before the position.
 * @param {Source} source @param {{from: number, to: number}} word What is written of the word.
 * @returns {Place}
 */
function withFieldsAfter(place, holder, source, word) {
  const after = source.changed(word, word.from + AFTER);
  if (!after) return place;
  const { doc, tree } = after;
  const rest = doc.sliceString(word.from, word.from + AFTER);
  const next = tree.resolveInner(word.from + rest.search(/\S|$/), 1);
  for (let node = /** @type {Node | null} */ (next); node; node = node.parent) {
    if (!node.name.endsWith("Mapping")) continue;
    const isSame = holder ? node.from === holder.node.from : startOf(node) >= word.from && columnOf(node, doc) === place.indent;
    if (!isSame) continue;
    for (const pair of pairsOf(node)) {
      const key = keyOf(pair, doc);
      if (pair.from >= word.from && !place.fields.has(key)) place.fields.set(key, scalarOf(pair, doc));
    }
    break;
  }
  return place;
}

/**
 * Returns the column below a line.
 * @param {Source} source The text before the line break.
 * @param {number} step Indentation of lists below their key.
 */
export function columnBelow(source, step) {
  const { doc } = source;
  const line = doc.lineAt(doc.length);
  const lead = indentOf(line.text);
  const stack = framesOf(source);
  const top = stack.at(-1);
  const isHere = (/** @type {Node | null | undefined} */ node) => !!node && node.from >= line.from;
  const map = stack.findLast(({ node, map, flow }) => map && !flow && isHere(lastPair(node)));
  const pair = map && lastPair(map.node);
  if (top?.flow) return isHere(top.node) ? (map?.indent ?? contentOf(line.text)) + 2 : lead;
  if (!map || !pair) return lead;
  if (valueOf(pair) || !pair.getChild(":")) return map.indent;
  return map.indent + (isAnyList(keyOf(pair, doc)) ? step : 2);
}

/** @param {string} line Its length up to the first word, dashes included. */
function contentOf(line) {
  return /^\s*(?:-\s+)*/.exec(line)?.[0].length ?? 0;
}

/** @param {Node | null | undefined} map @returns {Node[]} */
function pairsOf(map) {
  return map?.getChildren("Pair") ?? [];
}

/** @param {Node} map */
function lastPair(map) {
  let node = map.lastChild;
  while (node && node.name !== "Pair") node = node.prevSibling;
  return node;
}

/** Returns the last child that is neither a comment nor an error. @param {Node} node */
function lastChild(node) {
  let child = node.lastChild;
  while (child && (child.name === "Comment" || child.type.isError)) child = child.prevSibling;
  return child;
}

/** Returns the value of a field without its anchor and tag; `null` if there is none. @param {Node} pair @returns {Node | null} */
function valueOf(pair) {
  let node = lastChild(pair);
  while (node && (node.name === "Anchored" || node.name === "Tagged")) node = node.firstChild === node.lastChild ? null : lastChild(node);
  return node && node.name !== ":" && node.name !== "Key" ? node : null;
}

/** @param {Node} pair @param {Text} doc */
function keyOf(pair, doc) {
  const key = pair.getChild("Key");
  return key ? scalar(key, doc) : "";
}

/** @param {Node} pair @param {Text} doc */
function scalarOf(pair, doc) {
  const value = valueOf(pair);
  return value ? scalar(value, doc) : "";
}

/** @type {Record<string, string>} */
const MARKS = { FlowSequence: "[", FlowMapping: "{", BlockSequence: "-", BlockMapping: "" };

/** Returns the text of a scalar without its quotes, or the mark of a collection. @param {Node} node @param {Text} doc */
function scalar(node, doc) {
  const text = MARKS[node.name] ?? doc.sliceString(node.from, node.to);
  return CLOSED_QUOTE.test(text) ? text.slice(1, -1) : text;
}

/** Returns the start of a collection's first entry: a mapping's own is that of the space before it. @param {Node} node */
function startOf(node) {
  return node.getChild("Pair")?.from ?? node.from;
}

/** Returns the column of a collection's first entry. @param {Node} node @param {Text} doc */
export function columnOf(node, doc) {
  const start = startOf(node);
  return start - doc.lineAt(start).from;
}

/** @param {string} line */
function indentOf(line) {
  return /^ */.exec(line)?.[0].length ?? 0;
}

/** @param {string[]} path @returns {Scope} */
function scopeOf(path) {
  return SCOPES[path.join("/")] ?? "none";
}

/** @param {string[]} path @returns {Place["list"]} */
function listOf(path) {
  const scope = scopeOf(path);
  const field = path.at(-1) ?? "";
  if (path.length > 0 && scope !== "none") return { scope, field };
  return isList(scopeOf(path.slice(0, -1)), field) ? { scope: "none", field } : null;
}

/** Returns whether a field contains a list of texts. @param {string} scope @param {string} field */
function isList(scope, field) {
  const fields = FIELDS[scope] ?? {};
  return Object.hasOwn(fields, field) && fields[field]?.shape === "strings";
}

/** Returns whether a field of any mapping contains a list. @param {string} field */
function isAnyList(field) {
  return field === "rules" || Object.keys(FIELDS).some((scope) => isList(scope, field));
}
