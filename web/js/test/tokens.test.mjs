// The colours of a line, and the column below it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { columnBelow, listStep, tokens } from "../tokens.js";

const COLOURS = [
  ["- level: None # why", "key level, comment # why"],
  ["  users: [\"a:b\", 'c', d#e]", "key users, string \"a:b\", string 'c'"],
  ["- {group: \"\", resources: [pods/*, \"*\"]}", "key group, string \"\", key resources, string \"*\""],
  ["\"rules\": [{\"level\": \"None\"}]", "key \"rules\", key \"level\", string \"None\""],
  ["nonResourceURLs: [/healthz*, /version]", "key nonResourceURLs"],
  ["- users: [don't, it's]", "key users"],
  ["rules: &all", "key rules, mark &all"],
  ["  <<: *all", "mark <<, mark *all"],
  ["--- # first", "mark ---, comment # first"],
  ["  - system:masters", ""],
];
for (const [line, expected] of COLOURS) {
  test(line, () => assert.equal(tokens(line).map(({ kind, from, to }) => `${kind} ${line.slice(from, to)}`).join(", "), expected));
}

/** @type {[string, 0 | 2, number][]} */
const COLUMNS = [
  ["kind: Policy", 0, 0],
  ["rules:", 0, 0],
  ["rules:", 2, 2],
  ["- level: None", 0, 2],
  ["  - level: None", 2, 4],
  ["  verbs: [get]", 0, 2],
  ["  verbs:", 0, 2],
  ["  verbs: # why", 2, 4],
  ["  verbs: [get,", 0, 4],
  ["  - get", 0, 2],
  ["metadata:", 0, 2],
  ["", 0, 0],
  ["    ", 0, 4],
];
for (const [line, step, expected] of COLUMNS) test(`below ${JSON.stringify(line)}, lists set in by ${step}`, () => assert.equal(columnBelow(line, step), expected));

test("lists not set in", () => assert.equal(listStep("kind: Policy\nrules:\n\n# first\n- level: None\n"), 0));
test("lists set in", () => assert.equal(listStep("rules:\n  - level: None\n"), 2));
test("no rules yet", () => assert.equal(listStep("rules:\n"), 2));
