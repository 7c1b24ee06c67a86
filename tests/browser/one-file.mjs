// Places where the one file is opened: a folder with copies of it, on disk and behind a server, with a page that has it in a frame.

import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { NAME, RELEASE } from "../../web/build/one-file.mjs";
import { serve } from "../../web/build/server.mjs";
import { element, host, hosts } from "./widget.mjs";

const HOST = "host.html";
const FRAMED = `<!DOCTYPE html><title>Host</title><link rel="icon" href="data:,"><style>html, body { margin: 0; height: 100%; overflow: hidden } iframe { border: 0; width: 100%; height: 100%; display: block }</style>
<iframe sandbox="allow-scripts allow-downloads allow-popups" allow="clipboard-read; clipboard-write" src="${NAME}"></iframe>`;

/** The place in the middle where a character begins: browsers report half a character. */
const middleOf = (file) => (file.length - (file.length % 4)) / 2;
/** A copy that was cut in the middle. */
const HALF = (file) => file.subarray(0, middleOf(file));
/** A copy with another character in the middle of the parts. */
const changed = (file) => {
  const copy = Buffer.from(file);
  const middle = middleOf(copy);
  copy.writeUInt16LE(copy.readUInt16LE(middle) ^ 1, middle);
  return copy;
};
const COPIES = { "cut.html": HALF, "changed.html": changed };

/** A place where the page is opened: `disk` or `frame`, for a copy that does not start its name, and `widget` for a page with the element. */
/** @typedef {"disk" | "frame" | "widget" | keyof typeof COPIES} Place */

/** Serves a page with three elements. */
export async function widgetPlace() {
  const name = "host.html";
  const { server, address, close } = await hosts({ [name]: host(element() + element() + element()) });
  return { server, address: () => address(name), close };
}

/** Returns the places, which `close` removes. */
export async function places() {
  const file = join(RELEASE, NAME);
  if (!existsSync(file)) throw new Error("the one file is missing: make it first, with `node web/build/one-file.mjs`");
  const folder = mkdtempSync(join(tmpdir(), "one-file-"));
  copyFileSync(file, join(folder, NAME));
  for (const [name, made] of Object.entries(COPIES)) writeFileSync(join(folder, name), made(readFileSync(file)));
  writeFileSync(join(folder, HOST), FRAMED);
  const server = await serve(folder, ["/"]);
  const onDisk = (name) => pathToFileURL(join(folder, name)).href;
  return {
    server,
    /** @param {Place} place */
    address: (place) => (place === "frame" ? `${server.origin}/${HOST}` : onDisk(place === "disk" ? NAME : place)),
    close: async () => {
      rmSync(folder, { recursive: true, force: true });
      await server.close();
    },
  };
}
