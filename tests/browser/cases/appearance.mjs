// The page in other lights: every part and dialog in each size and theme, forced colors, on paper, and where a page begins.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { axe, root, shot, test } from "../harness.mjs";
import { answer, becomes, chips, drop, editor, eventsPane, findings, grid, openExample, pastePolicy, tab, verdict } from "../page.mjs";

/** Rules of axe for the dark theme, which only has other colors. */
const COLORS = ["color-contrast", "link-in-text-block"];
const SIZES = [[1440, 900], [768, 1024], [390, 844]];
const EVERYTHING = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Request\n  verbs: [create, update, patch, delete]\n- level: Metadata\n";
const volume = (page) => page.getByRole("region", { name: "Volume" });

/** Shows a part, by the row above the events on a wide page and by the parts' own row on a narrow one. */
async function part(page, name, width) {
  if (width < 720) await page.getByRole("navigation", { name: "Panes" }).getByRole("button", { name }).click();
  else if (["Volume", "Compare", "Ask"].includes(name)) await page.getByRole("navigation", { name: "Effects of the policy" }).getByRole("button", { name }).click();
}

const PARTS = {
  Policy: async (page) => { await findings(page).waitFor(); },
  Events: async (page) => { await grid(page).getByRole("row").nth(2).waitFor(); },
  Inspector: async (page, width, rules) => {
    await part(page, "Events", width);
    await grid(page).locator("[aria-rowindex='3']").click();
    for (const name of ["Why", "As written", "Request", /^Problems/]) {
      await tab(page, name).click();
      assert.deepEqual(await axe(page, rules), [], String(name));
    }
  },
  Volume: async (page) => {
    await volume(page).getByText("Written for this log").waitFor();
    // With rules to add, a pinned policy, and everything opened.
    await volume(page).getByRole("button", { name: "Pin as baseline" }).click();
    await volume(page).getByRole("button", { name: /^Add to policy/ }).first().waitFor();
    await volume(page).locator("details").evaluateAll((all) => all.forEach((one) => { one.open = true; }));
  },
};

const DIALOGS = {
  Export: async (page) => {
    const dialog = page.getByRole("dialog", { name: "Export" });
    await dialog.getByRole("combobox", { name: "Target" }).waitFor();
    await dialog.locator("details").evaluateAll((all) => all.forEach((one) => { one.open = true; }));
  },
  "Paste log": (page) => page.getByRole("dialog", { name: "Paste a log" }).waitFor(),
  "Keyboard shortcuts and filter terms": (page) => page.getByRole("dialog", { name: "Keyboard shortcuts and filter terms" }).waitFor(),
  Verified: (page) => page.getByRole("dialog", { name: "What is verified" }).waitFor(),
  "Generate a log": (page) => page.getByRole("dialog", { name: "Generate a log" }).waitFor(),
};

const fits = async (page, width, name) =>
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, `${name} is wider than the window`);

for (const [width, height] of SIZES) {
  for (const theme of ["light", "dark"]) {
    test(`axe finds nothing in any part and dialog at ${width} px, ${theme}`, { width, height, theme, long: true }, async (page) => {
      const rules = theme === "dark" ? COLORS : undefined;
      await openExample(page, "Production policy");
      await part(page, "Policy", width);
      await pastePolicy(page, EVERYTHING);
      await becomes(async () => (await verdict(page)).startsWith("accepted"), true);
      for (const [name, enter] of Object.entries(PARTS)) {
        await part(page, name, width);
        await enter(page, width, rules);
        await shot(page, `part-${name}-${width}-${theme}`);
        assert.deepEqual(await axe(page, rules), [], name);
        await fits(page, width, name);
      }
      for (const [name, enter] of Object.entries(DIALOGS)) {
        const where = name === "Generate a log" ? volume(page) : page.getByRole("banner");
        await where.getByRole("button", { name }).click();
        await enter(page);
        await shot(page, `dialog-${name.replaceAll(" ", "-")}-${width}-${theme}`);
        assert.deepEqual(await axe(page, rules), [], name);
        await fits(page, width, name);
        await page.keyboard.press("Escape");
        await page.getByRole("dialog").waitFor({ state: "detached" });
      }
    });
  }
}

/** Returns the colors, border and outline of an element, to compare elements while the system chooses the colors. */
const look = (locator) => locator.evaluate((element) => {
  const style = getComputedStyle(element);
  const { backgroundColor, color, borderTopColor, borderTopWidth, outlineStyle, outlineColor } = style;
  return JSON.stringify({ backgroundColor, color, borderTopColor, borderTopWidth, outlineStyle, outlineColor });
});

