// Who sent a request, and following it: the Request tab of the inspector.

import assert from "node:assert/strict";
import { test } from "../harness.mjs";
import { becomes, openExample, tab } from "../page.mjs";

const section = (page) => page.getByRole("region", { name: "Who", exact: true });

test("Who: the client of an event is a sentence, and a button follows it", {}, async (page) => {
  await openExample(page, "Production policy");
  await tab(page, "Request").click();
  await section(page).waitFor();
  const text = await section(page).innerText();
  assert.match(text, /What the client could have forged/);
  assert.match(text, /User-Agent/);
  const follow = section(page).getByRole("button", { name: /^Follow user/ });
  const user = (await follow.innerText()).replace("Follow user ", "").trim();
  await follow.click();
  // The filter is shown as what it is.
  await becomes(() => page.getByRole("combobox", { name: "Filter events" }).inputValue(), `user:${user}`);
});
