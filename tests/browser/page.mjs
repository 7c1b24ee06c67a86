// What a person does on the page and reads off it, by role and name, so that the cases read as their sentences.

import assert from "node:assert/strict";

/** Longer than any answer of the page takes on a slow machine. */
const SOON_MS = 30_000;

/** The policy editor. */
export const editor = (page) => page.getByRole("textbox", { name: "Audit policy" });
/** The figures and the notes about them. */
export const answer = (page) => page.getByRole("region", { name: "Answer" });
/** The policy's side, with the server's verdict. */
export const policyPane = (page) => page.getByRole("region", { name: "policy.yaml" });
/** The list of findings. */
export const findings = (page) => page.getByRole("region", { name: "Findings" });
/** The events' side, with filter and status line. */
export const eventsPane = (page) => page.getByRole("region", { name: "Events", exact: true });
/** The table. */
export const grid = (page) => page.getByRole("grid", { name: "Events" });
/** A tab of the inspector. */
export const tab = (page, name) => page.getByRole("tablist", { name: "Inspector" }).getByRole("tab", { name });
/** The content of the selected tab of the inspector. */
export const panel = (page) => page.getByRole("region", { name: "Inspector" }).getByRole("tabpanel");
/** The chip of a rule in the editor's gutter, counted from 1. */
export const chip = (page, rule) => page.getByRole("button", { name: new RegExp(`^rule ${rule} (?:N|M|R|RR):`) });

