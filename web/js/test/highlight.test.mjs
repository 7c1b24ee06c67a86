// A text as colored pieces: nothing is lost, and classes are those of the tokens.
import assert from "node:assert/strict";
import { test } from "node:test";
import "./packages.mjs";

const { highlight } = await import("../highlight.js");

/** @type {[string, string[][]][]} */
const TEXTS = [
  ["- level: None # why\n", [["", "- ", "y-key", "level", "", ": None ", "y-comment", "# why"]]],
  ["- a\n\n- b: \"c\"", [["", "- a"], [], ["", "- ", "y-key", "b", "", ": ", "y-string", '"c"']]],
  ["", []],
];
for (const [text, expected] of TEXTS) {
  test(JSON.stringify(text), () => assert.deepEqual(highlight(text, true), expected));
}

test("every character stands in one piece", () => {
  const text = `rules: &all [{level: "None"}] # é\n${"x: y ".repeat(2000)}\n\t- 'it''s'\n`;
  for (const isYaml of [true, false]) {
    const whole = highlight(text, isYaml).map((pieces) => pieces.filter((_, place) => place % 2).join("")).join("\n");
    assert.equal(`${whole}\n`, text);
  }
});

test("a quoted text over two lines is colored on both", () => {
  assert.deepEqual(highlight('a: "b\n  c"\n', true), [["y-key", "a", "", ": ", "y-string", '"b'], ["y-string", '  c"']]);
});

test("a script has comments and quotes", () => {
  const expected = [["y-comment", "# start"], ["", "kube-apiserver --path=", "y-string", '"/a b"', "", " 'x"]];
  assert.deepEqual(highlight('# start\nkube-apiserver --path="/a b" \'x\n', false), expected);
});
