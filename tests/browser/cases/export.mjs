// The export dialog against `audit-policy export` for the same settings: the same documents, to copy and to save; and what others wrote,
// read into settings as `audit-policy import` reads it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root, shot, test } from "../harness.mjs";
import { native, objects } from "../native.mjs";
import { becomes, editor, openExample, pastePolicy, verdict } from "../page.mjs";

const POLICY = readFileSync(join(root, "web/worker/examples/catch-all-first.yaml"), "utf8");

/** Initial values of the fields. */
const DEFAULTS = {
  "audit-policy-file": "/etc/kubernetes/audit/policy.yaml", "audit-log-path": "/var/log/kubernetes/audit/audit.log",
  "audit-log-maxage": "30", "audit-log-maxbackup": "10", "audit-log-maxsize": "100", "audit-log-compress": "true",
};

const MANIFEST = `apiVersion: v1
kind: Pod
metadata:
  name: kube-apiserver   # by kubeadm
spec:
  containers:
  - command:
    - kube-apiserver
    - --advertise-address=192.0.2.10
    - --audit-policy-file=/etc/kubernetes/audit.yaml
    - --audit-log-path=/var/log/audit.log
    - --secure-port=6443
    name: kube-apiserver
    volumeMounts:
    - {mountPath: /etc/kubernetes/audit.yaml, name: audit, readOnly: true}
  volumes:
  - {name: audit, hostPath: {path: /etc/kubernetes/audit.yaml, type: File}}
`;

/**
 * Returns the output of the command for these settings.
 * @param {Record<string, string>} options
 * @param {{ policy?: string, version?: string, target?: string }} where
 */
function exported(options, { policy = POLICY, version = "1.36", target } = {}) {
  const words = Object.entries({ ...DEFAULTS, ...options }).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
  if (target) words.push("--target", target);
  const { stdout } = native(["--kubernetes-version", version, "export", "--policy", "-", "--format", "json", ...words], policy);
  return objects(stdout)[0];
}

async function open(page) {
  await page.getByRole("button", { name: "Export" }).click();
  const dialog = page.getByRole("dialog", { name: "Export" });
  await target(dialog).waitFor();
  return dialog;
}

/** The field with the target of the export. */
const target = (dialog) => dialog.getByRole("combobox", { name: "Target", exact: true });
/** The field of a flag. */
const field = (dialog, flag) => dialog.locator(`#export-${flag}`);
/** A text as it would be copied: without the findings between its lines. */
const shown = (dialog, name) =>
  dialog.getByRole("region", { name, exact: true }).evaluate((box) => [...box.querySelectorAll(".line")].map((line) => `${line.textContent}\n`).join(""));

/** Fills the dialog's fields. */
async function settle(dialog, options) {
  for (const [name, value] of Object.entries(options)) {
    if (value === "true" || value === "false") await field(dialog, name).setChecked(value === "true");
    else await field(dialog, name).fill(value);
  }
}

const plain = (text) => text.replaceAll("`", "").replace(/\s+/g, " ").trim();

/** Compares the chosen target's document: texts to the letter, sentences by their beginnings. */
async function agreeOn(dialog, { title, fileName, note, text, files, steps, verify, undo }) {
  await target(dialog).selectOption({ label: title });
  await becomes(() => shown(dialog, `Preview of ${fileName}`), text, title);
  await dialog.getByRole("button", { name: `Save ${fileName}` }).first().waitFor();
  await becomes(async () => {
    const said = plain(await dialog.innerText());
    return [note, ...steps, ...verify, ...undo].filter((sentence) => !said.includes(plain(sentence).slice(0, 40)));
  }, [], title);
  for (const { path, text } of files) {
    const file = dialog.locator("details.file").filter({ has: dialog.page().getByText(path, { exact: true }) });
    await file.evaluate((details) => { details.open = true; });
    await becomes(() => shown(dialog, `Preview of ${path}`), text, path);
  }
}

/** Matches the findings that only the page has, because they depend on the open log. */
const OF_THE_LOG = / per day, \d+ files keep | without limit: /;

/** Returns the findings about the settings, wherever they are shown. */
async function settingFindings(dialog) {
  const said = await dialog.locator(".document > .setting-findings p, .line-finding").allInnerTexts();
  return said.map((text) => plain(text).replace(/^[✗▲●]\s*(?:error|warning|note): /, "")).sort();
}

/** Returns the same findings as the command reports them. */
const expected = ({ findings }) => findings.map(({ code, message, help }) => plain(`${help === "" ? message : `${message}: ${help}`} ${code}`)).sort();

test("every target's export is the command's", {}, async (page) => {
  await openExample(page, "Catch-all first");
  const dialog = await open(page);
  const { documents } = exported({});
  assert.deepEqual(await target(dialog).getByRole("option").allInnerTexts().then((all) => all.sort()), documents.map(({ title }) => title).sort());
  for (const document of documents) await agreeOn(dialog, document);
});

