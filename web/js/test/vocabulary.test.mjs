// The names that completion offers follow the Kubernetes version.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { HTTP_VERBS, LEVELS, RESOURCES, USER_GROUPS, VERBS, setVersion } from "../vocabulary.js";

afterEach(() => setVersion("1.36"));

test("the newest version has the newest resources", () => {
  for (const [group, name] of [
    ["scheduling.k8s.io", "podgroups"],
    ["scheduling.k8s.io", "workloads"],
    ["resource.k8s.io", "resourcepoolstatusrequests"],
    ["internal.apiserver.k8s.io", "storageversions"],
    ["", "pods/resize"],
    ["metrics.k8s.io", "nodes"],
  ]) assert.ok(RESOURCES.get(group)?.includes(name), `${group}/${name}`);
  assert.ok(!RESOURCES.get("policy")?.includes("podsecuritypolicies"));
  assert.ok(!RESOURCES.has("extensions"));
});

test("an old version has its own resources", () => {
  setVersion("1.21");
  assert.ok(RESOURCES.get("extensions")?.includes("ingresses"));
  assert.ok(RESOURCES.get("policy")?.includes("podsecuritypolicies"));
  assert.ok(!RESOURCES.get("")?.includes("pods/resize"));
  assert.ok(!RESOURCES.get("scheduling.k8s.io")?.includes("podgroups"));
  assert.ok(!Object.hasOwn(USER_GROUPS, "kubeadm:cluster-admins"));
});

test("levels and verbs are described", () => {
  assert.deepEqual(Object.keys(LEVELS), ["None", "Metadata", "Request", "RequestResponse"]);
  assert.deepEqual(HTTP_VERBS, ["post", "put", "head", "options"]);
  for (const about of Object.values({ ...LEVELS, ...VERBS })) assert.notEqual(about, "");
});
