// Where in a policy a place stands; `|` is the place.
import assert from "node:assert/strict";
import { test } from "node:test";
import { placeOf, source } from "./policy.mjs";

const { placeAt } = await import("../context.js");

/** Returns the properties of a place that the facts below state, as a text. @param {string} marked */
function seen(marked) {
  const place = placeOf(marked);
  const value = place.kind === "value" ? ` ${place.field}${place.item ? " item" : ""}` : "";
  const list = place.list ? ` or - ${place.list.scope === "none" ? place.list.field : place.list.scope}` : "";
  return `${place.scope} ${place.kind}${value}${list} <${place.quote}${place.word}>`;
}

/** @type {[string, string, string][]} */
const FACTS = [
  ["an empty text", "|", "policy key <>"],
  ["the first word", "api|", "policy key <api>"],
  ["a value", "kind: |", "policy value kind <>"],
  ["a value begun", "kind: Pol|", "policy value kind <Pol>"],
  ["right behind a colon a value may not begin", "kind:|", "policy key <kind:>"],
  ["a stage in brackets", "omitStages: [Req|", "policy value omitStages item <Req>"],
  ["a stage after another", "omitStages: [Panic, |", "policy value omitStages item <>"],
  ["a stage in a block list", "omitStages:\n  - |", "policy value omitStages item <>"],
  ["a list where its first item goes", "omitStages:\n  |", "none key or - omitStages <>"],
  ["below the rules key", "rules:\n|", "policy key or - rule <>"],
  ["a new rule", "rules:\n- |", "rule key <>"],
  ["a new rule, set in", "rules:\n  - le|", "rule key <le>"],
  ["a level", "rules:\n- level: |", "rule value level <>"],
  ["a level in quotes", "rules:\n- level: \"Met|", "rule value level <\"Met>"],
  ["a field of a rule", "rules:\n- level: None\n  |", "rule key <>"],
  ["a field of a rule, set in", "rules:\n  - level: None\n    ver|", "rule key <ver>"],
  ["the column of the rules' dashes", "rules:\n- level: None\n|", "policy key or - rule <>"],
  ["the column of the rules' dashes, set in", "rules:\n  - level: None\n  |", "none key or - rule <>"],
  ["a column of nothing", "rules:\n- level: None\n   |", "none none <>"],
  ["a verb in brackets", "rules:\n- verbs: [get, li|", "rule value verbs item <li>"],
  ["a verb in brackets over two lines", "rules:\n- verbs: [get,\n    li|", "rule value verbs item <li>"],
  ["a verb in a block list", "rules:\n- verbs:\n  - get\n  - |", "rule value verbs item <>"],
  ["a verb without its list", "rules:\n- verbs: g|", "rule value verbs <g>"],
  ["a user with colons", "rules:\n- users: [\"system:ku|", "rule value users item <\"system:ku>"],
  ["a user with colons, no quotes", "rules:\n- users: [system:ku|", "rule value users item <system:ku>"],
  ["below a rule's resources", "rules:\n- level: None\n  resources:\n  |", "rule key or - resources <>"],
  ["a resources entry", "rules:\n- level: None\n  resources:\n  - |", "resources key <>"],
  ["a group", "rules:\n- resources:\n  - group: ap|", "resources value group <ap>"],
  ["a field of an entry", "rules:\n- resources:\n  - group: \"\"\n    |", "resources key <>"],
  ["a resource", "rules:\n- resources:\n  - group: \"\"\n    resources: [pods, |", "resources value resources item <>"],
  ["a resource in a block list", "rules:\n- resources:\n  - group: \"\"\n    resources:\n    - po|", "resources value resources item <po>"],
  ["back in the rule after its resources", "rules:\n- resources:\n  - group: \"\"\n  ver|", "rule key or - resources <ver>"],
  ["the next rule after nested lists", "rules:\n- resources:\n  - group: \"\"\n    resources: [pods]\n- |", "rule key <>"],
  ["an entry in braces", "rules:\n- resources: [{gr|", "resources key <gr>"],
  ["a group in braces", "rules:\n- resources: [{group: \"|", "resources value group <\">"],
  ["a second entry in braces", "rules:\n- resources: [{group: apps}, {|", "resources key <>"],
  ["a field after one in braces", "rules:\n- {level: None, ve|", "rule key <ve>"],
  ["JSON, a top-level field", "{\"ki|", "policy key <\"ki>"],
  ["JSON, a level", "{\n\"rules\": [\n{\"level\": \"N|", "rule value level <\"N>"],
  ["JSON, a verb", "{\"rules\": [{\"level\": \"None\", \"verbs\": [\"get\", \"|", "rule value verbs item <\">"],
  ["JSON, a resource", "{\"rules\": [{\"resources\": [{\"group\": \"\", \"resources\": [\"|", "resources value resources item <\">"],
  ["a comment", "rules: # |", "none none <>"],
  ["a comment line", "# kind: |", "none none <>"],
  ["a comment in brackets", "rules:\n- verbs: [get, # |", "none none <>"],
  ["behind closed brackets", "rules:\n- verbs: [get] |", "none none <>"],
  ["a field that no policy has", "spec:\n  level: |", "none none <>"],
  ["metadata", "metadata:\n  name: |", "none none <>"],
  ["a bracket left open above", "rules:\n- verbs: [get\n- level: |", "rule value level <>"],
  ["a bracket left open in the same rule", "rules:\n- level: None\n  verbs: [get\n  users: [|", "rule value users item <>"],
  ["an anchor before the list", "rules: &all\n- level: &l No|", "rule value level <No>"],
  ["a document mark above", "---\nkind: |", "policy value kind <>"],
  ["behind a quoted value", "kind: \"Policy\"|", "none none <>"],
  ["behind a quoted item", "omitStages: [\"Panic\"|", "none none <>"],
  ["right behind a dash an item may not begin", "rules:\n-|", "none none <>"],
  ["a quote left open above", "rules:\n- users: [\"a]\n- level: |", "rule value level <>"],
  ["braces left open above", "rules:\n- resources: [{group: apps\n- level: None\n  |", "rule key <>"],
  ["an item with a quote inside", "rules:\n- users: [don't, a|", "rule value users item <a>"],
  ["a value with a comma in quotes", "rules:\n- users: [\"a, b\", c|", "rule value users item <c>"],
  ["a block of text", "metadata:\n  name: >\n    kind: |", "none none <>"],
  ["a second document", "kind: Policy\n---\nomitStages: [|", "policy value omitStages item <>"],
  ["CRLF above", "rules:\r\n- level: None\r\n  |", "rule key <>"],
];

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