test("the export is the command's, for other settings", {}, async (page) => {
  await pastePolicy(page, POLICY);
  const dialog = await open(page);
  await target(dialog).selectOption("static-pod");
  for (const options of [
    { "audit-policy-file": "/srv/a b/policy.yaml", "audit-log-path": "/srv/logs/audit.log" },
    { "audit-log-maxage": "7", "audit-log-maxbackup": "3", "audit-log-maxsize": "50" },
    { "audit-log-maxage": "0", "audit-log-maxbackup": "0", "audit-log-maxsize": "0" },
    { "audit-log-maxage": "-1" },
    { "audit-log-path": "-" },
    { "audit-policy-file": "relative/policy.yaml" },
    { "audit-log-path": "/audit.log" },
    { "audit-policy-file": "/etc/it's \"quoted\"/$HOME: #1.yaml" },
    { "audit-log-compress": "false" },
  ]) {
    await settle(dialog, { ...DEFAULTS, "audit-log-path": DEFAULTS["audit-log-path"] });
    await settle(dialog, options);
    const report = exported(options, { target: "static-pod" });
    await agreeOn(dialog, report.documents[0]);
    await becomes(async () => (await settingFindings(dialog)).filter((text) => !OF_THE_LOG.test(text)), expected(report), JSON.stringify(options));
  }
});

test("behind the fold is every other flag, and the webhook's once it is on", {}, async (page) => {
  await pastePolicy(page, POLICY);
  const dialog = await open(page);
  await target(dialog).selectOption("flags");
  await dialog.getByText("More settings").click();
  await field(dialog, "audit-log-mode").selectOption("batch");
  assert.equal(await field(dialog, "audit-webhook-mode").count(), 0);
  await settle(dialog, { "audit-webhook-config-file": "/etc/kubernetes/audit/webhook.yaml" });
  await field(dialog, "audit-webhook-batch-max-wait").fill("1m30s");
  await field(dialog, "include-defaults").check();
  const options = {
    "audit-log-mode": "batch", "audit-webhook-config-file": "/etc/kubernetes/audit/webhook.yaml", "audit-webhook-batch-max-wait": "1m30s", "include-defaults": "true",
  };
  const report = exported(options, { target: "flags" });
  await agreeOn(dialog, report.documents[0]);
  await becomes(async () => (await settingFindings(dialog)).filter((text) => !OF_THE_LOG.test(text)), expected(report));
});

test("the export follows the policy and the version", {}, async (page) => {
  await page.getByRole("combobox", { name: "Kubernetes version" }).selectOption("1.30");
  const policy = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n# "ü" is kept\nrules:\n- level: Request\n';
  await pastePolicy(page, policy);
  await becomes(async () => (await verdict(page)).split(",")[0], "accepted");
  const dialog = await open(page);
  for (const document of exported({}, { policy, version: "1.30" }).documents.slice(0, 6)) await agreeOn(dialog, document);
});

test("a policy that the server rejects is exported with the server's message next to the flag", {}, async (page) => {
  const policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Loud\n";
  await pastePolicy(page, policy);
  await becomes(async () => (await verdict(page)).split(",")[0], "rejected");
  const dialog = await open(page);
  await target(dialog).selectOption("flags");
  await becomes(async () => {
    const finding = await dialog.locator(".marked", { hasText: "--audit-policy-file=" }).evaluate((line) => line.nextElementSibling?.textContent ?? "");
    return /rejects the policy: rules\[0\]\.level: Unsupported value: "Loud"/.test(finding);
  }, true);
});

test("what cannot be read gets the server's words at its field, and the rest stands", {}, async (page) => {
  await pastePolicy(page, POLICY);
  const dialog = await open(page);
  await target(dialog).selectOption("flags");
  await field(dialog, "audit-log-maxage").fill("seven");
  await becomes(() => dialog.getByRole("alert").innerText(),
    'invalid argument "seven" for "--audit-log-maxage" flag: strconv.ParseInt: parsing "seven": invalid syntax');
  assert.equal(await field(dialog, "audit-log-maxage").getAttribute("aria-invalid"), "true");
  await becomes(async () => (await shown(dialog, "Preview of kube-apiserver-audit.flags")).includes("maxage"), false);
  // An empty field is the server's default, which stands in it in grey.
  await field(dialog, "audit-log-maxage").fill("");
  await becomes(() => dialog.getByRole("alert").count(), 0);
  assert.equal(await field(dialog, "audit-log-maxage").getAttribute("placeholder"), "366");
});

