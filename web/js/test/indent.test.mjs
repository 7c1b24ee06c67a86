// The column below a line; `|` is the line break.
import assert from "node:assert/strict";
import { test } from "node:test";
import { source } from "./policy.mjs";

const { columnBelow, listStep } = await import("../context.js");

/** @type {[string, number][]} */
const COLUMNS = [
  ["kind: Policy|", 0],
  ["rules:|\n- level: None\n", 0],
  ["rules:|\n  - level: None\n", 2],
  ["rules:|", 2],
  ["rules:\n- level: None|", 2],
  ["rules:\n  - level: None|", 4],
  ["rules:\n- level: None\n  verbs: [get]|", 2],
  ["rules:\n- level: None\n  verbs:|", 2],
  ["rules:\n  - level: None\n    verbs: # why|", 6],
  ["rules:\n- level: None\n  verbs: [get,|", 4],
  ["rules:\n- level: None\n  verbs: [get,\n    list,|", 4],
  ["rules:\n- verbs:\n  - get|", 2],
  ["metadata:|", 2],
  ["|", 0],
  ["rules:\n- level: None\n    |", 4],
  ["{|", 2],
  ["{\n  \"rules\": [|", 4],
  ["{\n  \"rules\": []|", 2],
  ["rules:\n- resources:\n  - group: apps|", 4],
  ["rules:\n- resources:|", 2],
];
for (const [marked, expected] of COLUMNS) {
  test(`below ${JSON.stringify(marked)}`, () => {
    const pos = marked.indexOf("|");
    const step = listStep(source(marked.replace("|", "")));
    assert.equal(columnBelow(source(marked.slice(0, pos)), step), expected);
  });
}

test("lists not set in", () => assert.equal(listStep(source("kind: Policy\nrules:\n\n# first\n- level: None\n")), 0));
test("lists set in", () => assert.equal(listStep(source("rules:\n  - level: None\n")), 2));
test("no rules yet", () => assert.equal(listStep(source("rules:\n")), 2));
