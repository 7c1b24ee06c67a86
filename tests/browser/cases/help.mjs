// The help says what the page does: every key that it lists is pressed, and every filter term is tried against the log's own JSON.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root, test } from "../harness.mjs";
import { becomes, editor, eventsPane, grid, openExample, panel, press, tab } from "../page.mjs";

const EVENTS = readFileSync(join(root, "web/worker/examples/requests.jsonl"), "utf8").trimEnd().split("\n").map((line) => JSON.parse(line));

/** Returns the terms that the help lists, in order, by heading. */
async function listed(page) {
  await page.getByRole("banner").getByRole("button", { name: "Keyboard shortcuts and filter terms" }).click();
  const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts and filter terms" });
  const sections = await dialog.locator(".help-section").evaluateAll((all) =>
    all.map((one) => [one.querySelector("h3").innerText, [...one.querySelectorAll("dt")].map((term) => term.innerText)]));
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  return Object.fromEntries(sections);
}

const filter = (page) => page.getByRole("combobox", { name: "Filter events" });
/** The chosen entry of the list of completions. */
const completion = async (page) =>
  (await page.getByRole("listbox", { name: "Completions" }).getByRole("option", { selected: true }).innerText({ timeout: 500 }).catch(() => "")).replace(/\s+/g, " ");
const status = (page) => eventsPane(page).getByRole("status").innerText();

/** Returns the label, id or class of the focused element, also inside shadow roots. */
const focus = (page) => page.evaluate(() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element.getAttribute("aria-label") ?? element.id ?? element.className;
});
const focusedText = (page) => page.evaluate(() => /** @type {HTMLElement} */ (document.activeElement).innerText.split("\n")[0]);

/** The keys as Playwright has them. */
const NAMES = { "↑": "ArrowUp", "↓": "ArrowDown", "→": "ArrowRight", "←": "ArrowLeft", PgUp: "PageUp", PgDn: "PageDown", Esc: "Escape", Ctrl: "Control" };
const key = (text) => text.split(/\+(?!$)/).map((part) => NAMES[part] ?? (/^[A-Z]$/.test(part) ? part.toLowerCase() : part)).join("+");

/** Goes through the keys of a section: each has to be listed, and nothing else. */
async function each(page, title, checks) {
  const keys = (await listed(page))[title];
  assert.deepEqual([...keys].sort(), checks.map(([name]) => name).sort(), title);
  for (const [name, check] of checks) {
    await check(key(name)).catch((error) => {
      error.message = `${title}: ${name}: ${error.message}`;
      throw error;
    });
  }
}

test("the help lists what is tried here", {}, async (page) => {
  assert.deepEqual(Object.keys(await listed(page)), ["Anywhere", "Events", "Filter", "Menus", "Tabs", "Rules next to the policy", "Policy editor", "Filter terms"]);
});

test("the keys of the help that work anywhere", {}, async (page) => {
  await openExample(page, "Catch-all first");
  const leads = (name, wanted) => [name, async (pressed) => {
    await press(page, pressed);
    await becomes(() => focus(page), wanted);
  }];
  await each(page, "Anywhere", [
    leads("Alt+1", "Audit policy"),
    leads("Alt+2", "Events"),
    leads("Alt+3", "inspector-panel"),
    leads("Alt+4", "Estimate"),
    leads("Alt+5", "Differences"),
    leads("Alt+6", "Query"),
    ["/", async (pressed) => {
      await press(page, "Alt+2", pressed);
      await becomes(() => focus(page), "Filter events");
    }],
    ["?", async (pressed) => {
      await press(page, "Alt+2", pressed);
      await page.getByRole("dialog").waitFor();
    }],
    ["Esc", async (pressed) => {
      await press(page, pressed);
      await page.getByRole("dialog").waitFor({ state: "detached" });
    }],
    ["Ctrl+V", async (pressed) => {
      await page.evaluate((text) => navigator.clipboard.writeText(text), JSON.stringify(EVENTS[0]));
      await press(page, "Alt+2", pressed);
      await becomes(() => status(page), "1 event");
    }],
  ]);
});

