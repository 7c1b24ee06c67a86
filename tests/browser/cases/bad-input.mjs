// What cannot be read is located and said, keeps nothing else from being read, and can do nothing to the page.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { files, root, test } from "../harness.mjs";
import {
  answer, becomes, chips, choose, drawnRows, editor, eventsPane, figure, findings, grid, openExample, panel, pastePolicy, pick, press, tab, verdict,
  written,
} from "../page.mjs";

const REQUESTS = readFileSync(join(root, "web/worker/examples/requests.jsonl"), "utf8").trimEnd().split("\n");
const CATCH_ALL = readFileSync(join(root, "web/worker/examples/catch-all-first.yaml"), "utf8");

const listed = (page) => eventsPane(page).getByRole("status").innerText();
const selected = (page) => editor(page).evaluate((content) => content.getRootNode().getSelection().toString());

for (const [what, slip, server, place, text, count = "1 finding"] of [
  // The list of line 4 loses its bracket, which is missed in line 5; go-yaml counts lines of such errors from 0.
  ["does not parse", ["ArrowDown", "ArrowDown", "ArrowDown", "End", "Backspace"], "failed decoding: yaml: line 4: did not find expected ',' or ']'", "line 5", null],
  // Rule 1's level, in line 6 behind nine characters, gets a letter too many.
  [
    "is not valid", [...Array(5).fill("ArrowDown"), ...Array(9).fill("ArrowRight"), "x"],
    'rules[0].level: Unsupported value: "xMetadata": supported values: "None", "Metadata", "Request", "RequestResponse"', "line 6", "xMetadata", "3 findings",
  ],
]) {
  test(`a policy that ${what}: the error at its place, and the last good answer marked stale`, {}, async (page) => {
    await openExample(page, "Catch-all first");
    await written(page, 172, 318);
    const before = await chips(page);
    const stale = answer(page).getByText("The policy in the editor is rejected.");
    assert.equal(await stale.count(), 0);

    await editor(page).focus();
    await press(page, "ControlOrMeta+Home", ...slip);
    await becomes(() => verdict(page), `rejected, ${count} · counts are from the last accepted policy`);
    await findings(page).getByText("kube-apiserver will not start:").waitFor();
    await becomes(() => findings(page).locator("pre").allInnerTexts(), [server]);
    // Rules 2 and 3 never match, whatever the level of rule 1 is meant to be.
    const finding = findings(page).getByRole("listitem").first();
    assert.ok((await finding.innerText()).includes(place), await finding.innerText());
    await stale.waitFor();
    assert.equal(await figure(page, "events written"), "172 of 318");
    assert.deepEqual(await chips(page), before);
    assert.equal(await grid(page).getAttribute("aria-rowcount"), "319");
    if (text !== null) {
      await finding.getByRole("button").first().click();
      await becomes(() => selected(page), text);
    }

    await editor(page).focus();
    await press(page, "ControlOrMeta+z");
    await becomes(async () => (await verdict(page)).split(",")[0], "accepted");
    assert.doesNotMatch(await verdict(page), /last accepted/);
    await stale.waitFor({ state: "detached" });
    await pastePolicy(page, CATCH_ALL.replace("omitStages: [RequestReceived]", "omitStages: []"));
    await written(page, 318, 318);
    assert.equal(await stale.count(), 0);
  });
}