for (const theme of ["light", "dark"]) {
  test(`with forced colors, what is chosen and what colors mean is still seen, ${theme}`, { theme }, async (page) => {
    await page.emulateMedia({ forcedColors: "active", colorScheme: /** @type {"light" | "dark"} */ (theme) });
    await openExample(page, "Catch-all first");
    const differ = async (one, other, what) => assert.notEqual(await look(one), await look(other), what);
    await grid(page).locator("[aria-rowindex='4']").click();
    await differ(grid(page).locator("[aria-rowindex='4']"), grid(page).locator("[aria-rowindex='6']"), "selected row");
    await eventsPane(page).getByRole("button", { name: "written", exact: true }).click();
    await differ(eventsPane(page).getByRole("button", { name: "written", exact: true }), eventsPane(page).getByRole("button", { name: "dropped", exact: true }), "pressed button");
    const by = answer(page).getByRole("group", { name: "Break down by" });
    await differ(by.getByRole("button", { name: "level" }), by.getByRole("button", { name: "rule" }), "pressed switch");
    await differ(tab(page, "Why"), tab(page, "Request"), "chosen tab");
    const swatches = await answer(page).locator(".legend .swatch").evaluateAll((all) => all.map((one) => getComputedStyle(one).backgroundColor + getComputedStyle(one).boxShadow));
    assert.equal(new Set(swatches).size, 4, "the legend's colors differ");
    await shot(page, `forced-${theme}`);
    await page.getByRole("navigation", { name: "Effects of the policy" }).getByRole("button", { name: "Volume" }).click();
    await volume(page).getByText("Written for this log").waitFor();
    await differ(volume(page).getByRole("tab", { name: "by user" }), volume(page).getByRole("tab", { name: "by verb" }), "chosen tab of the volume");
    await shot(page, `forced-volume-${theme}`);
    assert.deepEqual((await axe(page)).filter((line) => !line.startsWith("color-contrast")), []);
  });
}

/** The text of a PDF; `null` where there is no tool to read one. */
function textOf(path) {
  const { error, stdout } = spawnSync("pdftotext", ["-layout", path, "-"], { encoding: "utf8" });
  return error ? null : stdout;
}

for (const theme of ["light", "dark"]) {
  test(`the page is printed as a report, ${theme}`, { theme }, async (page) => {
    await openExample(page, "Production policy");
    // Longer than the editor shows at once.
    const rules = Array.from({ length: 80 }, (_, place) => `- level: None\n  users: ["user-${place}"]\n`).join("");
    await pastePolicy(page, `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n${rules}- level: Metadata\n  verb: [get]\n- level: Metadata\n`);
    await becomes(async () => (await verdict(page)).startsWith("accepted"), true);
    await page.getByRole("navigation", { name: "Effects of the policy" }).getByRole("button", { name: "Volume" }).click();
    await volume(page).getByText("Written for this log").waitFor();
    await becomes(() => volume(page).locator(".pending").count(), 0);
    const path = join(root, "target", "screenshots", `print-${theme}.pdf`);
    mkdirSync(join(root, "target", "screenshots"), { recursive: true });
    const pdf = await page.pdf({ format: "A4", printBackground: false });
    writeFileSync(path, pdf);
    const pages = (pdf.toString("latin1").match(/\/Type\s*\/Page\b(?!s)/g) ?? []).length;
    assert.ok(pages >= 2 && pages <= 16, `${pages} pages`);
    const text = textOf(path);
    if (text === null) return console.log("       (pdftotext is not installed: the text on paper was not compared)");
    for (const part of ["events written", "per day", "user-0\"", "user-79\"", "Rules", "Events matched", "AP0", "Written for this log", "Over time", "by user"]) {
      assert.ok(text.includes(part), `\`${part}\` is not on paper`);
    }
    for (const part of ["Open log", "Group by", "Examples"]) assert.ok(!text.includes(part), `\`${part}\` is on paper`);
    // What was there for the printer is gone.
    assert.equal(await page.locator(".printed").count(), 0);
  });
}

test("the editor and the table begin at their first line, at first and for every example", {}, async (page) => {
  const tops = () => page.evaluate(() => [
    document.querySelector("#events-grid")?.scrollTop, document.querySelector(".editor").shadowRoot.querySelector(".cm-scroller").scrollTop,
  ]);
  await page.waitForTimeout(300);
  assert.deepEqual(await tops(), [0, 0]);
  for (const title of ["Misnested verbs", "Deployments in the wrong group", "Production policy"]) {
    await openExample(page, title);
    await page.waitForTimeout(300);
    assert.deepEqual(await tops(), [0, 0], title);
  }
  // A row that is chosen is scrolled to, and so is its rule.
  await grid(page).focus();
  await page.keyboard.press("End");
  await becomes(async () => (await tops())[0] > 0, true);
  // Another log begins at its first line again.
  await drop(page, { "one.log": Array.from({ length: 60 }, (_, place) => `{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"${place}","stage":"ResponseComplete","requestURI":"/x","verb":"get","user":{"username":"u"}}`).join("\n") });
  await becomes(async () => (await tops())[0], 0);
});

