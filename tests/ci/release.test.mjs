// What `cargo xtask release` packs, without building it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { packages } from "../../web/build/packages.mjs";
import { changesOf, zip } from "../../web/release/files.mjs";
import { sbom } from "../../web/release/sbom.mjs";
import { root } from "./yaml.mjs";

const { unzipSync } = createRequire(join(packages(join(root, "web")), "x.js"))("fflate");

test("the changes are those of the version, or else those that are not released", () => {
  const changelog = "# Changelog\n\n## Unreleased\n\n- new\n\n## 0.2.0 (2026-11-01)\n\n- two\n\n### Page\n\n- three\n\n## 0.1.0\n\n- one\n";
  for (const [version, text] of [["0.2.0", "- two\n\n### Page\n\n- three\n"], ["0.1.0", "- one\n"], ["0.3.0", "- new\n"], ["0.2", "- new\n"]]) {
    assert.equal(changesOf(changelog, version), text, version);
  }
  for (const wrong of ["# Changelog\n", "## Unreleased\n\n## 0.1.0\n\n- one\n"]) {
    assert.throws(() => changesOf(wrong, "0.3.0"), /CHANGELOG\.md has no section about 0\.3\.0/);
  }
});

test("a zip has one folder, the same bytes in any order, and one program", () => {
  const files = /** @type {[string, Uint8Array][]} */ ([["man/a.1", new Uint8Array([1])], ["a", new Uint8Array([2])]]);
  const [one, other] = [files, [...files].reverse()].map((entries) => zip("a-1.0", entries, "a"));
  assert.deepEqual(one, other);
  assert.deepEqual(Object.keys(unzipSync(one)), ["a-1.0/a", "a-1.0/man/a.1"]);
  // The list of contents, from its end: signature, and permissions in the upper half of the attributes.
  const bytes = Buffer.from(one);
  const modes = [];
  for (let at = bytes.indexOf("PK\x01\x02", 0, "latin1"); at >= 0; at = bytes.indexOf("PK\x01\x02", at + 1, "latin1")) modes.push(bytes.readUInt32LE(at + 38) >>> 16);
  assert.deepEqual(modes, [0o100755, 0o100644]);
});

test("the list of contents has what is linked and nothing that only builds or tests", () => {
  const text = sbom("1.2.3", "x86_64-unknown-linux-gnu");
  assert.equal(text, sbom("1.2.3", "x86_64-unknown-linux-gnu"));
  const { metadata, components, bomFormat, specVersion } = JSON.parse(text);
  assert.deepEqual([bomFormat, specVersion, metadata.component.version], ["CycloneDX", "1.6", "1.2.3"]);
  assert.ok(!/timestamp|serialNumber/.test(text));
  const byName = new Map(components.map((/** @type {any} */ one) => [one.name, one]));
  // Of the command, the page's modules, the Python package and the page's editor.
  for (const name of ["clap", "web-sys", "wasm-bindgen", "pyo3", "@codemirror/view"]) assert.ok(byName.has(name), name);
  // Only for tests, for builds, and of our own.
  for (const name of ["proptest", "esbuild", "typescript", "audit-policy"]) assert.ok(!byName.has(name), name);
  const locks = ["", "python"].map((folder) => readFileSync(join(root, folder, "Cargo.lock"), "utf8"));
  for (const { name, version, purl, hashes, licenses } of components) {
    assert.ok(licenses?.length === 1 && hashes?.length === 1, purl);
    if (!purl.startsWith("pkg:cargo/")) continue;
    const entry = `name = "${name}"\nversion = "${version}"\n`;
    const lock = locks.find((lock) => lock.includes(entry));
    assert.ok(lock?.slice(lock.indexOf(entry)).split("\n\n")[0].includes(`checksum = "${hashes[0].content}"`), purl);
  }
});
