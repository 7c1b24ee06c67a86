// The same for Node.js, where a module next to this file is read instead of fetched.

import { readFile } from "node:fs/promises";
import { init as initFrom } from "./index.js";

export * from "./index.js";

export function init(source) {
  if (source === undefined) return initFrom(readFile(new URL("./engine_bg.wasm", import.meta.url)));
  const isFile = source instanceof URL ? source.protocol === "file:" : typeof source === "string" && source.startsWith("file:");
  return initFrom(isFile ? readFile(new URL(source)) : source);
}