test("Tab comes to the rules' chips", {}, async (page) => {
  await openExample(page, "Production policy");
  const focus = () => page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element.getAttribute("aria-label") ?? "";
  });
  await editor(page).focus();
  await page.keyboard.press("Shift+Tab");
  assert.match(await focus(), /^rule \d+ /);
  await page.keyboard.press("End");
  await becomes(async () => (await focus()).split(" ")[1], String((await chips(page)).length >= 9 ? 9 : (await chips(page)).length));
  await page.keyboard.press("Tab");
  assert.equal(await focus(), "Audit policy");
});

test("bars show shares of the whole, and no table has two columns of one name", {}, async (page) => {
  await openExample(page, "Catch-all first");
  const heads = (table) => table.getByRole("columnheader").allInnerTexts();
  const isUnique = async (table) => {
    const names = await heads(table);
    assert.equal(new Set(names).size, names.length, names.join(", "));
  };
  await eventsPane(page).getByRole("combobox", { name: "Group by" }).selectOption("by verb");
  const groups = eventsPane(page).getByRole("region", { name: "Groups" });
  await groups.waitFor();
  await isUnique(groups);
  const percent = (width) => Number(width.replace("%", ""));
  const widths = await groups.locator("rect.of-in").evaluateAll((all) => all.map((one) => one.getAttribute("width")));
  const sum = widths.reduce((sum, width) => sum + percent(width), 0);
  assert.ok(Math.abs(sum - 100) < 0.5, `the groups' bars add up to ${sum} %`);

  await page.getByRole("navigation", { name: "Effects of the policy" }).getByRole("button", { name: "Volume" }).click();
  await volume(page).getByText("Written for this log").waitFor();
  await volume(page).locator("details").evaluateAll((all) => all.forEach((one) => { one.open = true; }));
  for (const table of await volume(page).getByRole("table").all()) await isUnique(table);
  for (const row of await volume(page).getByRole("tabpanel").locator("tbody tr").all()) {
    const share = await row.getByRole("cell").nth(2).innerText();
    const width = percent(await row.locator("rect.of-in").getAttribute("width"));
    assert.ok(share.startsWith("<") ? width < 1 : Math.abs(Number.parseInt(share, 10) - width) <= 0.51, `${share} is drawn as ${width} %`);
  }
});

test("the rate of logs far apart mentions the gap between them", {}, async (page) => {
  const at = (day, second) => `2026-0${day}-01T00:0${Math.floor(second / 60)}:${String(second % 60).padStart(2, "0")}.000000Z`;
  const event = (day, second) => JSON.stringify({
    kind: "Event", apiVersion: "audit.k8s.io/v1", level: "Metadata", auditID: `${day}-${second}`, stage: "ResponseComplete", requestURI: "/api/v1/pods",
    verb: "list", user: { username: "u" }, requestReceivedTimestamp: at(day, second), stageTimestamp: at(day, second),
  });
  const log = (day) => Array.from({ length: 120 }, (_, place) => event(day, place * 2)).join("\n");
  await drop(page, { "january.log": log(1), "april.log": log(4) });
  await becomes(() => eventsPane(page).getByRole("status").innerText().then((text) => /^240 events/.test(text)), true);
  // From 1 January to 1 April are 90 days.
  await answer(page).getByText(/no events for (?:89|90) days of the 90 days between the first and the last/).waitFor();
  await answer(page).getByText("▲ per day, rough estimate").waitFor();
});

test("at medium width, the header has two lines, and the version keeps its name", { width: 768, height: 1024 }, async (page) => {
  const header = page.getByRole("banner");
  const lines = await header.locator("> :not(.grow, .skip, [hidden])").evaluateAll((items) =>
    new Set(items.map((item) => item.getBoundingClientRect()).map(({ top, bottom }) => Math.round((top + bottom) / 2))).size);
  assert.equal(lines, 2);
  await header.getByRole("combobox", { name: "Kubernetes version", exact: true }).waitFor();
  assert.equal(await header.getByText("Kubernetes", { exact: true }).isVisible(), false);
});
