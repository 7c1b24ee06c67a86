// The page's one script: starts the interface, or says why it could not.
//
// `interface` and `INTERFACE_WASM` are filled in by finish.mjs.

import init from "interface";
import { source } from "../js/parts.js";
import { prepare } from "../js/start.js";

try {
  // The engine is loaded at the same time as the interface.
  prepare();
  await init({ module_or_path: await source.module(INTERFACE_WASM) });
} catch (error) {
  const sentence = document.createElement("p");
  sentence.className = "fatal";
  sentence.setAttribute("role", "alert");
  sentence.textContent = `The page could not start: ${error}. Reload it, or use a browser from the last three years.`;
  document.getElementById("starting")?.remove();
  document.body.prepend(sentence);
  throw error;
}
