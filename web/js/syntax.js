/**
 * The syntax tree of a policy, by a grammar of YAML that also reads JSON and tolerates errors. The editor keeps the tree up to date with
 * each change; here, parts of it are used again for variants of the text.
 */

import { DocInput, Language, defineLanguageFacet, ensureSyntaxTree } from "@codemirror/language";
import { ChangeSet } from "@codemirror/state";
import { NodeType, Parser, Tree, TreeFragment } from "@lezer/common";
import { parser } from "@lezer/yaml";

/**
 * @typedef {import("@codemirror/state").Text} Text
 * @typedef {import("@lezer/common").SyntaxNode} Node
 */

/** Maximum length of a text that is read completely. */
const MAX_WHOLE = 100_000;

/** Maximum duration of reading in milliseconds, for hostile texts: others of the maximum length take a tenth. */
const LIMIT_MS = 500;

/** Number of steps of the parser after which the time is looked at, so that a short text does not depend on the machine. */
const MIN_STEPS = 2000;

/** Gives long texts an empty tree: parts of them are read where they are needed. */
class ShortTextParser extends Parser {
  /**
   * @param {import("@lezer/common").Input} input
   * @param {readonly TreeFragment[]} fragments
   * @param {readonly {from: number, to: number}[]} ranges
   * @returns {import("@lezer/common").PartialParse}
   */
  createParse(input, fragments, ranges) {
    const { length } = input;
    if (length <= MAX_WHOLE) return parser.createParse(input, fragments, ranges);
    return { advance: () => new Tree(NodeType.none, [], [], length), parsedPos: length, stopAt() {}, stoppedAt: null };
  }
}

export const language = new Language(defineLanguageFacet(), new ShortTextParser());

/** Returns whether a text is too long to be read completely. @param {Text} doc */
export function isLong(doc) {
  return doc.length > MAX_WHOLE;
}

/** A text with its tree. */
export class Source {
  /**
   * @param {Text} doc
   * @param {Tree} tree Of the text, or of its beginning.
   * @param {number} end Time when parsing of variants ends, as `performance.now` counts.
   */
  constructor(doc, tree, end) {
    this.doc = doc;
    this.tree = tree;
    this.end = end;
  }

  /**
   * Returns the text with changes.
   * @param {import("@codemirror/state").ChangeSpec} changes
   * @param {number} until Position in the changed text where reading may stop.
   * @returns {Source | null} `null` if parsing takes too long.
   */
  changed(changes, until = Infinity) {
    const set = ChangeSet.of(changes, this.doc.length);
    /** @type {import("@lezer/common").ChangedRange[]} */
    const ranges = [];
    set.iterChangedRanges((fromA, toA, fromB, toB) => void ranges.push({ fromA, toA, fromB, toB }));
    const doc = set.apply(this.doc);
    const fragments = TreeFragment.addTree(this.tree, [], this.tree.length < this.doc.length);
    const tree = parsed(doc, TreeFragment.applyChanges(fragments, ranges), until, this.end);
    return tree && new Source(doc, tree, this.end);
  }
}

/**
 * Returns the text of the editor with its tree, if it is not long.
 * @param {import("@codemirror/state").EditorState} state
 * @param {number} pos The tree reaches at least to this position.
 * @returns {Source | null} `null` if it takes too long.
 */
export function sourceOf(state, pos) {
  const end = performance.now() + LIMIT_MS;
  const tree = ensureSyntaxTree(state, pos, LIMIT_MS);
  return tree && new Source(state.doc, tree, end);
}

/** Reads a text; `null` if it takes too long. @param {Text} doc @returns {Source | null} */
export function read(doc) {
  const end = performance.now() + LIMIT_MS;
  const tree = parsed(doc, [], doc.length, end);
  return tree && new Source(doc, tree, end);
}

/**
 * Parses a text; `null` if it takes too long.
 * @param {Text} doc
 * @param {readonly TreeFragment[]} fragments Parts of another text's tree that can be used again.
 * @param {number} until Position where reading may stop.
 * @param {number} end Time when it ends.
 * @returns {Tree | null}
 */
export function parsed(doc, fragments, until, end) {
  const parse = parser.startParse(new DocInput(doc), fragments);
  if (until < doc.length) parse.stopAt(until);
  for (let step = 1; ; step += 1) {
    const tree = parse.advance();
    if (tree) return tree;
    if (step > MIN_STEPS && performance.now() > end) return null;
  }
}