/** Waits until `read()` gives what is expected, and shows the difference where it never does. */
export async function becomes(read, expected, what = "") {
  const end = Date.now() + SOON_MS;
  for (;;) {
    const found = await read();
    try {
      assert.deepEqual(found, expected, what);
      return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await new Promise((later) => setTimeout(later, 20));
  }
}

/** `92 of 292`, or `97 from 292` where some are derived: the figure above this label. */
export async function figure(page, label) {
  const one = answer(page).getByRole("paragraph").filter({ hasText: label });
  return (await one.innerText()).split("\n").slice(0, -1).join(" ").replace(/\s+/g, " ").trim();
}

/** Events written of events recorded, as soon as they are these. */
export async function written(page, out, recorded) {
  const grouped = (count) => count.toLocaleString("en-US");
  await becomes(async () => (await figure(page, "events written")).replace(" from ", " of "), `${grouped(out)} of ${grouped(recorded)}`);
}

/** The answer bar's totals, to the event and to the byte. */
export async function totals(page) {
  const number = (text) => Number(/[\d,]+/.exec(text)[0].replaceAll(",", ""));
  const [written, recorded] = (await figure(page, "events written")).split(/ of | from /);
  const events = answer(page).getByRole("paragraph").filter({ hasText: "events written" });
  const bytes = answer(page).getByRole("paragraph").filter({ hasText: "bytes written" });
  const [writtenBytes, recordedBytes] = (await bytes.getAttribute("title")).split(" of ");
  const derived = /written, ([\d,]+) derived/.exec(await events.innerText());
  return {
    recorded: number(recorded), written: number(written), derived: derived ? number(derived[1]) : 0,
    recordedBytes: number(recordedBytes), writtenBytes: number(writtenBytes),
  };
}

/** `accepted, 2 findings`: the server's verdict on the policy. */
export async function verdict(page) {
  return (await policyPane(page).getByRole("status").first().innerText()).replace(/\s+/g, " ").trim();
}

/** Every chip's name in order: `rule 1 M: Metadata, 318 events`. */
export function chips(page) {
  // At one moment: a chip that is counted may be gone when it is asked.
  const all = policyPane(page).getByRole("group", { name: "Rules" }).getByRole("button");
  return all.evaluateAll((all) => all.map((one) => one.getAttribute("aria-label")));
}

/** Replaces the policy with a text from the clipboard. */
export async function pastePolicy(page, text) {
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await editor(page).focus();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.press("ControlOrMeta+v");
}

/** Opens a worked example by its title, and waits for the event that it begins with. */
export async function openExample(page, title) {
  await page.getByRole("banner").getByRole("button", { name: "Examples" }).click();
  await page.getByRole("menuitem", { name: title }).click();
  // On a narrow screen the inspector is there and not in sight.
  await page.locator("[role=grid] [aria-selected=true]").waitFor({ state: "attached" });
  await page.locator(".inspector [role=tabpanel]", { hasText: /rule \d+ matches|no rule matches/ }).waitFor({ state: "attached" });
}

/** Presses keys as a person does, frames apart. */
export async function press(page, ...keys) {
  for (const key of keys) {
    await page.keyboard.press(key);
    await drawn(page);
  }
}

/** Waits until what was done last is on the screen. */
function drawn(page) {
  return page.evaluate(() => new Promise((frame) => requestAnimationFrame(() => requestAnimationFrame(frame))));
}

/** Chooses files by the file picker: paths, or what `files` of the harness makes. */
export async function pick(page, chosen) {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("banner").getByRole("button", { name: /^Open log/ }).click();
  await (await chooser).setFiles(chosen);
}

/** Drags files over the page and lets them go: `{ "a.log": "text" }`. */
export async function drop(page, contents) {
  const data = await page.evaluateHandle((contents) => {
    const data = new DataTransfer();
    for (const [name, text] of Object.entries(contents)) data.items.add(new File([text], name));
    return data;
  }, contents);
  for (const type of ["dragenter", "dragover", "drop"]) await page.locator("body").dispatchEvent(type, { dataTransfer: data });
}

/** The names of the table's columns. */
export async function columns(page) {
  const heads = grid(page).getByRole("columnheader");
  await heads.first().waitFor();
  return (await heads.allInnerTexts()).map((name) => name.replace(/ [↑↓]$/, ""));
}

/** The cells of the rows that are drawn now, each with its place in the view; a row that is still to come has one cell. */
export function drawnRows(page) {
  return grid(page).evaluate((grid) =>
    [...grid.querySelectorAll("[role=row][aria-rowindex]")].slice(1).map((row) => ({
      place: Number(row.getAttribute("aria-rowindex")) - 2,
      cells: [...row.querySelectorAll("[role=gridcell]")].filter((cell) => cell.checkVisibility()).map((cell) => cell.textContent.trim()),
    })));
}

/** Puts the row at this place at the top of the table, as scrolling does. */
export async function scrollTo(page, place) {
  await grid(page).evaluate((grid, place) => {
    const row = [...grid.querySelectorAll("[role=row][aria-rowindex]")].at(-1);
    grid.scrollTop = place * row.getBoundingClientRect().height;
  }, place);
  await drawn(page);
}

/** Chooses the row at this place in the view. */
export async function choose(page, place) {
  await scrollTo(page, place);
  const row = grid(page).locator(`[aria-rowindex="${place + 2}"]`);
  await row.click();
  await becomes(() => row.getAttribute("aria-selected"), "true", `row ${place + 1} is selected`);
}

/** The whole table, scrolled from top to bottom: for every event its cells. One visit to the page, since a step is a matter of frames. */
export function readTable(page) {
  return grid(page).evaluate(async (grid, patience) => {
    const drawn = () => [...grid.querySelectorAll("[role=row][aria-rowindex]")].slice(1);
    const place = (row) => Number(row.getAttribute("aria-rowindex")) - 2;
    const cells = (row) => [...row.querySelectorAll("[role=gridcell]")];
    const total = Number(grid.getAttribute("aria-rowcount")) - 1;
    const height = drawn()[0]?.getBoundingClientRect().height ?? 0;
    const isSeen = [...grid.querySelectorAll("[role=columnheader]")].map((head) => head.checkVisibility());
    const table = [];
    while (table.length < total) {
      grid.scrollTop = table.length * height;
      const end = performance.now() + patience;
      let rows = [];
      while (!rows.some((row) => place(row) === table.length) || rows.some((row) => cells(row).length === 1)) {
        if (performance.now() > end) throw new Error(`row ${table.length + 1} of ${total} is not drawn`);
        await new Promise(requestAnimationFrame);
        rows = drawn();
      }
      for (const row of rows) {
        if (place(row) === table.length) table.push(cells(row).map((cell) => cell.textContent.trim()).filter((_, at) => isSeen[at]));
      }
    }
    return table;
  }, SOON_MS);
}

/** Key of the only workspace that earlier versions of the page kept. */
export const FIRST_KEY = "audit-policy-playground/workspace";

/** Texts of the workspaces that the browser keeps, by their keys. */
export const keptTexts = (page) => page.evaluate((first) => {
  const keys = Object.keys(localStorage).filter((key) => key.startsWith(first));
  return Object.fromEntries(keys.map((key) => [key, localStorage.getItem(key) ?? ""]));
}, FIRST_KEY);

/** Waits until the browser has kept a text. */
export const kept = (page, text) => becomes(async () => Object.values(await keptTexts(page)).some((one) => one.includes(text)), true);