test("a log says whether the disk holds what is to be kept", {}, async (page) => {
  await openExample(page, "Catch-all first");
  const dialog = await open(page);
  await becomes(async () => (await settingFindings(dialog)).some((text) => /^at .* per day, 10 files keep .*, not 30 days/.test(text)), true);
});

test("every document can be copied and saved", {}, async (page) => {
  await openExample(page, "Catch-all first");
  const dialog = await open(page);
  for (const { title, fileName, text } of exported({}).documents) {
    await target(dialog).selectOption({ label: title });
    await becomes(() => shown(dialog, `Preview of ${fileName}`), text, title);
    await dialog.getByRole("button", { name: "Copy" }).first().click();
    await becomes(() => page.evaluate(() => navigator.clipboard.readText()), text, title);
    const download = page.waitForEvent("download");
    await dialog.getByRole("button", { name: `Save ${fileName}` }).first().click();
    const saved = await download;
    assert.equal(saved.suggestedFilename(), fileName);
    assert.equal(readFileSync(await saved.path(), "utf8"), text, title);
  }
});

test("an archive holds the command's files", {}, async (page) => {
  await pastePolicy(page, POLICY);
  const dialog = await open(page);
  await target(dialog).selectOption("kubeadm-patches");
  await becomes(async () => (await dialog.innerText()).includes("kubeadm applies whenever"), true);
  const download = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Save all as ZIP" }).click();
  const saved = await download;
  assert.equal(saved.suggestedFilename(), "audit-kubeadm-patches.zip");
  const folder = mkdtempSync(join(tmpdir(), "archive-"));
  try {
    const sets = Object.entries(DEFAULTS).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
    native(["export", "--policy", "-", "--target", "kubeadm-patches", "--zip", join(folder, "a.zip"), ...sets], POLICY);
    assert.ok(readFileSync(join(folder, "a.zip")).equals(readFileSync(await saved.path())));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Opens the box and fills it. */
async function paste(dialog, text, wish) {
  if (!(await dialog.locator("#export-paste").isVisible())) await dialog.getByText("Start from your current configuration").click();
  await dialog.locator("#export-paste").fill(text);
  await dialog.getByRole("button", { name: wish }).click();
}

test("flags that were pasted become the settings, and can be taken back", {}, async (page) => {
  await pastePolicy(page, POLICY);
  const dialog = await open(page);
  await target(dialog).selectOption("flags");
  const text = "kube-apiserver --audit-policy-file=/p/p.yaml \\\n  –-audit-log-path=/l/a.log \\\n  --audit-log-mode=batch --audit-log-maxsise=5\n";
  await paste(dialog, text, "Import settings");
  const [report] = objects(native(["import", "--format", "json"], text).stdout);
  await becomes(() => shown(dialog, "Preview of kube-apiserver-audit.flags"), `${report.flags.join("\n")}\n`);
  const said = (await dialog.locator(".paste li").allInnerTexts()).map(plain);
  assert.equal(said.length, 2);
  assert.match(said[0], /^line 2 ▲ warning: this line contains a dash, space, quote/);
  assert.match(said[1], /^line 3 ✗ error: unknown flag: --audit-log-maxsise: .*did you mean --audit-log-maxsize\? AE015$/);
  await dialog.getByRole("button", { name: "Undo" }).click();
  await becomes(async () => (await shown(dialog, "Preview of kube-apiserver-audit.flags")).split("\n")[0], `--audit-policy-file=${DEFAULTS["audit-policy-file"]}`);
});

test("a few flags of a fragment count, whether or not the log has a path", {}, async (page) => {
  await pastePolicy(page, POLICY);
  const dialog = await open(page);
  await target(dialog).selectOption("flags");
  await paste(dialog, "    - --audit-log-maxage=7\n    - --audit-log-maxsize=5\n", "Import settings");
  await becomes(async () => plain(await dialog.locator(".paste").innerText()).includes("Imported 2 audit flags. All other settings are the server's defaults."), true);
  await field(dialog, "audit-log-path").fill("/var/log/a.log");
  await becomes(() => shown(dialog, "Preview of kube-apiserver-audit.flags"), "--audit-log-path=/var/log/a.log\n--audit-log-maxage=7\n--audit-log-maxsize=5\n");
});

/** Settings whose log is in a directory that a pod cannot mount without hiding other files. */
const K3S = "kube-apiserver-arg:\n- audit-policy-file=/var/lib/rancher/k3s/server/audit.yaml\n- audit-log-path=/etc/audit.log\n- audit-log-maxage=7\n- audit-log-maxbackup=2\n";

for (const { width, theme } of [1440, 390].flatMap((width) => ["light", "dark"].map((theme) => ({ width, theme })))) {
  test(`settings are checked where their server runs at ${width} px, ${theme}`, { width, theme }, async (page) => {
    const dialog = await open(page);
    await target(dialog).selectOption("flags");
    await paste(dialog, K3S, "Import settings");
    await becomes(async () => plain(await dialog.locator(".paste").innerText()).includes("Read as a k3s configuration."), true);
    // k3s is a process of the node, which mounts nothing.
    assert.deepEqual(objects(native(["import", "--format", "json"], K3S).stdout)[0].findings, []);
    const hides = async () => (await settingFindings(dialog)).filter((text) => text.endsWith("AE005"));
    await becomes(() => shown(dialog, "Preview of kube-apiserver-audit.flags").then((text) => text.includes("/etc/audit.log")), true);
    assert.deepEqual(await hides(), []);
    await shot(page, `export-place-k3s-${width}-${theme}`);
    // A static pod mounts the log's directory.
    await target(dialog).selectOption("static-pod");
    await becomes(async () => (await hides()).length, 1);
    await shot(page, `export-place-pod-${width}-${theme}`);
    await target(dialog).selectOption("k3s");
    await becomes(async () => (await hides()).length, 0);
    // Without the document, flags are those of a pod again.
    await dialog.getByRole("button", { name: "Undo" }).click();
    await target(dialog).selectOption("flags");
    await field(dialog, "audit-log-path").fill("/etc/audit.log");
    await becomes(async () => (await hides()).length, 1);
  });
}

test("a text without flags leaves the settings as they are", {}, async (page) => {
  await pastePolicy(page, POLICY);
  const dialog = await open(page);
  await target(dialog).selectOption("flags");
  await paste(dialog, POLICY, "Import settings");
  await becomes(async () => plain(await dialog.locator(".paste").innerText()).includes("Read as an audit policy. It sets no audit flag"), true);
  assert.equal(await field(dialog, "audit-log-maxage").inputValue(), "30");
});

test("the settings go into the reader's own manifest, and the difference applies", {}, async (page) => {
  await pastePolicy(page, POLICY);
  const dialog = await open(page);
  await paste(dialog, MANIFEST, "Add these settings to it");
  const diff = await until(() => shown(dialog, "Changes to your manifest"));
  const folder = mkdtempSync(join(tmpdir(), "manifest-"));
  try {
    writeFileSync(join(folder, "m.yaml"), MANIFEST);
    const sets = Object.entries(DEFAULTS).flatMap(([name, value]) => ["--set", `${name}=${value}`]);
    const { stdout } = native(["export", "--policy", "-", "--manifest", join(folder, "m.yaml"), ...sets], POLICY);
    await dialog.getByText("Full manifest").click();
    await becomes(() => shown(dialog, "Preview of kube-apiserver.yaml"), stdout);
    assert.ok(stdout.includes("name: kube-apiserver   # by kubeadm"));
    writeFileSync(join(folder, "kube-apiserver.yaml"), MANIFEST);
    if (spawnSync("patch", ["--version"]).status === 0) {
      const { status } = spawnSync("patch", ["-p0"], { cwd: folder, input: diff });
      assert.equal(status, 0);
      assert.equal(readFileSync(join(folder, "kube-apiserver.yaml"), "utf8"), stdout);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  // Its own settings change nothing in it.
  await paste(dialog, MANIFEST, "Import settings");
  await becomes(async () => plain(await dialog.innerText()).includes("/var/log/audit.log is not mounted"), true);
  await dialog.getByRole("button", { name: "Remove my manifest" }).click();
  await becomes(async () => (await shown(dialog, "Preview of kube-apiserver-audit-snippet.yaml")).startsWith("spec:\n"), true);
});

test("a manifest that the settings cannot be added to is rejected with a reason", {}, async (page) => {
  await pastePolicy(page, POLICY);
  const dialog = await open(page);
  await paste(dialog, "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: etcd\n    command: [etcd]\n", "Add these settings to it");
  await becomes(async () => /can't be added to this manifest: /.test(plain(await dialog.innerText())), true);
  await becomes(async () => (await shown(dialog, "Preview of kube-apiserver-audit-snippet.yaml")).startsWith("spec:\n"), true);
});

test("the policy within a configuration can be edited", {}, async (page) => {
  await pastePolicy(page, POLICY);
  const dialog = await open(page);
  const { documents } = exported({ "audit-log-maxage": "9" }, { policy: "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n", target: "talos" });
  await paste(dialog, documents[0].text, "Import settings");
  await dialog.getByRole("button", { name: "Edit the policy it contains" }).click();
  await becomes(() => field(dialog, "audit-log-maxage").inputValue(), "9");
  await page.keyboard.press("Escape");
  await becomes(async () => /level: None/.test(await editor(page).innerText()) && !/RequestResponse/.test(await editor(page).innerText()), true);
});

/** Reads until there is something. */
async function until(read) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await read();
    } catch (error) {
      if (tries > 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
