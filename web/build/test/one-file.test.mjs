import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { toBytes, toText, unitsOf } from "../../one-file/characters.js";
import { checksum } from "../../one-file/checksum.js";
import { Damage, decode } from "../../one-file/lzma.js";
import { oneFile } from "../one-file.mjs";
import { packages } from "../packages.mjs";

const web = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const { compress } = await import(pathToFileURL(createRequire(join(packages(web), "x.js")).resolve("lzma1")).href);

/** Numbers from 0 to below 1 that look random and are the same in every run (mulberry32). @param {number} seed */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), seed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bytes with repetitions near and far, as programs have them. @param {() => number} next @param {number} length */
function bytesLike(next, length) {
  const bytes = new Uint8Array(length);
  const kinds = 1 + Math.floor(next() * 256);
  for (let at = 0; at < length; ) {
    const run = Math.min(1 + Math.floor(next() ** 3 * 400), length - at);
    const distance = 1 + Math.floor(next() * at);
    const isCopy = at > 0 && next() < 0.6;
    for (const end = at + run; at < end; at += 1) bytes[at] = isCopy ? bytes[at - distance] : Math.floor(next() * kinds);
  }
  return bytes;
}

/** @param {Uint8Array} packed @param {number[]} sizes */
function decoded(packed, sizes) {
  /** @type {Uint8Array[]} */
  const parts = [];
  decode(packed, sizes, (part, index) => (parts[index] = part));
  return parts;
}

/** @param {Uint8Array} bytes */
const packed = (bytes) => Uint8Array.from(compress(bytes, 9));

const TEXT = "audit audit policy audit log, aaaaaaaaaaaaaaaaaaaaaaaaaaaa policy";
/** The text by `xz --format=lzma` with lc, lp and pb of 3 0 2, 0 2 0, 4 0 4 and 0 4 1, with its size in the header. */
const STREAMS = [
  "XQAAgABBAAAAAAAAAAAwnUisL4clDM5actLYaG3V0pYpdcrRn1+/+Evef//153gA",
  "EgAAgABBAAAAAAAAAAAwnjO23yNWBFzFwgFYVT99xqCVbwuFErs0u1HdiP/9D9QA",
  "uAAAgABBAAAAAAAAAAAwnUiGq4FhdueKwN6fCAXPA5oyXi0KLH0mWADY///8GTAA",
  "UQAAgABBAAAAAAAAAAAwnUjq/rw4RES9IU7ZZFHty4aQuoYpwLn6w5Hy3n/97lAA",
];

test("streams of xz, with other settings of the models, are decoded", () => {
  for (const stream of STREAMS) {
    const [text] = decoded(Buffer.from(stream, "base64"), [TEXT.length]);
    assert.equal(Buffer.from(text).toString(), TEXT, stream);
  }
});

test("bytes of any length are the same after compressing and decoding", () => {
  const next = random(1);
  for (const length of [0, 1, 2, 17, 255, 4096, ...Array.from({ length: 30 }, () => Math.floor(next() * 30_000))]) {
    const bytes = bytesLike(next, length);
    assert.deepEqual(Buffer.concat(decoded(packed(bytes), [length])), Buffer.from(bytes), `${length} bytes`);
  }
});

test("parts come in order, also empty ones", () => {
  const bytes = Buffer.from("onetwothree");
  const parts = decoded(packed(bytes), [3, 0, 3, 5, 0]).map((part) => Buffer.from(part).toString());
  assert.deepEqual(parts, ["one", "", "two", "three", ""]);
});

test("a stream of another size than its parts is not decoded", () => {
  const stream = packed(Buffer.from(TEXT));
  for (const sizes of [[TEXT.length - 1], [TEXT.length + 1], [], [TEXT.length, 1]]) assert.throws(() => decoded(stream, sizes), Damage);
});

test("a stream without its end is not decoded", () => {
  const next = random(2);
  for (let round = 0; round < 20; round += 1) {
    const bytes = bytesLike(next, 2000);
    const stream = packed(bytes);
    // An encoder ends with a few bytes that only settle its last range.
    for (const kept of [0, 5, 13, 17, Math.floor(next() * (stream.length - 10))]) {
      assert.throws(() => decoded(stream.subarray(0, kept), [bytes.length]), Damage, `${kept} of ${stream.length} bytes`);
    }
  }
});

