// Where programs are.

import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The path of the first of these programs that is on the PATH, or undefined. */
export function onPath(...programs) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return programs.flatMap((program) => folders.map((folder) => join(folder, program))).find((path) => existsSync(path));
}

/** Returns the path of Chromium or Chrome, or undefined if neither is installed. `$CHROMIUM` overrides it. */
export function findChromium() {
  const mac = ["/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"];
  const installed = onPath("chromium", "chromium-browser", "google-chrome-stable", "google-chrome");
  return [process.env.CHROMIUM, installed, ...mac].find((path) => path && existsSync(path));
}
