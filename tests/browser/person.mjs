// What a person does on the page and reads off it in any of the engines, by role and name, so that the journeys read as their sentences.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./harness.mjs";
import { css, role } from "./target.mjs";
import { sleep } from "./tab.mjs";

/** The requests' log of the examples: a line for each event. */
export const REQUESTS = readFileSync(join(root, "web/worker/examples/requests.jsonl"), "utf8").trimEnd().split("\n");

/** So long that the engine takes readers to help it, which are workers that a worker starts: it does from 32 MiB on. */
const LARGE_BYTES = 40 << 20;

/** The requests' log over and over: every round a request of its own. */
export function large() {
  const rounds = Math.ceil(LARGE_BYTES / REQUESTS.join("\n").length);
  const round = (number) => REQUESTS.map((line) => line.replace('"auditID":"', `"auditID":"r${number}-`));
  return Array.from({ length: rounds }, (_, number) => round(number)).flat();
}

/** An example's policy, by its file's name without the extension. */
export const example = (name) => readFileSync(join(root, `web/worker/examples/${name}.yaml`), "utf8");

export const banner = role("banner");
/** The row that chooses what is next to the policy: events, volume, comparison, query. */
export const effects = role("navigation", "Effects of the policy");
export const answer = role("region", "Answer");
export const policyPane = role("region", "policy.yaml");
export const editor = role("textbox", "Audit policy");
export const eventsPane = role("region", "Events");
export const grid = role("grid", "Events");
export const inspector = role("region", "Inspector");
export const panel = inspector.role("tabpanel");
/** Alerts, which screen readers read out immediately. */
export const alert = css("[role=alert]");
/** The field behind the button *Open log…*. No engine lets a test answer the window that the button opens. */
export const PICKER = "#open-files";

/** The whole text of the policy in the editor, also the lines that are not drawn. */
export function policyText(tab) {
  return tab.on(editor, ([content]) => content?.cmTile?.view.state.sliceDoc() ?? null);
}

/** The server's verdict on the policy: `accepted, 2 findings`. */
export function verdict(tab) {
  return tab.text(policyPane.role("status"));
}

/** The status line under the table: `9 of 318 events`. */
export async function listed(tab) {
  return (await tab.texts(eventsPane.role("status"))).join(" ");
}

/** Returns the number of events of the open log, or null if no log is open. */
export async function eventCount(tab) {
  const found = /([\d,]+) events?\b/.exec(await listed(tab));
  return found ? Number(found[1].replaceAll(",", "")) : null;
}

/** Events written of events recorded: `92 of 292`. */
export async function written(tab) {
  const texts = await tab.texts(answer.css("p").text("events written"));
  return (texts[0] ?? "").replace(/ events written.*/, "").replace(" from ", " of ").trim();
}

/** Every rule's chip in order: `rule 1 M: Metadata, 318 events`. */
export function chips(tab) {
  return tab.on(policyPane.role("group", "Rules").css("button"), (buttons) => buttons.map((button) => button.getAttribute("aria-label")));
}

/** The element with the focus, by its role or tag and its name. */
export function focused(tab) {
  return tab.evaluate(() => {
    const element = window.__inPage.focused();
    const named = element.getAttribute("aria-labelledby");
    const name = element.getAttribute("aria-label") ?? (named && document.getElementById(named)?.innerText) ?? element.labels?.[0]?.innerText ?? element.innerText;
    return { role: element.getAttribute("role") ?? element.tagName.toLowerCase(), name: (name ?? "").replace(/\s+/g, " ").trim() };
  });
}

/** Selects the whole policy and pastes a text over it, by keys. */
export async function pastePolicy(tab, text) {
  await tab.copy(text);
  await tab.focus(editor);
  await tab.press("Control+a", "Control+v");
  await tab.until(() => policyText(tab), text, "the policy is pasted");
}

/** Opens a worked example by its title. */
export async function openExample(tab, title) {
  await tab.click(banner.role("button", /^Examples/));
  await tab.click(role("menuitem", new RegExp(`^${title}`)));
  await tab.has(css("[role=grid] [aria-selected=true]"));
}

/** Replaces the text of a field, key by key. */
export async function fill(tab, field, text, delay = 0) {
  await tab.click(field);
  await tab.press("Control+a");
  await tab.type(text, delay);
}

/** The value of a field. */
export function value(tab, field) {
  return tab.on(field, ([input]) => input?.value ?? null);
}

/** Returns the settings of the header, which the page saves: version and theme. */
export async function settings(tab) {
  return tab.evaluate(() => ({
    version: /** @type {HTMLSelectElement | null} */ (document.querySelector("#version"))?.value ?? null,
    theme: document.documentElement.dataset.theme ?? null,
  }));
}

/** Time to wait after an action before its result is checked. */
const QUIET_MS = 250;

/**
 * Fails where work is lost: another policy in the editor, another log or none, a setting that is not as chosen, or a banner that says
 * that the page has stopped.
 * @param {import("./tab.mjs").Tab} tab
 * @param {{ policy: string, events: number | null, settings: object }} expected
 * @param {string} [after] what was done before, for the message
 */
export async function lookForLostWork(tab, expected, after = "") {
  // What was opened is read to its end first, and what would happen next gets the time to happen.
  await sleep(QUIET_MS);
  await tab.until(() => tab.count(css("progress")), 0, "everything is read");
  await tab.until(async () => ({
    policy: await policyText(tab),
    events: await eventCount(tab),
    settings: await settings(tab),
    stopped: (await tab.texts(alert)).filter((text) => /stopped|crashed|reload the page/i.test(text)),
  }), { ...expected, stopped: [] }, undefined).catch((error) => {
    error.message = `work is lost after: ${after}\n${error.message}`;
    throw error;
  });
  await tab.until(() => tab.count(grid), expected.events ? 1 : 0, `the table after: ${after}`);
}
