// The volume without a log, from the metrics of an API server: ranges, as the command has them.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { axe, shot, test } from "../harness.mjs";
import { native } from "../native.mjs";
import { becomes, drop, openExample, pastePolicy, press, verdict } from "../page.mjs";

const BY_USER = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: None\n  users: [system:kube-controller-manager]\n  verbs: [update]\n- level: Metadata\n";
const request = (verb, group, resource, scope, count) =>
  `apiserver_request_total{code="200",component="apiserver",dry_run="",group="${group}",resource="${resource}",scope="${scope}",subresource="",verb="${verb}",version="v1"} ${count}\n`;
/** 1,000 updates of leases and 100 lists of pods in two hours. */
const METRICS = `# HELP apiserver_request_total Counter of requests
# TYPE apiserver_request_total counter
${request("PUT", "coordination.k8s.io", "leases", "resource", 1000)}${request("LIST", "", "pods", "cluster", 100)}apiserver_audit_event_total 2200
process_start_time_seconds 1.7e+09
go_memstats_last_gc_time_seconds 1.7000072e+09
`;

const pane = (page) => page.getByRole("region", { name: "Volume" });

/** Pastes a text outside of text fields. */
async function paste(page, text) {
  await page.evaluate((text) => navigator.clipboard.writeText(text), text);
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  await page.keyboard.press("ControlOrMeta+v");
}

