// Every field of the page keeps what is typed into it, a key every 30 ms, while answers arrive: nothing changes under the cursor.

import assert from "node:assert/strict";
import { test } from "../harness.mjs";
import { becomes, eventsPane, openExample } from "../page.mjs";

/** Milliseconds from key to key. */
const DELAY = 30;
const POLICY = (level) => `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: ${level}\n`;

const volume = (page) => page.getByRole("region", { name: "Volume" });

async function showVolume(page) {
  await openExample(page, "Production policy");
  await page.getByRole("navigation", { name: "Effects of the policy" }).getByRole("button", { name: "Volume" }).click();
  await volume(page).getByText("Written for this log").waitFor();
}

/** Keeps answers coming for as long as something is done: a policy is dropped again and again. */
async function whileAnswersArrive(page, act) {
  await page.evaluate((policies) => {
    let turn = 0;
    window.__busy = setInterval(() => {
      const data = new DataTransfer();
      data.items.add(new File([policies[turn++ % policies.length]], "policy.yaml"));
      window.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
    }, 40);
  }, [POLICY("Metadata"), POLICY("Request"), POLICY("RequestResponse")]);
  try {
    await act();
  } finally {
    await page.evaluate(() => clearInterval(window.__busy));
  }
}

/** Types texts into fields, and reads each back at once, and all after a while. */
async function types(page, ...texts) {
  for (const [field, text] of texts) {
    await field.focus();
    await field.evaluate((input) => input.select?.());
    await page.keyboard.type(text, { delay: DELAY });
    assert.equal(await field.inputValue(), text);
  }
  await page.waitForTimeout(300);
  for (const [field, text] of texts) assert.equal(await field.inputValue(), text, "after answers");
}

test("prices keep what is typed, from one field to the next", {}, async (page) => {
  await showVolume(page);
  const [first, second] = ["Price per GB ingested", "Price per GB stored per month"].map((name) => volume(page).getByRole("spinbutton", { name }));
  await first.focus();
  await page.keyboard.type("0.5", { delay: DELAY });
  await page.keyboard.press("Tab");
  await page.keyboard.type("0.03", { delay: DELAY });
  assert.deepEqual([await first.inputValue(), await second.inputValue()], ["0.5", "0.03"]);
  await page.keyboard.press("Tab");
  await volume(page).getByText("Ingestion cost").waitFor();
  assert.deepEqual([await first.inputValue(), await second.inputValue()], ["0.5", "0.03"]);
  for (const text of ["0.05", "1.50", "100", "0.007", "1e-2", "2."]) {
    await whileAnswersArrive(page, async () => {
      await first.fill("");
      await first.focus();
      await page.keyboard.type(text, { delay: DELAY });
      await page.waitForTimeout(200);
    });
    // Behind the point that is still being completed there is no number yet for the browser to give.
    assert.equal(Number(await first.inputValue()), Number(text), text);
    assert.equal(await second.inputValue(), "0.03");
  }
});

test("an invalid price is reported, and stays in the field to be corrected", {}, async (page) => {
  await showVolume(page);
  const price = volume(page).getByRole("spinbutton", { name: "Price per GB ingested" });
  await price.focus();
  await page.keyboard.type("-1", { delay: DELAY });
  await page.keyboard.press("Tab");
  await volume(page).getByText("Enter a number, 0 or more.").waitFor();
  assert.equal(await price.inputValue(), "-1");
  await price.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Delete");
  assert.equal(await price.inputValue(), "1");
  await volume(page).getByText("Enter a number, 0 or more.").waitFor({ state: "detached" });
});

test("the cluster's fields keep what is typed", {}, async (page) => {
  await showVolume(page);
  await volume(page).getByRole("button", { name: "Generate a log" }).click();
  const dialog = page.getByRole("dialog", { name: "Generate a log" });
  const fields = await dialog.getByRole("spinbutton").all();
  assert.ok(fields.length >= 7);
  await whileAnswersArrive(page, () => types(page, ...fields.map((field, at) => [field, String(105 + at)])));
  for (const [at, field] of fields.entries()) assert.equal(await field.inputValue(), String(105 + at));
});

test("the filter keeps what is typed", {}, async (page) => {
  await openExample(page, "Production policy");
  const filter = page.getByRole("combobox", { name: "Filter events" });
  for (const text of ["user:alice verb:create pods", 'user:"a  b"  x', "  spaces ", "код"]) {
    await whileAnswersArrive(page, () => types(page, [filter, text]));
    await filter.fill("");
  }
  await filter.fill("verb:get");
  await filter.press("Escape");
  assert.equal(await filter.inputValue(), "");
});

test("the export's fields and its box keep what is typed", {}, async (page) => {
  await openExample(page, "Production policy");
  await page.getByRole("button", { name: "Export" }).click();
  const dialog = page.getByRole("dialog", { name: "Export" });
  await dialog.getByRole("combobox", { name: "Target" }).waitFor();
  await dialog.locator("details").evaluateAll((all) => all.forEach((one) => { if (one instanceof HTMLDetailsElement) one.open = true; }));
  const fields = await dialog.locator("form input[type=text]").all();
  assert.ok(fields.length > 8, `${fields.length} fields`);
  const modes = await Promise.all(fields.map((field) => field.getAttribute("inputmode")));
  const texts = fields.map((field, at) => [field, modes[at] === "decimal" ? "0.07" : "/a b/c.log "]);
  await whileAnswersArrive(page, () => types(page, ...texts, [dialog.locator("textarea"), "--audit-log-maxage=7 --x"]));
  for (const box of await dialog.locator("form input[type=checkbox]").all()) {
    const before = await box.isChecked();
    await box.setChecked(!before);
    await page.waitForTimeout(100);
    assert.equal(await box.isChecked(), !before);
  }
  for (const choice of await dialog.locator("form select").all()) {
    const values = await choice.locator("option").evaluateAll((all) => all.map((one) => /** @type {HTMLOptionElement} */ (one).value));
    for (const value of values) {
      await choice.selectOption(value);
      await page.waitForTimeout(60);
      assert.equal(await choice.inputValue(), value);
    }
  }
});

test("the box for a log keeps what is typed", {}, async (page) => {
  await page.getByRole("banner").getByRole("button", { name: "Paste log" }).click();
  const box = page.getByRole("dialog").getByRole("textbox");
  await whileAnswersArrive(page, () => types(page, [box, '{"kind":"Event", ']));
});

test("menus of choices keep what is chosen by key", {}, async (page) => {
  await openExample(page, "Production policy");
  for (const choice of [page.getByRole("combobox", { name: "Kubernetes version" }), eventsPane(page).getByRole("combobox", { name: "Group by" })]) {
    const values = await choice.locator("option").evaluateAll((all) => all.map((one) => /** @type {HTMLOptionElement} */ (one).value));
    const first = values.indexOf(await choice.inputValue());
    await choice.focus();
    await whileAnswersArrive(page, async () => {
      for (let step = 1; step < 4; step += 1) {
        await page.keyboard.press("ArrowDown");
        await page.waitForTimeout(DELAY);
        assert.equal(await choice.inputValue(), values[first + step]);
      }
      await page.waitForTimeout(300);
    });
    assert.equal(await choice.inputValue(), values[first + 3]);
  }
});

test("the search of the editor keeps what is typed", {}, async (page) => {
  await page.getByRole("textbox", { name: "Audit policy" }).click();
  await page.keyboard.press("ControlOrMeta+f");
  const search = page.getByRole("textbox", { name: "Find" });
  await search.waitFor();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.type("level: Metadata", { delay: DELAY });
  await becomes(() => search.inputValue(), "level: Metadata");
});
