// Everything by keyboard, with a focus that is seen; the narrow page; and what axe says of the page's main states.

import assert from "node:assert/strict";
import { axe, files, shot, test } from "../harness.mjs";
import {
  answer, becomes, chips, editor, eventsPane, findings, grid, openExample, panel, pastePolicy, pick, press, tab, verdict, written,
} from "../page.mjs";

/** The element that has the focus, by its role or tag and its name. */
function focused(page) {
  return page.evaluate(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    const named = element.getAttribute("aria-labelledby");
    const name = element.getAttribute("aria-label") ?? (named && document.getElementById(named)?.innerText) ?? /** @type {any} */ (element).labels?.[0]?.innerText ?? /** @type {HTMLElement} */ (element).innerText;
    return { role: element.getAttribute("role") ?? element.tagName.toLowerCase(), name: (name ?? "").replace(/\s+/g, " ").trim() };
  });
}

/** Returns whether the page looks different when nothing has the focus. */
async function isFocusSeen(page) {
  const element = await page.evaluateHandle(() => {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element;
  });
  const look = () => page.screenshot({ caret: "initial" });
  const before = await look();
  await element.evaluate((element) => element.blur());
  const without = await look();
  await element.evaluate((element) => element.focus({ preventScroll: true }));
  return !before.equals(without);
}

/** Presses Tab until the focus is on what has this name, and this role if one is given. */
async function tabTo(page, name, role = null) {
  for (let steps = 0; steps < 80; steps += 1) {
    await press(page, "Tab");
    const now = await focused(page);
    if (name.test(now.name) && (role === null || now.role === role)) return now;
  }
  return assert.fail(`Tab never comes to ${name}`);
}

test("Tab comes to everything, and everything shows that it is there", {}, async (page) => {
  await openExample(page, "Misnested verbs");
  // The menu gave the focus back to its button; a ring shows only where keys were used. The workspace's menu comes last, around the page's end.
  await press(page, "Tab", "Shift+Tab");
  const names = [];
  for (let steps = 0; steps < 60; steps += 1) {
    const { role, name } = await focused(page);
    if (role === "body" || (names.length > 0 && /^Examples/.test(name))) break;
    assert.ok(await isFocusSeen(page), `${role} \`${name}\` does not show the focus`);
    names.push(name);
    await press(page, "Tab");
  }
  // In the order of reading.
  const expected = [
    /^Examples/, /^Open log/, /^Paste log/, /^Kubernetes version/, /^Keyboard shortcuts and filter terms/, /Theme: /, /^Export/, /^N None/, /^M Metadata/,
    /^R Request/, /^RR RequestResponse/, /^level/, /^rule/, /^events/, /^bytes/, /^Audit policy/, /^Findings/, /^Fix/, /^Filter events/,
    /^written/, /^dropped/, /^Group by/, /^Events/, /^Time/, /^Why/, /^Why/,
  ];
  let at = 0;
  for (const name of names) if (expected[at]?.test(name)) at += 1;
  assert.equal(at, expected.length, `${expected[at]} does not come in its place among\n${names.join("\n")}`);
});

test("an example is opened and a finding fixed with the keyboard", {}, async (page) => {
  await tabTo(page, /^Examples/);
  await press(page, "Enter");
  await page.getByRole("menu").waitFor();
  assert.match((await focused(page)).name, /^Production policy/);
  await press(page, "ArrowDown");
  assert.match((await focused(page)).name, /^Misnested verbs/);
  await press(page, "Enter");
  await page.getByRole("menu").waitFor({ state: "detached" });
  assert.match((await focused(page)).name, /^Examples/);
  await becomes(() => chips(page), ["rule 1 RR: RequestResponse, 13 events", "rule 2 M: Metadata, 305 events"]);

  // The mis-nesting comes first among the findings, since it is the gravest.
  await tabTo(page, /AP012/);
  await press(page, "Tab");
  assert.equal((await focused(page)).name, "Fix");
  await press(page, "Enter");
  await becomes(() => chips(page), ["rule 1 RR: RequestResponse, 4 events", "rule 2 M: Metadata, 314 events"]);
});

test("Escape closes the menu and gives the focus back", {}, async (page) => {
  await tabTo(page, /^Examples/);
  await press(page, "ArrowDown");
  await page.getByRole("menu").waitFor();
  await press(page, "ArrowUp");
  assert.match((await focused(page)).name, /^Pods without exec/);
  await press(page, "Escape");
  await page.getByRole("menu").waitFor({ state: "detached" });
  assert.match((await focused(page)).name, /^Examples/);
});

