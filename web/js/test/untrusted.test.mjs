import assert from "node:assert/strict";
import { test } from "node:test";
import { fragments, lookalikes, escaped } from "../untrusted.js";

const whys = (/** @type {string} */ text) => lookalikes(text).map(({ from, to, why }) => [text.slice(from, to), why]);

test("usual names are left alone", () => {
  for (const name of ["alice", "jürgen.müller@example.org", "пользователь-admin", "Ελένη", "作業员1号", "Pod名", "김철수", "оса и сад: дюжина"]) {
    assert.deepEqual(fragments(name), [{ kind: "plain", text: name }], name);
  }
});

test("words of two scripts, and of one that looks like Latin, are found", () => {
  assert.deepEqual(whys("ns/\u0430dmin-x"), [["\u0430dmin", "mixes Latin and Cyrillic"]]);
  assert.deepEqual(whys("r\u03bfot"), [["r\u03bfot", "mixes Latin and Greek"]]);
  assert.deepEqual(whys("\uff41dmin"), [["\uff41dmin", "mixes Latin and full-width"]]);
  assert.deepEqual(whys("\u0455\u0441\u043e\u0440\u0435"), [["\u0455\u0441\u043e\u0440\u0435", "Cyrillic letters that look like Latin"]]);
});

test("invisible characters are set apart", () => {
  assert.deepEqual(fragments("a\u202eb"), [{ kind: "plain", text: "a" }, { kind: "hidden", text: "\u202e" }, { kind: "plain", text: "b" }]);
  for (const character of ["\0", "\u001b", "\u00a0", "\u00ad", "\u200b", "\u2066", "\u3164", "\ufeff", "\u{e0041}"]) {
    assert.equal(fragments(`a${character}b`)[1].kind, "hidden", `U+${character.codePointAt(0)?.toString(16)}`);
  }
  assert.deepEqual(fragments("a\n\tb").length, 1);
  assert.equal(escaped("a\u202eb"), "a[U+202E]b");
});
