// Where in a policy a place stands; `|` is the place. The language server reads the same facts.
import assert from "node:assert/strict";
import { test } from "node:test";
import FACTS from "./places.json" with { type: "json" };
import { placeOf, source } from "./policy.mjs";

const { placeAt } = await import("../context.js");

/** Returns the properties of a place that the facts below state, as a text. @param {string} marked */
function seen(marked) {
  const place = placeOf(marked);
  const value = place.kind === "value" ? ` ${place.field}${place.item ? " item" : ""}` : "";
  const list = place.list ? ` or - ${place.list.scope === "none" ? place.list.field : place.list.scope}` : "";
  return `${place.scope} ${place.kind}${value}${list} <${place.quote}${place.word}>`;
}


for (const [name, text, expected] of FACTS) test(name, () => assert.equal(seen(text), expected));

test("the word begins after its quote", () => assert.equal(placeOf('kind: "Po|').from, 7));
test("fields above and below are known, nested ones are not", () => {
  const place = placeOf("rules:\n- level: None\n  |\n  resources:\n  - group: apps\n  verbs: [get]\n- users: [a]\n");
  assert.deepEqual([...place.fields.keys()], ["level", "resources", "verbs"]);
});
test("fields below are known while a word is typed", () => {
  const place = placeOf("rules:\n- level: None\n  ver|\n  resources:\n  - group: apps\n- users: [a]\n");
  assert.deepEqual([...place.fields.keys()], ["level", "resources"]);
});
test("fields below are known behind a dash", () => {
  const place = placeOf("rules:\n- |\n  verbs: [get]\n- users: [a]\n");
  assert.deepEqual([...place.fields.keys()], ["verbs"]);
});
test("fields after are known in brackets", () => {
  const place = placeOf('{"rules": [{"level": "None", | "verbs": ["get"]}, {"users": []}]}');
  assert.deepEqual([...place.fields.keys()], ["level", "verbs"]);
});
test("a group below is known", () => {
  assert.equal(placeOf("rules:\n- resources:\n  - resources: [|]\n    group: apps\n").fields.get("group"), "apps");
});
test("an entry's group is known from above", () => assert.equal(placeOf("rules:\n- resources:\n  - group: apps\n    resources: [|").fields.get("group"), "apps"));
test("items before are known", () => assert.deepEqual(placeOf("omitStages: [Panic, \"ResponseStarted\", |").items, ["Panic", "ResponseStarted"]));
test("lists set in by two", () => assert.equal(placeOf("rules:\n  - level: None\n    |").step, 2));
test("lists not set in", () => assert.equal(placeOf("rules:\n- level: None\n  |").step, 0));
test("a megabyte is read, in time proportional to its length", () => {
  /** @param {number} rules */
  const text = (rules) => `rules:\n${"- level: None\n  verbs: [get, list]\n".repeat(rules)}- level: `;
  /** @param {string} text */
  const read = (text) => {
    const start = performance.now();
    assert.equal(placeAt(source(text), text.length).field, "level");
    return performance.now() - start;
  };
  const [short, long] = [text(3_750), text(30_000)];
  /** @type {number[]} */
  const shortest = [];
  /** @type {number[]} */
  const longest = [];
  // In turns, so that other programs slow down both; the least of each counts.
  for (let round = 0; round < 20; round++) {
    shortest.push(read(short));
    longest.push(read(long));
  }
  // Eight times the length: 8 if linear, 64 if quadratic.
  assert.ok(Math.min(...longest) / Math.min(...shortest) < 32);
});
test("no text, cut anywhere, is too strange", () => {
  const text = 'a: [{"b\\": \'c\n- - : , ] } {[\n  - "x\n? y\n&z *w !t | >\n--- \n- [}]\n';
  for (let pos = 0; pos <= text.length; pos += 1) assert.equal(typeof placeAt(source(text), pos).kind, "string");
});
