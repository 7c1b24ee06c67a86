import assert from "node:assert/strict";
import { test } from "node:test";

/** A browser that lets this worker read nothing. */
class FileReaderSync {
  readAsArrayBuffer() {
    throw new DOMException("", "NotReadableError");
  }
}
Object.assign(globalThis, { self: globalThis, FileReaderSync });
// By a name that is not a constant: its types are those of a worker.
const path = "../../worker/js/blind.js";
const { canRead, readFromMemory, remember } = await import(path);

const bytes = (/** @type {string} */ text) => Uint8Array.from(Buffer.from(text)).buffer;
const text = (/** @type {ArrayBuffer} */ buffer) => Buffer.from(buffer).toString();

test("files are read from the contents that the page has posted", async () => {
  assert.equal(await canRead(), true);
  readFromMemory();
  const file = new File(["audit log"], "a.log");
  remember(file, bytes("audit log"));
  assert.equal(text(await file.arrayBuffer()), "audit log");
  for (const [part, expected] of /** @type {[Blob, string][]} */ ([
    [file.slice(6), "log"],
    [file.slice(0, 5), "audit"],
    [file.slice(2, 100), "dit log"],
    [file.slice(-3), "log"],
    [file.slice(2).slice(1, 3), "it"],
    [file.slice(9), ""],
  ])) {
    assert.equal(part.size, expected.length);
    assert.equal(text(await part.arrayBuffer()), expected);
    assert.equal(text(/** @type {any} */ (new FileReaderSync()).readAsArrayBuffer(part)), expected);
  }
  const copy = new globalThis.Blob([bytes("copy")]);
  assert.equal(text(await copy.slice(1).arrayBuffer()), "opy");
});

test("a file whose content the page could not read cannot be read", async () => {
  const file = new File(["audit log"], "b.log");
  await assert.rejects(file.arrayBuffer(), { name: "NotReadableError" });
  await assert.rejects(file.slice(1).arrayBuffer(), { name: "NotReadableError" });
});

test("a stream of bytes cannot be made, so that slices are read", () => {
  assert.throws(() => new ReadableStreamBYOBReader(new Blob(["a"]).stream()), TypeError);
});
