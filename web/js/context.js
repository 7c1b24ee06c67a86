/**
 * Finds the context of a position in a policy: its mapping, its field, and whether it is a key or a value.
 *
 * An incomplete text seldom parses, so this reads lines and brackets with a stack of open collections and tolerates the rest.
 * It makes one pass over the text before the position, and does not depend on the editor.
 */

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
 * @typedef {object} Frame
 * @property {"map" | "seq"} type
 * @property {boolean} flow
 * @property {number} indent
 * @property {string} key The field being read.
 * @property {boolean} value Flow only: the colon has been seen.
 * @property {Map<string, string>} fields
 * @property {string[]} items
 */

const KEY = /^(?:"([^"]*)"|'([^']*)'|([^\s#:[\]{},"'&*!|>][^#:]*?))\s*:(?=\s|$)/;
const PROPERTIES = /^(?:[&!]\S*\s+)+/;
const BLOCK_AGAIN = /^ *(?:- |[A-Za-z]+:(?: |$))/;

/** A policy nests five deep; brackets beyond this are not followed. */
const DEPTH = 100;

/** @type {Record<string, Scope>} */
const SCOPES = { "": "policy", rules: "rule", "rules/resources": "resources" };

/** Fields that contain lists, by mapping. */
export const LISTS = {
  policy: new Set(["omitStages", "rules"]),
  rule: new Set(["users", "userGroups", "verbs", "resources", "namespaces", "nonResourceURLs", "omitStages"]),
  resources: new Set(["resources", "resourceNames"]),
  none: new Set(),
};

/**
 * @param {string} text The whole policy.
 * @param {number} pos The position, in UTF-16 code units.
 * @returns {Place}
 */
