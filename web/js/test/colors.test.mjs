// The colors of a text.
import assert from "node:assert/strict";
import { test } from "node:test";
import { source } from "./policy.mjs";

const { colors } = await import("../colors.js");

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
  ["verbs: [get, list", "key verbs"],
  ["data:\n  policy: |\n    kind: Policy # audit\nother: 1\n", "key data, key policy, key kind, comment # audit, key other"],
];

/** @param {string} text @param {number} from @param {number} to */
function colored(text, from = 0, to = text.length) {
  const tokens = colors(source(text).tree, from, to, (from, to) => text.slice(from, to));
  return tokens.map(({ kind, from, to }) => `${kind} ${text.slice(from, to)}`).join(", ");
}

for (const [text, expected] of COLOURS) test(JSON.stringify(text), () => assert.equal(colored(text), expected));

test("only what is in the range is colored", () => assert.equal(colored("a: x\nb: y\nc: z\n", 5, 9), "key b"));
