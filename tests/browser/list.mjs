// What there is to run: the same list in every process.

import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { allCases } from "./harness.mjs";
import { allJourneys } from "./journeys.mjs";

/** Something to run: its place in the list, whether it is a case or a journey, and what its line calls it. */
/** @typedef {{ place: number, kind: "case" | "journey", label: string, one: { name: string, reason?: string, settings?: { alone?: boolean, long?: boolean } } }} Item */

/**
 * Returns the cases and journeys for an engine, in the order of the files.
 * @param {string} engine
 * @returns {Promise<Item[]>}
 */
export async function listed(engine) {
  if (engine === "chromium") await load("cases");
  await load("journeys");
  const cases = allCases().map((one) => ({ kind: /** @type {const} */ ("case"), label: one.name, one }));
  const journeys = allJourneys().map((one) => ({ kind: /** @type {const} */ ("journey"), label: `${engine}: ${one.name}`, one: { ...one, reason: one.settings.skip?.[engine] } }));
  return [...cases, ...journeys].map((item, place) => ({ place, ...item }));
}

/** Imports every file of a folder, which adds what it tests. */
async function load(name) {
  const folder = join(dirname(fileURLToPath(import.meta.url)), name);
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".mjs")).sort()) {
    await import(pathToFileURL(join(folder, file)).href);
  }
}