export function placeAt(text, pos) {
  const reader = new Reader(/^\s*\{/.test(text));
  let start = 0;
  for (;;) {
    const end = text.indexOf("\n", start);
    if (end < 0 || end >= pos) break;
    reader.line(text.slice(start, end).replace(/\r$/, ""));
    start = end + 1;
  }
  const place = reader.last(text.slice(start, pos), start);
  if (!place.flow && place.kind !== "none") addFieldsAfter(place, text, pos);
  return place;
}

class Reader {
  /** @param {boolean} json */
  constructor(json) {
    this.json = json;
    /** @type {Frame[]} */
    this.stack = [];
    this.step = 2;
    /** Set while the last line is read: the word at its end. @type {{word: string, at: number, quote: Place["quote"]} | null} */
    this.open = null;
  }

  /** @param {Frame} frame */
  push(frame) {
    if (this.stack.length < DEPTH) this.stack.push(frame);
  }

  get top() {
    return this.stack.at(-1);
  }

  /** @param {string} line A line that ends before the position. */
  line(line) {
    if (this.top?.flow) {
      if (!this.leaveBrokenFlow(line)) return void this.flow(line, 0);
    }
    const { column, rest, at } = this.dashes(line);
    const key = keyOf(rest);
    if (key) this.entry(line, column, at, key);
    else if (rest.startsWith("[") || rest.startsWith("{")) this.flow(line, at);
    else if (rest !== "" && !rest.startsWith("#") && this.top?.type === "seq") this.top.items.push(scalar(rest));
  }

  /**
   * @param {string} line The beginning of a line, up to the position.
   * @param {number} start Start of the line in the text.
   * @returns {Place}
   */
  last(line, start) {
    const flow = this.top?.flow && !this.leaveBrokenFlow(line);
    if (flow) {
      return this.flow(line, 0) ? this.inFlow(start) : this.nowhere();
    }
    const { column, rest, at, dash } = this.dashes(line);
    if (rest.startsWith("#")) return this.nowhere();
    const key = keyOf(rest);
    if (key && /^\s/.test(rest.slice(key[0].length, key[0].length + 1))) {
      const state = this.entry(line, column, at, key);
      if (state === "comment") return this.nowhere();
      return this.top?.flow ? this.inFlow(start) : this.inValue(line, start, at + key[0].length);
    }
    if (rest.startsWith("[") || rest.startsWith("{")) {
      if (!this.flow(line, at)) return this.nowhere();
      if (this.top?.flow) return this.inFlow(start);
    }
    if (/\s#/.test(rest)) return this.nowhere();
    const word = unquoted(rest);
    const place = this.place({ ...word, from: start + at + word.skip, dash });
    return dash ? this.atItem(place, column) : this.atLineStart(place, column);
  }

  /** Opens the lists of a line's leading dashes. @param {string} line */
  dashes(line) {
    const content = /^[ \t]*/.exec(line)?.[0].length ?? 0;
    let at = content;
    let dash = false;
    if (/^(---|\.\.\.)(\s|$)/.test(line)) {
      this.stack = [];
      return { column: 0, rest: "", at: line.length, dash };
    }
    for (let found; (found = /^-(?:[ \t]+|$)/.exec(line.slice(at))); at += found[0].length) {
      this.openList(at);
      dash = true;
    }
    const rest = line.slice(at);
    const properties = PROPERTIES.exec(rest)?.[0].length ?? 0;
    return { column: at, rest: rest.slice(properties), at: at + properties, dash };
  }

  /** @param {number} column */
  openList(column) {
    while (this.top && this.top.indent > column) this.stack.pop();
    const top = this.top;
    if (top?.type === "seq" && top.indent === column) return;
    if (top?.type === "map") {
      if (this.stack.length === 1 && top.key === "rules") this.step = column > top.indent ? 2 : 0;
      top.fields.set(top.key, "-");
    }
    this.push(frame("seq", false, column));
  }

  /** Reads `key: value`. @param {string} line @param {number} column @param {number} at @param {RegExpExecArray} key */
  entry(line, column, at, key) {
    while (this.top && (this.top.indent > column || (this.top.type === "seq" && this.top.indent === column))) this.stack.pop();
    if (this.top?.type !== "map" || this.top.indent !== column) this.push(frame("map", false, column));
    const map = /** @type {Frame} */ (this.top);
    map.key = key[1] ?? key[2] ?? key[3] ?? "";
    const rest = line.slice(at + key[0].length);
    const lead = /^\s*(?:[&!]\S*\s+)*/.exec(rest)?.[0].length ?? 0;
    const value = rest.slice(lead);
    if (value.startsWith("[") || value.startsWith("{")) {
      map.fields.set(map.key, value[0]);
      return this.flow(line, at + key[0].length + lead) ? "flow" : "comment";
    }
    map.fields.set(map.key, scalar(value));
    return /(^|\s)#/.test(value) && !/^["']/.test(value) ? "comment" : "scalar";
  }

  /**
   * Reads brackets from `at` to the end of the line. `this.open` contains the incomplete word afterwards.
   * @param {string} line @param {number} at
   * @returns {boolean} False if the line ends in a comment or after the last bracket.
   */
  flow(line, at) {
    const indent = /^ */.exec(line)?.[0].length ?? 0;
    this.open = null;
    for (let i = at; i < line.length; ) {
      const char = line[i];
      const top = /** @type {Frame} */ (this.top);
      if (char === "[" || char === "{") {
        this.push(frame(char === "[" ? "seq" : "map", true, top?.flow ? top.indent : indent));
      } else if (char === "]" || char === "}") {
        if (top?.flow) this.stack.pop();
        if (!this.top?.flow) return false;
      } else if (char === ",") {
        top.value = false;
      } else if (char === ":") {
        top.value = true;
      } else if (char === "#" && /\s/.test(line[i - 1] ?? " ")) {
        return false;
      } else if (!/\s/.test(char)) {
        const word = flowWord(line, i);
        if (word.end === line.length && !word.closed) {
          this.open = { word: line.slice(i + (word.quote ? 1 : 0)), at: i + (word.quote ? 1 : 0), quote: word.quote };
          return true;
        }
        put(top, word.text);
        i = word.end;
        continue;
      }
      i += 1;
    }
    this.open = { word: "", at: line.length, quote: "" };
    return true;
  }

  /** Ends a bracket that was never closed at a block line that is not indented further than the line that opened it. @param {string} line */
  leaveBrokenFlow(line) {
    const top = /** @type {Frame} */ (this.top);
    const indent = /^ */.exec(line)?.[0].length ?? 0;
    if (this.json || indent > top.indent || !BLOCK_AGAIN.test(line)) return false;
    while (this.top?.flow) this.stack.pop();
    return true;
  }

  /** @param {number} start @returns {Place} */
  inFlow(start) {
    const { word, at, quote } = this.open ?? { word: "", at: 0, quote: "" };
    const place = this.place({ word, quote, from: start + at, dash: false });
    place.flow = true;
    const top = /** @type {Frame} */ (this.top);
    if (top.type === "seq") return this.atItem(place, top.indent);
    if (!top.value) {
      place.scope = scopeOf(this.path(1));
      place.kind = place.scope === "none" ? "none" : "key";
      place.fields = top.fields;
      return place;
    }
    return this.valueOf(place, top);
  }

  /** @param {string} line @param {number} start @param {number} at Earliest start of the value. @returns {Place} */
  inValue(line, start, at) {
    const lead = /^\s*(?:[&!]\S*\s+)*/.exec(line.slice(at))?.[0].length ?? 0;
    const word = unquoted(line.slice(at + lead));
    const place = this.place({ ...word, from: start + at + lead + word.skip, dash: false });
    return this.valueOf(place, /** @type {Frame} */ (this.top));
  }

  /** @param {Place} place @param {Frame} map @returns {Place} */
  valueOf(place, map) {
    place.scope = scopeOf(this.path(1));
    place.field = map.key;
    place.kind = place.scope === "none" || scopeOf([...this.path(1), map.key]) !== "none" ? "none" : "value";
    place.fields = map.fields;
    place.indent = map.indent;
    return place;
  }

  /** Returns the context of an item of the innermost list. @param {Place} place @param {number} column @returns {Place} */
  atItem(place, column) {
    const path = this.path(0);
    const scope = scopeOf(path);
    place.indent = column;
    if (path.length > 0 && scope !== "none") {
      place.scope = scope;
      place.kind = "key";
      return place;
    }
    const field = path.at(-1) ?? "";
    place.scope = scopeOf(path.slice(0, -1));
    if (!LISTS[place.scope].has(field)) return place;
    place.kind = "value";
    place.item = true;
    place.field = field;
    place.items = this.top?.items ?? [];
    const holder = this.stack.findLast((frame) => frame.type === "map");
    if (holder) place.fields = holder.fields;
    return place;
  }

  /** Returns the context of an empty line, or of the beginning of a word. @param {Place} place @param {number} column @returns {Place} */
  atLineStart(place, column) {
    while (this.top && this.top.indent > column) this.stack.pop();
    place.indent = column;
    let top = this.top;
    if (top?.type === "seq") {
      if (top.indent === column) place.list = this.listOf(this.path(0));
      const below = this.stack.at(-2);
      if (!place.list || below?.type !== "map" || below.indent !== column) return { ...place, kind: place.list ? "key" : "none" };
      this.stack.pop();
      top = this.top;
    } else if (top && top.fields.get(top.key) === "") {
      place.list = this.listOf(this.path(0));
      if (top.indent < column) return { ...place, kind: place.list ? "key" : "none" };
    }
    if (top && top.indent !== column) return place;
    place.scope = top ? scopeOf(this.path(1)) : "policy";
    place.kind = place.scope === "none" ? "none" : "key";
    if (top) place.fields = new Map(top.fields);
    return place;
  }

  /** @param {string[]} path @returns {Place["list"]} */
  listOf(path) {
    const scope = scopeOf(path);
    const field = path.at(-1) ?? "";
    const holder = scopeOf(path.slice(0, -1));
    if (path.length > 0 && scope !== "none") return { scope, field };
    return LISTS[holder].has(field) ? { scope: "none", field } : null;
  }

  /** Returns the fields that lead to the innermost collection. @param {0 | 1} less 1 leaves out that of the innermost mapping. */
  path(less) {
    const maps = this.stack.filter((frame) => frame.type === "map");
    return maps.slice(0, maps.length - less).map((map) => map.key);
  }

  /** @param {{word: string, quote: Place["quote"], from: number, dash: boolean}} found @returns {Place} */
  place({ word, quote, from, dash }) {
    const { json, step } = this;
    return {
      scope: "none", kind: "none", field: "", item: false, dash, list: null, flow: false, json, quote, word, from,
      fields: new Map(), items: [], indent: 0, step,
    };
  }

  nowhere() {
    return this.place({ word: "", quote: "", from: 0, dash: false });
  }
}

/** @param {Frame["type"]} type @param {boolean} flow @param {number} indent @returns {Frame} */
function frame(type, flow, indent) {
  return { type, flow, indent, key: "", value: false, fields: new Map(), items: [] };
}

/** Matches a key at the beginning. Texts longer than any field's name are not examined, which saves time. @param {string} rest */
function keyOf(rest) {
  return KEY.exec(rest.slice(0, 200));
}

/** @param {string[]} path @returns {Scope} */
function scopeOf(path) {
  return SCOPES[path.join("/")] ?? "none";
}

/** Adds a complete word to its collection. @param {Frame} top @param {string} text */
function put(top, text) {
  if (top.type === "seq") {
    top.items.push(text);
  } else if (top.value) {
    top.fields.set(top.key, text);
  } else {
    top.key = text;
    top.fields.set(text, "");
  }
}

/** @param {string} line @param {number} start */
function flowWord(line, start) {
  const quote = /** @type {Place["quote"]} */ (line[start]);
  if (quote === '"' || quote === "'") {
    let end = start + 1;
    while (end < line.length && line[end] !== quote) end += quote === '"' && line[end] === "\\" ? 2 : 1;
    const closed = end < line.length;
    return { text: line.slice(start + 1, end), end: Math.min(line.length, end + 1), closed, quote };
  }
  let end = start;
  while (end < line.length && !/[,[\]{}]/.test(line[end])) {
    if (line[end] === ":" && /[\s,[\]{}]|^$/.test(line[end + 1] ?? "")) break;
    if (line[end] === "#" && /\s/.test(line[end - 1] ?? "")) break;
    end += 1;
  }
  return { text: line.slice(start, end).trimEnd(), end, closed: false, quote: /** @type {Place["quote"]} */ ("") };
}

/** A word at a line's end that may have an open quote. @param {string} rest */
function unquoted(rest) {
  const quote = /** @type {Place["quote"]} */ (/^["']/.exec(rest)?.[0] ?? "");
  const skip = quote.length;
  return { word: rest.slice(skip), quote, skip };
}

/** A scalar's text, without quotes and comment. @param {string} rest */
function scalar(rest) {
  const quoted = /^"([^"]*)"|^'([^']*)'/.exec(rest);
  if (quoted) return quoted[1] ?? quoted[2] ?? "";
  return rest.replace(/(^|\s)#.*$/, "").trim();
}

/** Adds the fields that the mapping has further down. @param {Place} place @param {string} text @param {number} pos */
function addFieldsAfter(place, text, pos) {
  const fields = new Map(place.fields);
  for (let start = text.indexOf("\n", pos) + 1; start > 0; ) {
    const end = text.indexOf("\n", start);
    const line = text.slice(start, end < 0 ? text.length : end);
    start = end + 1;
    const rest = line.trimStart();
    if (rest === "" || rest.startsWith("#")) continue;
    const indent = line.length - rest.length;
    if (indent < place.indent) break;
    // A dash in the column of the keys is an item of the key above it.
    if (indent > place.indent || /^-(\s|$)/.test(rest)) continue;
    const key = keyOf(rest);
    if (!key) continue;
    const name = key[1] ?? key[2] ?? key[3] ?? "";
    if (!fields.has(name)) fields.set(name, scalar(rest.slice(key[0].length).trim()));
  }
  place.fields = fields;
}
