// Counts as they are printed; U+00A0 stands before the unit.
import assert from "node:assert/strict";
import { test } from "node:test";
import { compact, full } from "../numbers.js";

/** @type {[number, string][]} */
const FACTS = [
  [0, "0"], [411, "411"], [1204, "1,204"], [99_999, "99,999"], [100_000, "100 K"], [123_456, "123 K"], [999_499, "999 K"],
  [999_500, "1.0 M"], [1_204_000, "1.2 M"], [9_949_999, "9.9 M"], [9_950_000, "10 M"], [123_456_789, "123 M"], [1_500_000_000, "1.5 B"],
];

for (const [count, expected] of FACTS) test(`${count}`, () => assert.equal(compact(count), expected.replace(" ", "\u00a0")));
test("in full", () => assert.equal(full(1_204_000), "1,204,000"));
