import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { packages } from "../packages.mjs";
import { sumsOf, withDocs, zipOf } from "../release.mjs";

const web = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const { unzipSync } = createRequire(join(packages(web), "x.js"))("fflate");

test("a zip has the site in a folder, with the widget, and the one file next to it, and is the same every time", () => {
  const site = new Map([["index.html", Buffer.from("site")], ["page.js", Buffer.from("script")]]);
  const zip = zipOf(site, Buffer.from("one"), Buffer.from("element"));
  /** @type {[string, Uint8Array][]} */
  const entries = Object.entries(unzipSync(zip));
  const texts = entries.map(([name, bytes]) => [name, Buffer.from(bytes).toString()]);
  assert.deepEqual(texts, [
    ["audit-policy-playground/site/index.html", "site"],
    ["audit-policy-playground/site/page.js", "script"],
    ["audit-policy-playground/site/audit-policy-playground.js", "element"],
    ["audit-policy-playground/site/audit-policy-playground.html", "one"],
    ["audit-policy-playground/audit-policy-playground.html", "one"],
  ]);
  assert.deepEqual(zipOf(site, Buffer.from("one"), Buffer.from("element")), zip);
});

test("the site has the documentation, a link to it, and one copy of the widget", () => {
  const files = (/** @type {Record<string, string>} */ texts) => new Map(Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)]));
  const docs = {
    "index.html": '<script src="playground/a.js" defer></script>',
    "findings/AP001.html": '<script src="../playground/a.js" defer></script><p>playground/</p>',
    "theme/site.css": "playground/",
    "playground/a.js": "",
  };
  const whole = withDocs(files({ "index.html": "<head></head><body>", "page.js": "" }), files(docs));
  assert.deepEqual(Object.fromEntries([...whole].map(([name, bytes]) => [name, Buffer.from(bytes).toString()])), {
    "index.html": '<head><link rel="help" href="./docs/index.html"></head><body>',
    "page.js": "",
    "docs/index.html": '<script src="../a.js" defer></script>',
    "docs/findings/AP001.html": '<script src="../../a.js" defer></script><p>playground/</p>',
    "docs/theme/site.css": "playground/",
  });
});

test("checksums are lines that sha256sum reads", () => {
  // The digest of `abc` in FIPS 180-4's examples.
  assert.equal(sumsOf([["a.zip", Buffer.from("abc")]]), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a.zip\n");
});