test("the table is walked by keys, and the inspector follows", {}, async (page) => {
  await openExample(page, "Catch-all first");
  await press(page, "Alt+2");
  assert.equal((await focused(page)).name, "Events");
  const place = async () => {
    const id = await grid(page).getAttribute("aria-activedescendant");
    return Number(await page.locator(`[id="${id}"]`).getAttribute("aria-rowindex")) - 1;
  };
  const line = (number) => page.getByText(`requests.jsonl:${number}`, { exact: true }).waitFor();
  await press(page, "Home");
  await becomes(place, 1);
  await line(1);
  await press(page, "ArrowDown", "ArrowDown");
  await becomes(place, 3);
  await line(3);
  await press(page, "ArrowUp");
  await becomes(place, 2);
  await line(2);
  await press(page, "End");
  await becomes(place, 318);
  await line(318);
  await press(page, "PageUp");
  await becomes(async () => (await place()) < 318, true);
  await press(page, "Home", "ArrowDown");
  await line(2);
  // On to the inspector, and along its tabs.
  await press(page, "Enter");
  assert.equal((await focused(page)).role, "tabpanel");
  await press(page, "Shift+Tab");
  assert.deepEqual(await focused(page), { role: "tab", name: "Why" });
  await press(page, "ArrowRight");
  assert.equal((await focused(page)).name, "As written");
  await panel(page).getByText("658 bytes written").waitFor();
  await press(page, "ArrowRight");
  await panel(page).getByRole("rowheader", { name: "user groups" }).waitFor();
  await press(page, "Home");
  assert.equal((await focused(page)).name, "Why");
});

test("Ctrl+Enter in the policy lists the events of the cursor's rule", {}, async (page) => {
  await openExample(page, "Misnested verbs");
  await press(page, "Alt+1", "ControlOrMeta+End", "ArrowUp", "ControlOrMeta+Enter");
  await becomes(() => eventsPane(page).getByRole("status").innerText(), "305 of 318 events");
  await press(page, "ControlOrMeta+Enter");
  await becomes(() => eventsPane(page).getByRole("status").innerText(), "318 events");
});

test("the page's own keys lead to its parts", {}, async (page) => {
  /** @type {[string, RegExp][]} */
  const keys = [["Alt+1", /^Audit policy$/], ["Alt+2", /^Events$/], ["Alt+3", /^Why$/]];
  for (const [key, name] of keys) {
    await press(page, key);
    assert.match((await focused(page)).name, name, key);
  }
  await press(page, "/");
  assert.equal((await focused(page)).name, "Filter events");
  await page.keyboard.type("verb:watch");
  await becomes(async () => /^\d+ of 292 events$/.test(await eventsPane(page).getByRole("status").innerText()), true);
  await press(page, "Escape");
  await becomes(() => eventsPane(page).getByRole("status").innerText(), "292 events");
  await press(page, "Enter");
  assert.equal((await focused(page)).name, "Events");
});

/** @type {[RegExp, string][]} */
const DIALOGS = [[/^Export$/, "Export"], [/^Paste log$/, "Paste a log"], [/^Keyboard shortcuts and filter terms$/, "Keyboard shortcuts and filter terms"]];
for (const [opener, name] of DIALOGS) {
  test(`the dialog \`${name}\` takes the focus, keeps it, and gives it back`, {}, async (page) => {
    await tabTo(page, opener);
    await press(page, "Enter");
    const dialog = page.getByRole("dialog", { name });
    await dialog.waitFor();
    for (let steps = 0; steps < 25; steps += 1) {
      const outside = await page.evaluate(() => document.activeElement !== document.body && !document.activeElement.closest("dialog"));
      assert.ok(!outside, "the focus has left the dialog");
      await press(page, "Tab");
    }
    await press(page, "Escape");
    await dialog.waitFor({ state: "detached" });
    await becomes(async () => opener.test((await focused(page)).name), true);
  });
}

test("the question mark opens the keys", {}, async (page) => {
  await press(page, "Alt+2", "?");
  const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts and filter terms" });
  await dialog.waitFor();
  await press(page, "Escape");
  await dialog.waitFor({ state: "detached" });
  assert.equal((await focused(page)).name, "Events");
});

const NARROW = { width: 390, height: 844 };

/** Returns whether the page is at most as wide as the window. */
const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);

