import assert from "node:assert/strict";
import { test } from "node:test";
import { filled } from "../first-paint.mjs";

const PLACES = ["version", "verified", "figures", "bar label", "bar", "legend", "notes", "findings", "policy"];
const PAGE = PLACES.map((name) => `${name}=[{{${name}}}]`).join("\n");

/** @type {import("../first-paint.mjs").Content} */
const CONTENT = {
  version: "1.36",
  isVerified: true,
  policy: "a: <b>\n- c\n",
  hint: "Look at `verbs` & users",
  findings: ", 2 findings",
  rules: [{ from: 9, chip: "1 M", level: "M", count: "12" }],
  figures: [
    { value: "3", of: " of 4", label: "events", title: null },
    { value: null, of: null, label: "per day", title: "\"unknown\"" },
  ],
  bar: { parts: [{ level: "RR", x: "0.00%", width: "25.00%" }], label: "None 75 %" },
  levels: [{ level: "N", name: "None", amount: "7" }],
  caution: "short",
};

/** Returns each line as plain text, except for the key. @param {string} text */
const highlight = (text) => text.trimEnd().split("\n").map((line) => (line.startsWith("a") ? ["y-key", "a", "", line.slice(1)] : ["", line]));

/** Returns the content of a place. @param {string} name */
function place(name) {
  const page = filled(PAGE, CONTENT, highlight);
  const from = page.indexOf(`${name}=[`) + name.length + 2;
  const next = PLACES[PLACES.indexOf(name) + 1];
  return page.slice(from, next ? page.indexOf(`]\n${next}=[`) : -1);
}

for (const [name, expected] of [
  ["version", "1.36"],
  ["verified", "✓ Verified"],
  ["findings", ", 2 findings"],
  ["bar label", "None 75 %"],
  ["bar", '<rect class="level-rr" x="0.00%" width="25.00%" height="100%"></rect>'],
  ["notes", '<p class="story">Look at <code>verbs</code> &amp; users</p><p class="warn"><span aria-hidden="true">▲ </span>short</p>'],
  ["figures", '<p class="figure of-example"><b>3</b><span class="of"> of 4</span><span class="label">events</span></p>' +
    '<p class="figure of-example" title="&quot;unknown&quot;"><b>–</b><span class="label">per day</span></p>'],
  ["policy", '<span><span class="y-key">a</span>: &lt;b&gt;\n</span><span><i class="level-m" data-chip="1 M" data-count="12"></i>- c\n</span>'],
]) {
  test(`the place of ${name} is filled in`, () => assert.equal(place(name), expected));
}

test("a place that is unknown, missing or there twice is an error", () => {
  for (const page of [`${PAGE}{{other}}`, PAGE.replace("{{bar}}", ""), `${PAGE}{{bar}}`]) {
    assert.throws(() => filled(page, CONTENT, highlight), /place/);
  }
});
