import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { Sender } from "../sender.js";

const sender = () => {
  /** @type {string[]} */
  const sent = [];
  let text = "";
  const one = new Sender(() => text, (text) => sent.push(text));
  const type = (/** @type {string} */ next, length = next.length) => {
    text = next;
    one.changed(length);
  };
  return { one, sent, type };
};

test("a short text is sent at every change", () => {
  const { sent, type } = sender();
  type("a");
  type("ab");
  assert.deepEqual(sent, ["a", "ab"]);
});

test("a long text, and a slow analysis, wait for a pause", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { one, sent, type } = sender();
  type("a", 4_000_000);
  mock.timers.tick(200);
  type("ab", 4_000_000);
  mock.timers.tick(200);
  assert.deepEqual(sent, []);
  mock.timers.tick(100);
  assert.deepEqual(sent, ["ab"]);
  one.isSlow = true;
  type("abc");
  assert.deepEqual(sent, ["ab"]);
  one.flush();
  one.flush();
  mock.timers.tick(1000);
  assert.deepEqual(sent, ["ab", "abc"]);
  mock.timers.reset();
});