test("the keys of the help in the events and the filter", {}, async (page) => {
  await openExample(page, "Catch-all first");
  await press(page, "Alt+2", "Home");
  const at = async () => Number(/\d+/.exec(await grid(page).getAttribute("aria-activedescendant"))[0]);
  const selected = () => eventsPane(page).locator(".selected").innerText();
  const moves = (name, from, wanted) => [name, async (pressed) => {
    await grid(page).focus();
    if (from !== null) await press(page, from);
    await press(page, pressed);
    await becomes(async () => wanted(await at()), true);
  }];
  await each(page, "Events", [
    moves("↓", "Home", (place) => place === 1),
    moves("↑", null, (place) => place === 0),
    moves("PgDn", null, (place) => place > 3),
    moves("PgUp", null, (place) => place === 0),
    moves("End", null, (place) => place === 317),
    moves("Home", null, (place) => place === 0),
    ["Shift", async () => {
      await press(page, "Shift+ArrowDown", "Shift+ArrowDown");
      await becomes(selected, "3 selected");
    }],
    ["Esc", async (pressed) => {
      await press(page, pressed);
      await becomes(selected, "");
    }],
    ["Ctrl+A", async (pressed) => {
      await press(page, pressed);
      await becomes(selected, "318 selected");
    }],
    ["Enter", async (pressed) => {
      await press(page, "Escape", pressed);
      await becomes(() => focus(page), "inspector-panel");
    }],
  ]);
  await each(page, "Filter", [
    ["↓", async (pressed) => {
      await filter(page).focus();
      await press(page, pressed);
      await becomes(() => focus(page), "Events");
    }],
    ["Enter", async (pressed) => {
      await filter(page).focus();
      await press(page, pressed);
      await becomes(() => focus(page), "Events");
    }],
    ["↑", async (pressed) => {
      await filter(page).fill("us");
      await page.getByRole("listbox").waitFor();
      await press(page, pressed);
      await becomes(() => completion(page), "useragent: user agent contains");
    }],
    ["Tab", async (pressed) => {
      await press(page, pressed);
      await becomes(() => filter(page).inputValue(), "useragent:");
    }],
    ["Alt+↓", async (pressed) => {
      await filter(page).fill("");
      await press(page, pressed);
      await page.getByRole("listbox", { name: "Completions" }).getByRole("option", { name: /^user:/ }).waitFor();
    }],
    ["Esc", async (pressed) => {
      await filter(page).fill("verb:get ve");
      await page.getByRole("listbox").waitFor();
      await press(page, pressed);
      await page.getByRole("listbox").waitFor({ state: "detached" });
      assert.equal(await filter(page).inputValue(), "verb:get ve");
      await press(page, pressed);
      await becomes(() => filter(page).inputValue(), "");
    }],
  ]);
});

test("the keys of the help in menus, tabs and rules", {}, async (page) => {
  await openExample(page, "Production policy");
  const examples = page.getByRole("banner").getByRole("button", { name: "Examples" });
  const titles = ["Production policy", "Misnested verbs", "Catch-all first", "Deployments in the wrong group", "Pods without exec"];
  const goes = (name, wanted) => [name, async (pressed) => {
    await press(page, pressed);
    await becomes(() => focusedText(page), wanted);
  }];
  await each(page, "Menus", [
    ["↓", async (pressed) => {
      await examples.focus();
      await press(page, pressed);
      await becomes(() => focusedText(page), titles[0]);
      await press(page, pressed);
      await becomes(() => focusedText(page), titles[1]);
    }],
    goes("↑", titles[0]),
    goes("End", titles.at(-1)),
    goes("Home", titles[0]),
  ]);
  await press(page, "Escape");
  await each(page, "Tabs", [
    ["→", async (pressed) => {
      await tab(page, "Why").focus();
      await press(page, pressed);
      await becomes(() => focusedText(page), "As written");
    }],
    goes("←", "Why"),
    goes("End", "Policy check"),
    goes("Home", "Why"),
  ]);
  const chipAt = (name, wanted) => [name, async (pressed) => {
    await press(page, pressed);
    await becomes(async () => wanted.test(await focus(page)), true);
  }];
  const count = await page.getByRole("group", { name: "Break down by" }).getByRole("button", { name: "rule" }).click()
    .then(() => page.locator(".legend.rules button").count());
  const last = count - 1;
  await each(page, "Rules next to the policy", [
    ["↓", async (pressed) => {
      await editor(page).focus();
      await press(page, "Shift+Tab", "Home", pressed);
      await becomes(async () => /^rule 2 /.test(await focus(page)), true);
    }],
    chipAt("↑", /^rule 1 /),
    chipAt("End", new RegExp(`^rule ${last} `)),
    chipAt("Home", /^rule 1 /),
    ["Enter", async (pressed) => {
      const before = await status(page);
      await press(page, pressed);
      await becomes(async () => (await status(page)) !== before, true);
      // The chip keeps the focus, so that the same key takes it back.
      await becomes(async () => /^rule 1 /.test(await focus(page)), true);
      await press(page, pressed);
      await becomes(() => status(page), before);
    }],
  ]);
});

const POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: None
  users: ["system:kube-proxy"]
- level: Metadata
  resources:
  - group: ""
    verbs: [get]
- level: Metadata
`;

test("the keys of the help in the policy editor", {}, async (page) => {
  const box = editor(page);
  const lines = () => box.evaluate((content) => [...content.querySelectorAll(".cm-line")].map((line) => line.textContent));
  const fresh = async () => {
    await box.focus();
    await press(page, "ControlOrMeta+a");
    await page.keyboard.insertText(POLICY);
    await page.getByRole("button", { name: /^rule 3 M: Metadata/ }).waitFor();
    await press(page, "ControlOrMeta+Home");
  };
  const original = POLICY.split("\n");
  const edits = (name, before, wanted) => [name, async (pressed) => {
    await fresh();
    await press(page, ...before, pressed);
    await becomes(lines, wanted(original.slice()));
  }];
  const leaves = (name, wanted) => [name, async (pressed) => {
    await fresh();
    await press(page, pressed);
    await becomes(async () => wanted.test(await focus(page)), true);
    assert.deepEqual(await lines(), original);
  }];
  const tells = (name, before, act) => [name, async (pressed) => {
    await fresh();
    await press(page, ...before);
    await act(pressed);
    await press(page, "Escape");
  }];
  const finding = page.locator(".cm-help-finding").first();
  const swap = (all, one, other) => { [all[one], all[other]] = [all[other], all[one]]; return all; };
  await each(page, "Policy editor", [
    leaves("Tab", /^checks-0$/),
    leaves("Shift+Tab", /^rule \d+ /),
    tells("Ctrl+Space", ["ControlOrMeta+End"], async (pressed) => {
      await press(page, pressed);
      await page.getByRole("listbox").waitFor();
    }),
    tells("F8", [], async (pressed) => { await press(page, pressed); await finding.waitFor(); }),
    tells("Shift+F8", [], async (pressed) => { await press(page, pressed); await finding.waitFor(); }),
    tells("Ctrl+.", ["F8"], async (pressed) => {
      // To the finding that can be fixed.
      for (let turn = 0; turn < 4 && (await finding.getByRole("button").count()) === 0; turn += 1) await press(page, "F8");
      await press(page, pressed);
      await becomes(async () => (await lines()).join("\n") !== POLICY, true);
    }),
    tells("F1", ["ArrowDown", "ArrowDown", "ArrowDown", "End", "ArrowLeft"], async (pressed) => {
      await press(page, pressed);
      await page.locator(".cm-help-word").waitFor();
    }),
    tells("Ctrl+Enter", ["ArrowDown", "ArrowDown", "ArrowDown"], async (pressed) => {
      await press(page, pressed);
      await becomes(async () => / of /.test(await status(page)), true);
      await press(page, pressed);
      await becomes(async () => / of /.test(await status(page)), false);
    }),
    tells("Ctrl+F", [], async (pressed) => {
      await press(page, pressed);
      await becomes(() => focus(page), "Find");
    }),
    ...["F3", "Shift+F3"].map((name) => tells(name, ["ControlOrMeta+f"], async (pressed) => {
      await press(page, "ControlOrMeta+a");
      await page.keyboard.type("level");
      await press(page, pressed);
      await page.locator(".cm-searchMatch-selected").waitFor();
    })),
    ["Ctrl+Z", async (pressed) => {
      await fresh();
      await page.keyboard.type("# x");
      await press(page, pressed);
      await becomes(async () => (await lines())[0], original[0]);
    }],
    ["Ctrl+Y", async (pressed) => {
      await press(page, pressed);
      await becomes(async () => (await lines())[0], `# x${original[0]}`);
    }],
    edits("Ctrl+/", [], (all) => [`# ${all[0]}`, ...all.slice(1)]),
    edits("Ctrl+]", [], (all) => [`  ${all[0]}`, ...all.slice(1)]),
    edits("Ctrl+[", ["ControlOrMeta+]"], (all) => all),
    edits("Alt+↑", ["ArrowDown"], (all) => swap(all, 0, 1)),
    edits("Alt+↓", [], (all) => swap(all, 0, 1)),
    edits("Shift+Alt+↑", [], (all) => [all[0], ...all]),
    edits("Shift+Alt+↓", [], (all) => [all[0], ...all]),
    edits("Shift+Ctrl+K", [], (all) => all.slice(1)),
  ]);
});