test("changed bytes end in damage or in as many other bytes", () => {
  const next = random(3);
  const bytes = bytesLike(next, 3000);
  const stream = packed(bytes);
  for (let round = 0; round < 200; round += 1) {
    const changed = stream.slice();
    changed[Math.floor(next() * stream.length)] ^= 1 << Math.floor(next() * 8);
    try {
      assert.equal(decoded(changed, [bytes.length])[0].length, bytes.length);
    } catch (error) {
      assert.ok(error instanceof Damage, String(error));
    }
  }
});

test("bytes of any length are the same after becoming text", () => {
  const next = random(4);
  const samples = [new Uint8Array(500), new Uint8Array(500).fill(255), ...Array.from({ length: 300 }, (_, length) => Uint8Array.from({ length }, () => next() * 256))];
  for (const bytes of samples) {
    const text = toText(bytes);
    assert.equal(text.length, unitsOf(bytes.length));
    // No control character, markup or surrogate, so nothing that a parser or a decoder changes.
    assert.match(text, /^[\u0800-\ud7ff\ue000-\uffff]*$/);
    assert.deepEqual(toBytes(text, bytes.length), bytes);
  }
});

test("159 bits take ten units", () => {
  // 19 bytes have 152 bits, 20 have 160.
  for (const [bytes, units] of [[0, 0], [1, 10], [19, 10], [20, 20], [39, 20], [40, 30]]) assert.equal(unitsOf(bytes), units, `${bytes} bytes`);
});

test("the checksum is that of zip and gzip", () => {
  // The check value of the catalogue of CRC algorithms, and that of nothing.
  assert.equal(checksum(Buffer.from("123456789")), 0xcbf43926);
  assert.equal(checksum(new Uint8Array()), 0);
});

const HASH = "0123456789ab";
/** The files of a page that is as small as can be. */
function smallest() {
  const html = readFileSync(join(dirname(web), "index.html"), "utf8");
  const start = html.slice(html.indexOf("<body>"));
  const page = `<!DOCTYPE html>\n<html lang="en">\n  <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="default-src 'self'">
    <link rel="stylesheet" href="./page-${HASH}.css">
    <script type="module" src="./page-${HASH}.js"></script>
    <meta name="description" content="For search engines.">
    <link rel="manifest" href="./manifest.webmanifest">
    <meta name="service-worker" content="./service-worker.js">
    <link rel="preload" href="./interface-${HASH}.wasm"></head>\n  ${start.replace("./early.js", `./early-${HASH}.js`)}`;
  const files = { "index.html": page, [`page-${HASH}.js`]: "run();", [`page-${HASH}.css`]: "p{}", [`early-${HASH}.js`]: "early();", [`worker-${HASH}.js`]: "work();" };
  const modules = ["interface", "engine", "interface-rest", "engine-rest"].map((name) => [`${name}-${HASH}.wasm`, name]);
  return new Map([...Object.entries(files), ...modules].map(([name, text]) => [name, Buffer.from(text)]));
}

test("the one file names no other file, and has its policy and every part", async () => {
  const { file, sizes } = await oneFile(smallest());
  assert.deepEqual([...file.subarray(0, 2)], [0xff, 0xfe], "a byte order mark");
  const html = file.toString("utf16le");
  assert.equal(sizes.reduce((sum, [, size]) => sum + size, 0), file.length);
  assert.doesNotMatch(html, /<(?:script|link|img)[^>]* (?:src|href)="(?!data:)/);
  assert.match(html, /content="default-src 'none'; script-src (?:'sha256-[\w+/]{43}=' ){3}'wasm-unsafe-eval'; [^"]*connect-src 'none'/);
  const [, content, text] = /id="packed-files" data-content="([^"]*)">([^<]*)</.exec(html) ?? [];
  /** @type {import("../../one-file/unpack.js").Content} */
  const { bytes, files } = JSON.parse(content.replaceAll("&quot;", '"'));
  const parts = decoded(toBytes(text, bytes), files.map(([, size]) => size)).map((part) => Buffer.from(part).toString());
  assert.deepEqual(files.map(([address]) => address.replace(`-${HASH}`, "")), ["./page.js", "./interface.wasm", "./worker.js", "./engine.wasm", "./engine-rest.wasm", "./interface-rest.wasm"]);
  assert.deepEqual(parts, ["run();", "interface", "work();", "engine", "engine-rest", "interface-rest"]);
});

test("files that the one file would leave out, or that are missing, stop the build", async () => {
  const more = smallest().set("more.wasm", Buffer.from("x"));
  await assert.rejects(oneFile(more), /more\.wasm/);
  const fewer = smallest();
  fewer.delete(`worker-${HASH}.js`);
  await assert.rejects(oneFile(fewer), /0 files like .*worker/);
});