test("lines that cannot be read are counted and listed, and the rest is shown", {}, async (page) => {
  const lines = [REQUESTS[0], "not JSON at all", REQUESTS[1], REQUESTS[2].slice(0, 40), REQUESTS[3]];
  await pick(page, files({ "flawed.jsonl": lines.join("\n"), "good.jsonl": REQUESTS.slice(4, 6).join("\n") }));
  await becomes(() => listed(page), "5 events");
  await eventsPane(page).getByRole("button", { name: "2 problems" }).click();
  await panel(page).getByRole("row").first().waitFor();
  assert.equal(await tab(page, "Problems 2").getAttribute("aria-selected"), "true");
  const rows = await panel(page).getByRole("row").allInnerTexts();
  assert.equal(rows.length, 3);
  assert.match(rows[1], /^flawed\.jsonl:2\s+.*not JSON.*\s+not JSON at all$/s);
  assert.match(rows[2], /^flawed\.jsonl:4\s.*\{"kind":"Event"/s);
  const names = await panel(page).getByRole("listitem").allInnerTexts();
  assert.match(names[0], /^flawed\.jsonl .*3 events/);
  assert.match(names[1], /^good\.jsonl .*2 events/);
});

test("a truncated compressed log shows the events before the cut, and a problem", {}, async (page) => {
  const packed = gzipSync(REQUESTS.slice(0, 3).map((line) => `${line}\n`).join(""));
  await pick(page, files({ "audit.log.gz": packed.subarray(0, packed.length - 8) }));
  await becomes(() => listed(page), "3 events");
  await eventsPane(page).getByRole("button", { name: "1 problem" }).click();
  await panel(page).getByText("the gzip file is damaged or cut off").waitFor();
});

const AUDIT = "kind: Event\napiVersion: audit.k8s.io/v1\n";
for (const [what, name, content, sentence] of [
  ["a core Event", "events.json", '{"kind":"Event","apiVersion":"v1","reason":"Pulled","involvedObject":{"kind":"Pod"}}', /core Kubernetes Event/],
  ["a list of core Events", "list.json", '{"kind":"EventList","apiVersion":"v1","items":[{"kind":"Event","apiVersion":"v1","reason":"Pulled"}]}', /Kubernetes/],
  ["a LogEntry of Google Cloud", "gke.json", '{"insertId":"1","logName":"projects/p/logs/cloudaudit.googleapis.com%2Factivity","protoPayload":{"methodName":"storage.objects.get"},"timestamp":"2026-01-01T00:00:00Z"}', /Google Cloud LogEntry/],
  ["some JSON", "package.json", '{"name":"x","version":"1.0.0"}', /JSON but not an audit event/],
  ["a Pod", "pod.json", '{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web"}}', /`?Pod`?, not an audit log/],
  ["a number", "number.json", "17", /not an object/],
  ["a text", "notes.txt", "Monday: call Bob.\nTuesday: nothing.\n", /not an audit log/],
  ["a packed text", "notes.gz", gzipSync("Monday: call Bob.\n"), /not an audit log/],
  ["an empty file", "empty.log", "", /empty/],
  ["binary data", "tool", Buffer.from("7f454c46020100ff0a370a0180fe000a", "hex"), /binary data, not text/],
]) {
  test(`${what} is reported as not being an audit log, in one sentence`, {}, async (page) => {
    const before = await listed(page);
    await pick(page, files({ [String(name)]: content }));
    const notice = page.getByRole("alert").filter({ hasText: "no audit events in" });
    await notice.getByText("Your current log is unchanged.").waitFor();
    const said = await notice.getByRole("listitem").allInnerTexts();
    assert.equal(said.length, 1, String(said));
    assert.ok(said[0].startsWith(`${name}: `), said[0]);
    assert.match(said[0], /** @type {RegExp} */ (sentence));
    assert.doesNotMatch(said[0], /\n|panic|undefined/);
    assert.equal(await listed(page), before);
    // The next log is read as if nothing had been.
    await pick(page, files({ "good.jsonl": REQUESTS.slice(0, 2).join("\n") }));
    await becomes(() => listed(page), "2 events");
    await grid(page).waitFor();
    assert.equal(await notice.count(), 0);
  });
}

test("a file that is not a log does not prevent other files from being read", {}, async (page) => {
  await pick(page, files({ "pod.json": '{"kind":"Pod","apiVersion":"v1"}', "good.jsonl": REQUESTS.slice(0, 4).join("\n"), "notes.txt": AUDIT }));
  await becomes(() => listed(page), "4 events");
  await tab(page, /^Problems/).click();
  await panel(page).getByRole("listitem").first().waitFor();
  const names = await panel(page).getByRole("listitem").allInnerTexts();
  assert.match(names[0], /^pod\.json .*skipped: .*Pod/);
  assert.match(names[1], /^good\.jsonl .*4 events/);
  assert.match(names[2], /^notes\.txt .*skipped: /);
});

test("what a log or a policy says is text, whatever it says", {}, async (page) => {
  const image = "<img src=x onerror=\"window.hit=1\">";
  const odd = "\u202eevil\u202c \u0007\u001b[31m\u2066";
  const event = JSON.parse(REQUESTS[1]);
  const hostile = [
    { ...event, user: { username: image, groups: [odd, "<script>window.hit=2</script>"] } },
    { ...event, auditID: odd, verb: image, requestURI: `/${image}/${odd}` },
    { ...event, requestObject: { "</script><svg onload=window.hit=3>": image }, objectRef: { ...event.objectRef, name: image } },
  ];
  const log = [...hostile.map((one) => JSON.stringify(one)), `${image} is not JSON`].join("\n");
  await pick(page, files({ [`${image}.jsonl`.replaceAll("/", "")]: log }));
  await becomes(() => listed(page), "3 events");
  const policy = [
    "apiVersion: audit.k8s.io/v1", "kind: Policy", "omitStages: [RequestReceived]", "rules:", "- level: Metadata", `  users: ['${image}']`, `  '${image}': 1`,
    `  resources: [{group: '${image}', resources: ['${image}']}]`, "- level: RequestResponse", "",
  ].join("\n");
  await pastePolicy(page, policy);
  await becomes(async () => (await verdict(page)).split(",")[0], "rejected");
  await pastePolicy(page, policy.replace(/^ {2}resources.*\n/m, ""));
  await becomes(async () => (await verdict(page)).split(",")[0], "accepted");
  await becomes(async () => (await drawnRows(page)).some(({ cells }) => cells.includes(image)), true);
  await findings(page).getByText("<img src=x").first().waitFor();
  for (const place of [0, 1, 2]) {
    await choose(page, place);
    for (const name of ["Why", "As written", "Request", /^Problems/]) {
      await tab(page, name).click();
      await becomes(async () => (await panel(page).innerText()).length > 20, true);
      // The server writes `<` as `\u003c`.
      const shown = name === "As written" ? "\\u003cimg src=x" : "<img src=x";
      if (name !== "Why") await panel(page).getByText(shown).first().waitFor();
    }
  }
  const made = await page.evaluate(() => [window.hit, document.querySelectorAll("img, script:not([src]), [onerror], [onload]").length]);
  assert.deepEqual(made, [undefined, 0]);
  // Nothing that turns the direction of writing reaches over the edge of its own cell.
  const [before, after] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(before <= after);
});