test("at 390 px one part is shown at a time", NARROW, async (page) => {
  await openExample(page, "Misnested verbs");
  const parts = page.getByRole("navigation", { name: "Panes" });
  const shown = async () => [await editor(page).isVisible(), await grid(page).isVisible(), await panel(page).isVisible()];
  /** @type {[string, boolean[]][]} */
  const panes = [["Policy", [true, false, false]], ["Inspector", [false, false, true]], ["Events", [false, true, false]]];
  for (const [name, expected] of panes) {
    await parts.getByRole("button", { name }).click();
    await becomes(shown, expected, name);
    assert.equal(await parts.getByRole("button", { name }).getAttribute("aria-pressed"), "true");
    assert.ok(await fits(page), `${name} is wider than the window`);
    assert.deepEqual(await axe(page), [], name);
  }
  // Selecting a row opens the inspector, a finding is fixed, and the figures stay visible.
  await grid(page).locator('[aria-rowindex="3"]').or(grid(page).getByRole("row").nth(2)).first().click();
  await becomes(shown, [false, false, true]);
  for (const name of ["Why", "As written", "Request", /^Problems/]) {
    await tab(page, name).click();
    assert.ok(await fits(page), `${name} is wider than the window`);
  }
  await parts.getByRole("button", { name: "Policy" }).click();
  await findings(page).getByRole("listitem").filter({ hasText: "AP012" }).getByRole("button", { name: "Fix" }).click();
  await becomes(() => chips(page), ["rule 1 RR: RequestResponse, 4 events", "rule 2 M: Metadata, 314 events"]);
  // Every event but the 146 RequestReceived ones.
  await written(page, 172, 318);
});

/** The states that a person meets, each as the way into it. */
const STATES = {
  "an example": (page) => openExample(page, "Catch-all first"),
  "a rejected policy": async (page) => {
    await pastePolicy(page, "rules:\n- level: Loud\n");
    await becomes(async () => (await verdict(page)).startsWith("rejected"), true);
  },
  "the export": async (page) => {
    await page.getByRole("button", { name: "Export" }).click();
    await page.getByRole("dialog").getByRole("combobox", { name: "Target" }).waitFor();
  },
  "the keys": async (page) => {
    await page.getByRole("button", { name: "Keyboard shortcuts and filter terms" }).click();
    await page.getByRole("dialog").waitFor();
  },
  "what is verified": async (page) => {
    await page.getByRole("button", { name: "Verified" }).click();
    await page.getByRole("dialog").getByRole("table").waitFor();
  },
  "the box to paste into": async (page) => {
    await page.getByRole("button", { name: "Paste log" }).click();
    await page.getByRole("dialog").waitFor();
  },
  "the examples menu": async (page) => {
    await page.getByRole("banner").getByRole("button", { name: "Examples" }).click();
    await page.getByRole("menu").waitFor();
  },
  groups: async (page) => {
    await eventsPane(page).getByRole("combobox", { name: "Group by" }).selectOption("by user");
    await eventsPane(page).getByRole("region", { name: "Groups" }).waitFor();
  },
  "a filter that fits nothing": async (page) => {
    await page.getByRole("combobox", { name: "Filter events" }).fill("user:nobody");
    await grid(page).getByText("No events match this filter").waitFor();
  },
  "the division by rule": async (page) => {
    await answer(page).getByRole("group", { name: "Break down by" }).getByRole("button", { name: "rule" }).click();
    await answer(page).getByRole("button", { name: /^9 M/ }).waitFor();
  },
  "an empty log": async (page) => {
    await pick(page, files({ "empty.log": "" }));
    await page.getByRole("alert").getByText("empty.log was not opened: no audit events in it.").waitFor();
  },
  "unreadable lines": async (page) => {
    await pick(page, files({ "flawed.log": '{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","stage":"ResponseComplete","requestURI":"/x","verb":"get","user":{"username":"u"}}\nno JSON\n' }));
    await eventsPane(page).getByRole("button", { name: "1 problem" }).click();
    await panel(page).getByRole("row").first().waitFor();
  },
  "as written": async (page) => {
    await tab(page, "As written").click();
    await panel(page).getByText(/recorded|Not written/).first().waitFor();
  },
  "the request": async (page) => {
    await tab(page, "Request").click();
    await panel(page).getByRole("rowheader").first().waitFor();
  },
};

for (const theme of ["light", "dark"]) {
  for (const [name, enter] of Object.entries(STATES)) {
    test(`axe finds nothing in ${name}, ${theme}`, { theme }, async (page) => {
      await enter(page);
      assert.deepEqual(await axe(page), []);
      assert.ok(await fits(page));
    });
  }
}
for (const name of ["a rejected policy", "the export", "the keys", "what is verified", "groups", "an empty log", "as written"]) {
  test(`axe finds nothing in ${name} at 390 px`, NARROW, async (page) => {
    const parts = page.getByRole("navigation", { name: "Panes" });
    if (name === "a rejected policy") await parts.getByRole("button", { name: "Policy" }).click();
    if (name === "as written") await parts.getByRole("button", { name: "Inspector" }).click();
    await STATES[name](page);
    assert.deepEqual(await axe(page), []);
    assert.ok(await fits(page));
  });
}

