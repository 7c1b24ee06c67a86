// Messages of the page around an embedded one: which are accepted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_LENGTH, auditIds, read } from "../embed.js";

test("a message that is right is returned with the parts that it has", () => {
  const parts = { policy: "rules: []", version: "1.36", log: "", view: "why", select: 0, theme: "auto", readonly: false };
  assert.deepEqual(read({ v: 1, type: "set", id: 3, ...parts }), { type: "set", parts });
  assert.deepEqual(read({ v: 1, type: "set", select: "id-1", policy: undefined }), { type: "set", parts: { select: "id-1", policy: undefined } });
  assert.deepEqual(read({ v: 1, type: "get", id: 3 }), { type: "get", parts: {} });
  assert.deepEqual(read({ v: 1, type: "copied", done: "yes" }), { type: "copied", parts: { done: false } });
});

test("a workspace becomes JSON", () => {
  assert.deepEqual(read({ v: 1, type: "set", workspace: { kind: "x" } }), { type: "set", parts: { workspace: '{"kind":"x"}' } });
  const circle = {};
  Object.assign(circle, { circle });
  assert.deepEqual(read({ v: 1, type: "set", workspace: circle }), { problem: "member", sentence: "`workspace` is not JSON" });
});

/** @type {[problem: string, message: unknown][]} */
const WRONG = [
  ["malformed", undefined], ["malformed", null], ["malformed", 1], ["malformed", "set"], ["malformed", []], ["malformed", { v: "1", type: "set" }],
  ["version", { v: 2, type: "set" }], ["version", { v: NaN, type: "set" }],
  ["type", { v: 1 }], ["type", { v: 1, type: "verdict" }], ["type", { v: 1, type: {} }],
  ["member", { v: 1, type: "set", constructor: 1 }], ["member", { v: 1, type: "set", policy: null }], ["member", { v: 1, type: "set", log: [] }],
  ["member", { v: 1, type: "set", version: 1.3 }], ["member", { v: 1, type: "set", version: "v1.30" }], ["member", { v: 1, type: "set", view: "constructor" }],
  ["member", { v: 1, type: "set", select: 0.5 }], ["member", { v: 1, type: "set", select: "" }], ["member", { v: 1, type: "set", select: Infinity }],
  ["member", { v: 1, type: "set", theme: "Light" }], ["member", { v: 1, type: "set", readonly: 0 }], ["member", { v: 1, type: "set", workspace: [] }],
];
for (const [problem, message] of WRONG) {
  test(`${problem}: ${JSON.stringify(message) ?? "undefined"}`, () => {
    const found = read(message);
    assert.ok("problem" in found);
    assert.equal(found.problem, problem);
  });
}

test("the parts together have at most 5 million characters", () => {
  const half = "a".repeat(MAX_LENGTH / 2);
  assert.equal("type" in read({ v: 1, type: "set", policy: half, log: half }), true);
  const found = read({ v: 1, type: "set", policy: half, log: `${half}a` });
  assert.equal("problem" in found && found.problem, "size");
});

test("auditIDs are those of the events, in their order, whatever else is in the log", () => {
  const lines = ['{"kind":"Event","auditID":"b"}', "", "not JSON", '{"message":"x"}', '  {"auditID":"a"}\r', "null", "5"];
  assert.deepEqual(auditIds(lines.join("\n")), ["b", "a"]);
  assert.deepEqual(auditIds(""), []);
});