/** Returns the lines that the command prints for these metrics. */
function estimated(policy, metrics, more = []) {
  const folder = mkdtempSync(join(tmpdir(), "playground-"));
  try {
    writeFileSync(join(folder, "policy.yaml"), policy);
    writeFileSync(join(folder, "metrics.txt"), metrics);
    const { stdout } = native(["estimate", "--policy", join(folder, "policy.yaml"), "--metrics", join(folder, "metrics.txt"), ...more]);
    return stdout.split("\n").map((line) => line.trim());
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function setPolicy(page, policy) {
  await pastePolicy(page, policy);
  await becomes(() => verdict(page).then((text) => text.startsWith("accepted")), true);
}

/** Label and value of each figure. */
async function figures(page) {
  const facts = await pane(page).locator(".fact").all();
  return Promise.all(facts.map(async (fact) => [await fact.locator(".label").innerText(), await fact.locator("b").innerText()]));
}

test("pasted metrics give events and bytes per day in ranges, as the command does", {}, async (page) => {
  await setPolicy(page, BY_USER);
  await paste(page, METRICS);
  await pane(page).getByRole("heading", { name: "Volume, from metrics" }).waitFor();
  await pane(page).getByText("1,200 events to 13,200 events").first().waitFor();
  const printed = estimated(BY_USER, METRICS);
  for (const [label, value] of await figures(page)) {
    assert.ok(printed.some((line) => line.startsWith(`${label}: ${value}`)), `${label}: ${value}: ${printed.join("\n")}`);
  }
  await pane(page).getByText("may fall under more than one rule, because metrics don't contain users").waitFor();
  await pane(page).getByText("These are the requests of one API server").waitFor();
  assert.ok(!(await pane(page).innerText()).includes("--"), "no option of the command");
  // By rule: the first may have all updates or none.
  const row = pane(page).getByRole("row", { name: /^rule 2, Metadata/ });
  const cells = await row.getByRole("cell").allInnerTexts();
  assert.deepEqual(cells.slice(0, 2), ["1,200 events to 13,200 events", "780 KB to 19.8 MB"]);
  await pane(page).getByRole("tab", { name: "By request, per day" }).click();
  await pane(page).getByRole("row", { name: /^put leases|^update leases|leases/ }).waitFor();
});

test("a policy that is edited changes the estimate", {}, async (page) => {
  await setPolicy(page, BY_USER);
  await paste(page, METRICS);
  await pane(page).getByText("1,200 events to 13,200 events").first().waitFor();
  await setPolicy(page, BY_USER.replace("level: None", "level: Metadata"));
  // Every request has one event: twelve times two hours.
  await pane(page).getByText("13,200 events", { exact: true }).first().waitFor();
  await becomes(() => pane(page).locator(".pending").count(), 0);
  await pastePolicy(page, "rules: nothing");
  await becomes(() => pane(page).locator(".pending").count(), 1);
});

test("the metrics are closed, shown again, and replaced by a later log", {}, async (page) => {
  await openExample(page, "Production policy");
  await drop(page, { "metrics.txt": METRICS });
  await pane(page).getByText("metrics.txt").waitFor();
  await pane(page).getByText("Events per day", { exact: true }).waitFor();
  await pane(page).getByRole("button", { name: "Close metrics" }).click();
  await pane(page).getByText("Written for this log").waitFor();
  await page.getByText("Closed metrics.txt.").waitFor();
  await page.getByRole("button", { name: "Undo: show the metrics again" }).click();
  await pane(page).getByRole("heading", { name: "Volume, from metrics" }).waitFor();
  assert.equal(await page.getByRole("button", { name: "Undo: show the metrics again" }).count(), 0);
  await openExample(page, "Catch-all first");
  await pane(page).getByText("Written for this log").waitFor();
  await page.getByRole("button", { name: "Undo: show the metrics again" }).click();
  await pane(page).getByRole("heading", { name: "Volume, from metrics" }).waitFor();
});

test("metrics without a time have totals, and rates with the hours", {}, async (page) => {
  await setPolicy(page, BY_USER);
  await paste(page, METRICS.replace("go_memstats_last_gc_time_seconds", "go_other"));
  await pane(page).getByText("so there is no rate").waitFor();
  assert.equal(await pane(page).getByText("Events per day", { exact: true }).count(), 0);
  await pane(page).getByRole("spinbutton", { name: "Hours that the counters cover" }).fill("2");
  await pane(page).getByText("1,200 events to 13,200 events").first().waitFor();
  await pane(page).getByRole("spinbutton", { name: "Hours that the counters cover" }).fill("1");
  await pane(page).getByText("2,400 events to 26,400 events").first().waitFor();
});

test("two scrapes of a server are one difference", {}, async (page) => {
  await setPolicy(page, BY_USER);
  const later = METRICS.replace("} 1000", "} 1500").replace("2200", "3000").replace("1.7000072e+09", "1.7000144e+09");
  await drop(page, { "a.txt": METRICS, "b.txt": later });
  await pane(page).getByText("2 files").waitFor();
  // 500 updates of leases within two hours: none or all under the second rule.
  await pane(page).getByText("0 events to 6,000 events").first().waitFor();
});

test("metrics of something else have one message, and what is shown stays", {}, async (page) => {
  await openExample(page, "Production policy");
  for (const [text, message] of [
    ["# TYPE kubelet_running_pods gauge\nkubelet_running_pods 3\n", "these are metrics of the kubelet"],
    ["# TYPE etcd_server_has_leader gauge\netcd_server_has_leader 1\n", "these are metrics of etcd"],
    ["# TYPE my_counter counter\nmy_counter 3\n", "no apiserver_request_total among the 1 metrics"],
    ['{"status":"error","errorType":"bad_data","error":"parse error"}', "Prometheus returned an error"],
    ['{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"2"]}]}}', "the query's result has no metric name"],
  ]) {
    await paste(page, text);
    const alert = page.getByRole("alert").getByText(message);
    await alert.waitFor();
    assert.equal(await page.getByRole("alert").getByRole("paragraph").count(), 1, message);
    await page.getByRole("alert").getByRole("button", { name: "Dismiss" }).click();
  }
  assert.equal(await pane(page).count(), 0);
});

test("metrics are pasted, read and closed by keyboard alone", {}, async (page) => {
  await setPolicy(page, BY_USER);
  await paste(page, METRICS);
  await pane(page).getByText("Events per day", { exact: true }).waitFor();
  const close = pane(page).getByRole("button", { name: "Close metrics" });
  await close.focus();
  await press(page, "Enter");
  await close.waitFor({ state: "detached" });
  await becomes(() => page.evaluate(() => document.activeElement?.getAttribute("aria-label")), "Estimate");
  await page.getByRole("button", { name: "Undo: show the metrics again" }).focus();
  await press(page, "Enter");
  await close.waitFor();
});

for (const { width, theme } of [1440, 768, 390].flatMap((width) => ["light", "dark"].map((theme) => ({ width, theme })))) {
  test(`the volume from metrics is accessible at ${width} px, ${theme}`, { width, theme }, async (page) => {
    await drop(page, { "metrics.txt": METRICS });
    await pane(page).getByText("Events per day", { exact: true }).waitFor();
    await becomes(() => pane(page).locator(".pending").count(), 0);
    assert.deepEqual(await axe(page), []);
    await shot(page, `metrics-${width}-${theme}`);
    await drop(page, { "kubelet.txt": "# TYPE kubelet_running_pods gauge\nkubelet_running_pods 3\n" });
    await page.getByRole("alert").getByText("these are metrics of the kubelet").waitFor();
    assert.deepEqual(await axe(page), []);
    await shot(page, `metrics-wrong-${width}-${theme}`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing scrolls sideways");
  });
}
