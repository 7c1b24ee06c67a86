// Policies inside other documents: a ConfigMap, a kOps cluster, a template.

import assert from "node:assert/strict";
import { axe, shot, test } from "../harness.mjs";
import { findings, pastePolicy } from "../page.mjs";

const policy = (level) => `    apiVersion: audit.k8s.io/v1\n    kind: Policy\n    rules:\n    - level: ${level}\n      verb: [get]\n`;
const CONFIG_MAP = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: audit\ndata:\n  small: |\n${policy("Metadata")}  large: |\n${policy("RequestResponse")}`;
const POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: kube-apiserver\nspec:\n  containers:\n  - name: kube-apiserver\n    command:\n    - kube-apiserver\n    - --audit-log-path=/var/log/audit.log\n    - --audit-policy-file=/etc/kubernetes/policy.yaml\n";
const KOPS = "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec:\n  kubeAPIServer:\n    auditLogPath: /var/log/audit.log\n    auditPolicyFile: /srv/audit.yaml\n";

for (const { width, theme } of [{ width: 1440, theme: "light" }, { width: 390, theme: "dark" }]) {
  test(`the policies of a ConfigMap are checked where they are at ${width} px, ${theme}`, { width, theme }, async (page) => {
    if (width === 390) await page.getByRole("navigation", { name: "Panes" }).getByRole("button", { name: "Policy" }).click();
    await pastePolicy(page, CONFIG_MAP);
    await page.getByText("This is a ConfigMap with 2 policies:").waitFor();
    const choice = page.getByRole("combobox", { name: /This is a ConfigMap/ });
    assert.deepEqual(await choice.locator("option").allInnerTexts(), ["data.small", "data.large"]);
    // The misspelled field of the first policy is on line 11 of the whole text, that of the second one on line 17.
    await findings(page).getByText("line 11").first().waitFor();
    assert.deepEqual(await axe(page), []);
    await shot(page, `document-${width}-${theme}`);
    await choice.selectOption("data.large");
    await findings(page).getByText("line 17").first().waitFor();
    await findings(page).getByRole("button", { name: "Fix" }).first().click();
    await findings(page).getByText("AP013").waitFor({ state: "detached" });
  });
}

test("the settings of a kOps cluster can be read, and its policy is named", { width: 1440 }, async (page) => {
  await pastePolicy(page, KOPS);
  await page.getByText("This is a kOps cluster. It contains no policy.").waitFor();
  await findings(page).getByText("/srv/audit.yaml").first().waitFor();
  await shot(page, "document-kops");
  await page.getByRole("button", { name: "Read its settings" }).click();
  const dialog = page.getByRole("dialog", { name: "Export" });
  await dialog.waitFor();
  await dialog.getByText("kOps cluster").first().waitFor();
  await shot(page, "document-kops-settings");
});

test("a manifest that is pasted outside the editor is a document, too", { width: 1440 }, async (page) => {
  await page.getByRole("tablist", { name: "Inspector" }).getByRole("tab").first().focus();
  await page.evaluate((text) => navigator.clipboard.writeText(text), POD);
  await page.keyboard.press("ControlOrMeta+v");
  await page.getByText("This is a pod manifest. It contains no policy.").waitFor();
  assert.equal(await page.getByText("was not opened").count(), 0);
  await page.getByRole("button", { name: "Read its settings" }).waitFor();
});

test("a template is named instead of an error of YAML", { width: 1440 }, async (page) => {
  await pastePolicy(page, "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n{{- range .Values.users }}\n- level: None\n  users: [\"{{ . }}\"]\n{{- end }}\n- level: Metadata\n");
  await findings(page).getByText("AP051").first().waitFor();
  assert.equal(await page.getByText("kube-apiserver will not start").count(), 0);
});

test("a manifest of an older version shows what an upgrade changes", { width: 1440 }, async (page) => {
  await page.getByRole("banner").getByRole("button", { name: "Export" }).click();
  const dialog = page.getByRole("dialog", { name: "Export" });
  await dialog.getByText("Start from your current configuration").click();
  await dialog
    .getByRole("textbox", { name: /Flags, a kube-apiserver manifest/ })
    .fill("kind: Pod\nspec:\n  containers:\n  - image: registry.k8s.io/kube-apiserver:v1.31.2\n    command: [kube-apiserver, --audit-policy-file=/p.yaml, --audit-log-path=/l/a.log]\n");
  await dialog.getByRole("button", { name: "Import settings" }).click();
  await dialog.getByRole("heading", { name: "Upgrade from 1.31 to 1.36" }).waitFor();
  assert.deepEqual(await axe(page), []);
  await shot(page, "upgrade");
});

for (const { width, theme } of [1440, 390].flatMap((width) => ["light", "dark"].map((theme) => ({ width, theme })))) {
  test(`an upgrade concludes nothing about arguments that the text does not contain at ${width} px, ${theme}`, { width, theme }, async (page) => {
    await page.getByRole("banner").getByRole("button", { name: "Export" }).click();
    const dialog = page.getByRole("dialog", { name: "Export" });
    await dialog.getByText("Start from your current configuration").click();
    await dialog
      .getByRole("textbox", { name: /Flags, a kube-apiserver manifest/ })
      .fill('kind: Pod\nspec:\n  containers:\n  - image: registry.k8s.io/kube-apiserver:v1.31.2\n    command: [kube-apiserver, --audit-policy-file=/p.yaml, --audit-log-path=/l/a.log, $(EXTRA_ARGS)]\n');
    await dialog.getByRole("button", { name: "Import settings" }).click();
    await dialog.getByRole("heading", { name: "Upgrade from 1.31 to 1.36" }).waitFor();
    await dialog.getByText("Nothing about auditing changes from 1.31 to 1.36 for the arguments that the text contains; the server gets others, too.").waitFor();
    assert.equal(await dialog.getByText("AE043").count(), 0);
    assert.deepEqual(await axe(page), []);
    await dialog.getByRole("heading", { name: "Upgrade from 1.31 to 1.36" }).scrollIntoViewIfNeeded();
    await shot(page, `upgrade-partial-${width}-${theme}`);
  });
}