/** The request's path without its query, in parts. */
const path = ({ requestURI }) => requestURI.split("?")[0];
const target = ({ objectRef }) => (objectRef ? [objectRef.resource, objectRef.subresource].filter(Boolean).join("/") : "");

/** By the field of an example of the help, what it selects of an event. The values are the help's. */
const SELECTS = {
  user: ({ user }, value) => user.username === value,
  group: ({ user }, value) => (user.groups ?? []).includes(value),
  verb: ({ verb }, value) => verb === value,
  ns: (event, value) => path(event).includes(`/namespaces/${value}/`),
  stage: ({ stage }, value) => stage.toLowerCase().includes(value),
  code: ({ responseStatus }, value) => String(responseStatus?.code ?? "") === value,
  source: ({ sourceIPs }, value) => (sourceIPs ?? []).includes(value),
};

test("the filter terms of the help select what it says", {}, async (page) => {
  await openExample(page, "Catch-all first");
  const terms = (await listed(page))["Filter terms"];
  /** Types a filter, and waits until this number of events is shown; without a number, until the filter is applied. */
  const shows = async (text, expected) => {
    // From all events, so that the number is not that of the filter before.
    await filter(page).fill("");
    await becomes(() => status(page), "318 events");
    await filter(page).fill(text);
    if (expected === undefined) await becomes(async () => / of 318 events$/.test(await status(page)), true, text);
    else await becomes(() => status(page), `${expected} of 318 events`, text);
  };
  for (const term of terms.filter((term) => /^-?\w+:/.test(term))) {
    const [, sign, field, values] = /^(-?)(\w+):(.*)$/.exec(term);
    const selects = (event) => values.split(",").some((value) => SELECTS[field](event, value)) !== (sign === "-");
    if (SELECTS[field] && !/^[<>]|\.\.|[*/]|xx/.test(values)) await shows(term, EVENTS.filter(selects).length);
    else await shows(term);
    assert.equal(await page.locator("#filter-problems").innerText(), "", term);
  }
  // Alternatives of one field, and conditions of two.
  const of = (...verbs) => EVENTS.filter(({ verb }) => verbs.includes(verb));
  assert.ok(of("create").length > 0 && of("delete").length > 0);
  await shows("verb:create verb:delete", of("create", "delete").length);
  await shows("verb:create user:alice", of("create").filter(({ user }) => user.username === "alice").length);
  await shows("verb:create verb:delete user:alice user:bob",
    of("create", "delete").filter(({ user }) => ["alice", "bob"].includes(user.username)).length);
  const text = (event) => [event.user.username, ...(event.user.groups ?? []), event.verb, path(event), target(event)].join(" ").toLowerCase();
  await shows("pods alice", EVENTS.filter((event) => text(event).includes("pods") && text(event).includes("alice")).length);
  // The help explains it.
  await page.getByRole("banner").getByRole("button", { name: "Keyboard shortcuts and filter terms" }).click();
  await page.getByRole("dialog").getByText("Values after commas are alternatives").waitFor();
  await panel(page).waitFor({ state: "attached" });
});