test("a rule's chip does not take the focus back from where it was moved", {}, async (page) => {
  await openExample(page, "Catch-all first");
  const chip = page.getByRole("button", { name: /^rule 1 / });
  await chip.focus();
  // First the focus is on nothing, as when the chip is redrawn, and within the same frame it moves to the text.
  await chip.evaluate((chip) => {
    chip.blur();
    /** @type {ShadowRoot} */ (chip.getRootNode()).querySelector(/** @type {"input"} */ (".cm-content")).focus();
  });
  await press(page, "ControlOrMeta+Home");
  assert.equal((await focused(page)).name, "Audit policy");
  await page.keyboard.insertText("# one\n# two\n");
  const firstTwo = () => editor(page).evaluate((content) => [...content.querySelectorAll(".cm-line")].slice(0, 2).map((line) => line.textContent));
  await becomes(firstTwo, ["# one", "# two"]);
  assert.equal((await focused(page)).name, "Audit policy");
});

test("the editor and the table show a ring when Tab comes to them", {}, async (page) => {
  await openExample(page, "Catch-all first");
  const ring = (locator, around) => locator.evaluate((element, around) => {
    const { borderTopWidth, borderTopStyle, content } = getComputedStyle(element.closest(around), "::after");
    return content === "none" ? "none" : `${borderTopWidth} ${borderTopStyle}`;
  }, around);
  for (const [name, locator, around] of [[/^Audit policy$/, editor(page), ".cm-editor"], [/^Events$/, grid(page), ".listing"]]) {
    assert.equal(await ring(locator, around), "none");
    await tabTo(page, name, around === ".listing" ? "grid" : "textbox");
    assert.equal(await ring(locator, around), "2px solid");
    await shot(page, `ring-${around.slice(1)}`);
    await press(page, "Tab");
    assert.equal(await ring(locator, around), "none");
  }
});

test("the first Tab stops skip the header", {}, async (page) => {
  // A focus at the beginning of the page, as when it was opened.
  await page.evaluate(() => { getSelection()?.setPosition(document.body, 0); });
  await press(page, "Tab");
  assert.equal((await focused(page)).name, "Skip to the policy");
  assert.ok(await isFocusSeen(page), "the button is seen");
  await press(page, "Tab");
  assert.equal((await focused(page)).name, "Skip to the events");
  await press(page, "Enter");
  assert.deepEqual(await focused(page), { role: "grid", name: "Events" });
  await page.getByRole("button", { name: "Skip to the policy" }).focus();
  await press(page, "Enter");
  assert.match((await focused(page)).name, /^Audit policy/);
});

test("screen readers get the answer once it is final", {}, async (page) => {
  await openExample(page, "Catch-all first");
  const spoken = page.getByRole("status", { name: "Final answer" });
  await becomes(async () => /^[\d,]+ (?:of|from) [\d,]+ events written, /.test(await spoken.innerText()), true);
  const before = await spoken.innerText();
  await pastePolicy(page, "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n");
  await becomes(async () => (await spoken.innerText()) !== before && /^0 of/.test(await spoken.innerText()), true);
});

// 1280 px enlarged by 400 % are 320 px, and by 200 % 640 px.
for (const [width, height] of [[320, 256], [640, 400]]) {
  test(`everything fits and can be reached at ${width} px, as enlarged`, { width, height }, async (page) => {
    const sideways = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    for (const name of ["Policy", "Events", "Inspector", "Volume", "Compare", "Ask"]) {
      await page.getByRole("navigation", { name: "Panes" }).getByRole("button", { name }).click();
      await shot(page, `enlarged-${name}-${width}`);
      assert.deepEqual(await axe(page), [], name);
      assert.ok((await sideways()) <= 0, `${name} scrolls sideways by ${await sideways()} px`);
    }
    for (const name of ["Export", "Share", "Keyboard shortcuts and filter terms"]) {
      await page.getByRole("banner").getByRole("button", { name }).click();
      const dialog = page.getByRole("dialog");
      await dialog.waitFor();
      await shot(page, `enlarged-${name.split(" ")[0]}-${width}`);
      assert.ok((await sideways()) <= 0, `${name} scrolls sideways by ${await sideways()} px`);
      assert.ok(await dialog.evaluate((element) => element.scrollWidth <= element.clientWidth && element.scrollLeft === 0), `${name} is wider than its dialog`);
      await page.keyboard.press("Escape");
      await dialog.waitFor({ state: "detached" });
    }
  });
}
