// A text as coloured pieces: nothing is lost, and classes are those of the tokens.
import assert from "node:assert/strict";
import { test } from "node:test";
import { highlight } from "../highlight.js";

/** @type {[string, string[][]][]} */
const TEXTS = [
  ["- level: None # why\n", [["", "- ", "y-key", "level", "", ": None ", "y-comment", "# why"]]],
  ["a\n\nb: \"c\"", [["", "a"], [], ["y-key", "b", "", ": ", "y-string", '"c"']]],
  ["", []],
];
for (const [text, expected] of TEXTS) {
  test(JSON.stringify(text), () => assert.deepEqual(highlight(text), expected));
}

test("every character stands in one piece", () => {
  const text = `rules: &all [{level: "None"}] # é\n${"x: y ".repeat(2000)}\n\t- 'it''s'\n`;
  const whole = highlight(text).map((pieces) => pieces.filter((_, place) => place % 2).join("")).join("\n");
  assert.equal(`${whole}\n`, text);
});
