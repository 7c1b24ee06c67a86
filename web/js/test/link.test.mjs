// Links: encoding, decoding, and what is wrong with one.
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { test } from "node:test";
import { decodeLink, encodeLink, isLink } from "../link.js";

/** @param {string} text */
const link = (text) => `v1=${deflateSync(text).toString("base64url")}`;

test("a text comes back as it was", async () => {
  let noise = "";
  for (let at = 0, state = 7; at < 200_000; at += 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    noise += String.fromCodePoint(32 + (state % 0x2000));
  }
  for (const text of ["", "a", "rules: []\n", "ä€😀\u0000\u2028", noise]) {
    const fragment = await encodeLink(text);
    assert.match(fragment, /^v1=[\w-]+$/);
    assert.equal(await decodeLink(fragment), text);
    assert.equal(await decodeLink(`#${fragment}`), text);
  }
});

test("another program's zlib is read", async () => {
  assert.equal(await decodeLink(link('{"kind":"a"}')), '{"kind":"a"}');
});

test("what programs put after a link is ignored, and a percent-encoded sign is read", async () => {
  const fragment = link("rules: []");
  for (const end of [")", ">", ".", ")."]) assert.equal(await decodeLink(fragment + end), "rules: []");
  assert.equal(await decodeLink(fragment.replace("=", "%3D")), "rules: []");
});

test("a link that was cut or changed is an error, wherever that was", async () => {
  const text = JSON.stringify({ policy: "rules:\n- level: Metadata\n  users: [a, b, c]\n".repeat(3) });
  const fragment = link(text);
  for (let end = 3; end < fragment.length; end += 1) {
    await assert.rejects(decodeLink(fragment.slice(0, end)), /incomplete or damaged/, `cut at ${end}`);
  }
  for (let at = 3; at < fragment.length; at += 1) {
    const changed = fragment.slice(0, at) + (fragment[at] === "A" ? "B" : "A") + fragment.slice(at + 1);
    const result = await decodeLink(changed).catch((error) => error);
    // The last character has bits that belong to no byte.
    const isSame = result === text && at === fragment.length - 1;
    assert.ok(isSame || /incomplete or damaged/.test(result.message), `changed at ${at}`);
  }
});

test("a later version, too long a link and too much content are named", async () => {
  await assert.rejects(decodeLink("v2=abc"), /a later version/);
  await assert.rejects(decodeLink(`v1=${"A".repeat(4_000_001)}`), /too long: it has 4,000,004 characters/);
  const bomb = deflateSync(Buffer.alloc(33_000_000)).toString("base64url");
  await assert.rejects(decodeLink(`v1=${bomb}`), /more than 32 MB/);
});

test("only fragments with a version are links", () => {
  for (const fragment of ["#v1=abc", "v1=", "#v2=x", "#v12%3Dx"]) assert.ok(isLink(fragment), fragment);
  for (const fragment of ["", "#", "#events", "#v=1", "#version1=x", "#xv1=a"]) assert.ok(!isLink(fragment), fragment);
});
