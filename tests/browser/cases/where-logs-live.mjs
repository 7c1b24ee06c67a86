// The dialog that leads from the place where logs live to a program, against `audit-policy compile` and `simulate`.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, test } from "../harness.mjs";
import { native, objects } from "../native.mjs";
import { becomes, openExample, pastePolicy, verdict } from "../page.mjs";

const POLICY = readFileSync(join(root, "web/worker/examples/catch-all-first.yaml"), "utf8");

/** Opens the dialog. */
async function open(page) {
  await page.getByRole("button", { name: "Export" }).click();
  await page.getByRole("dialog", { name: "Export" }).getByRole("button", { name: "Where do your logs live?" }).click();
  const dialog = page.getByRole("dialog", { name: "Where do your logs live?" });
  await choice(dialog, "Place").waitFor();
  return dialog;
}

const choice = (dialog, name) => dialog.getByRole("combobox", { name, exact: true });
/** A text as it would be copied. */
const shown = (dialog, name) =>
  dialog.getByRole("region", { name, exact: true }).evaluate((box) => [...box.querySelectorAll(".line")].map((line) => `${line.textContent}\n`).join(""));

/** Places and ways with the program that the command prints: place, way, name of the file, target, schema. */
const PROGRAMS = [
  ["Amazon EKS", "A query in Athena", "athena.sql", "trino", "eks"],
  ["Amazon EKS", "A query in DuckDB", "duckdb.sql", "duckdb", "eks"],
  ["Azure Kubernetes Service", "A query in Log Analytics", "aks.kql", "kusto", "aks"],
  ["Azure Kubernetes Service", "A query in Spark", "databricks.sql", "spark", "aks"],
  ["Object storage", "DuckDB, over Parquet", "duckdb.sql", "duckdb", "columns"],
  ["Object storage", "ClickHouse", "clickhouse.sql", "clickhouse", "lines"],
  ["A shipper", "Fluent Bit", "policy.lua", "fluent-bit", "lines"],
  ["A shipper", "Vector", "policy.vrl", "vector", "lines"],
];

/** Chooses the option that starts with a text. */
async function select(dialog, name, start) {
  const options = await choice(dialog, name).getByRole("option").allInnerTexts();
  const label = options.find((option) => option.startsWith(start));
  assert.ok(label, `${start} of ${options}`);
  await choice(dialog, name).selectOption({ label });
}

test("the program for each place is the command's", {}, async (page) => {
  await openExample(page, "Catch-all first");
  const dialog = await open(page);
  for (const [place, way, file, target, input] of PROGRAMS) {
    await select(dialog, "Place", place);
    await becomes(async () => (await choice(dialog, "Way").getByRole("option").allInnerTexts()).some((title) => title.startsWith(way)), true, place);
    await select(dialog, "Way", way);
    const { stdout } = native(["compile", "--policy", "-", "--to", target, "--input", input], POLICY);
    await becomes(() => shown(dialog, `Preview of ${file}`), stdout, `${place}: ${way}`);
    await dialog.getByRole("button", { name: `Save ${file}` }).waitFor();
  }
});

test("the verdict on the open log is that of simulate", {}, async (page) => {
  await openExample(page, "Catch-all first");
  const dialog = await open(page);
  const section = dialog.locator(".facts");
  const folder = mkdtempSync(join(tmpdir(), "place-"));
  try {
    const log = join(root, "web/worker/examples/requests.jsonl");
    writeFileSync(join(folder, "policy.yaml"), POLICY);
    const { stdout } = native(["simulate", "--policy", join(folder, "policy.yaml"), "--format", "summary", log]);
    const [{ byOutcome }] = objects(stdout);
    const dropped = byOutcome["dropped-level"] + byOutcome["dropped-stage"];
    await becomes(async () => (await section.innerText()).split("\n").slice(0, 6), ["kept", `${byOutcome.written}`, "dropped", `${dropped}`, "unknown", `${byOutcome.unknowable}`]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("the rules of a cloud become the baseline of the comparison", {}, async (page) => {
  await openExample(page, "Catch-all first");
  const dialog = await open(page);
  await dialog.getByRole("button", { name: "Compare with the rules of Amazon EKS" }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.getByText("Amazon EKS").first().waitFor();
  await page.getByText(/\d+ differences over every request/).first().waitFor();
  // AKS documents none.
  const again = await open(page);
  await select(again, "Place", "Azure");
  await again.getByText("Azure Kubernetes Service documents no rules").waitFor();
  assert.equal(await again.getByRole("button", { name: /^Compare with/ }).count(), 0);
});

test("the program of a rejected policy is that of the last accepted one, with a note", {}, async (page) => {
  await pastePolicy(page, POLICY);
  await verdict(page).then((words) => assert.match(words, /accepted/));
  await pastePolicy(page, POLICY.replace("level: Metadata", "level: Loud"));
  await becomes(async () => /rejected/.test(await verdict(page)), true);
  const dialog = await open(page);
  await select(dialog, "Place", "A shipper");
  const { stdout } = native(["compile", "--policy", "-", "--to", "fluent-bit"], POLICY);
  await becomes(() => shown(dialog, "Preview of policy.lua"), stdout);
  assert.equal(await dialog.getByText("The program is of the last accepted one.").count(), 1);
});
