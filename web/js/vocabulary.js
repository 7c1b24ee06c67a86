/**
 * Names that may occur in an audit policy: fields, levels, stages, verbs, users, groups and resources, with what kube-apiserver does with them.
 *
 * Names that depend on the Kubernetes version come from `data/vocabulary.json` of the crate `audit-policy`, which its lints read too.
 * The server compares values and looks nothing up, so any other name is allowed as well.
 */

import data from "../../crates/audit-policy/data/vocabulary.json" with { type: "json" };

/**
 * @typedef {"scalar" | "flag" | "strings" | "mappings"} Shape
 * @typedef {object} Field
 * @property {Shape} shape
 * @property {string} about What the server does with it; code in backticks.
 *
 * @typedef {{name: string, versions: string, about: string}} Entry
 */

const OMIT_MANAGED_FIELDS = "Removes `managedFields` from logged bodies";

/** The fields of each mapping, in the order in which they are usually written. @type {Record<string, Record<string, Field>>} */
export const FIELDS = {
  policy: {
    apiVersion: { shape: "scalar", about: "Must be `audit.k8s.io/v1`. The beta and alpha versions are rejected since Kubernetes 1.24." },
    kind: { shape: "scalar", about: "Must be `Policy`, which is also the default. Any other kind is rejected." },
    metadata: { shape: "mappings", about: "Standard object metadata. The server parses it but does not use it." },
    omitStages: {
      shape: "strings",
      about: "Stages at which no event is logged, for any rule. A rule can add stages but cannot re-enable one.",
    },
    omitManagedFields: { shape: "flag", about: `${OMIT_MANAGED_FIELDS}, unless the rule overrides it. Since Kubernetes 1.23.` },
    rules: {
      shape: "mappings",
      about: "Evaluated from the top; the first rule that matches decides. Requests that no rule matches are not logged. " +
        "A policy without rules is rejected.",
    },
  },
  rule: {
    level: { shape: "scalar", about: "How much is logged of a request that this rule matches. Required; case matters." },
    users: {
      shape: "strings",
      about: "The name of the authenticated user must be in this list. Compared exactly: `*` is not a wildcard. Impersonated users do not " +
        "count, and a request whose authentication failed has no user.",
    },
    userGroups: {
      shape: "strings",
      about: "At least one of the user's groups must be one of these, letter by letter; there is no `*`.",
    },
    verbs: {
      shape: "strings",
      about: "The request's verb must be in this list; `*` is not a wildcard. If empty or left out, every verb matches. " +
        "The verb of a non-resource URL is the HTTP method in lowercase.",
    },
    resources: {
      shape: "mappings",
      about: "At least one entry must fit the request's API group, resource and name. The rule then matches resource requests only.",
    },
    namespaces: {
      shape: "strings",
      about: "The request's namespace must be in this list. `\"\"` stands for cluster-scoped requests and for lists and watches across all " +
        "namespaces. The rule then matches resource requests only.",
    },
    nonResourceURLs: {
      shape: "strings",
      about: "The request's path must be in this list, or start with the part before a final `*`. The rule then matches non-resource " +
        "requests only and cannot have `resources` or `namespaces`.",
    },
    omitStages: { shape: "strings", about: "Stages at which this rule logs no event, in addition to those that the policy omits." },
    omitManagedFields: { shape: "flag", about: `${OMIT_MANAGED_FIELDS} by this rule; \`false\` overrides the policy's \`true\`. Since Kubernetes 1.23.` },
  },
  resources: {
    group: {
      shape: "scalar",
      about: "The API group without its version; `\"\"` or no value is the core group. `*` matches every group since Kubernetes 1.36 and is " +
        "rejected before.",
    },
    resources: {
      shape: "strings",
      about: "The plural must be in this list. Subresources must be listed: `pods` does not match `pods/log`. If empty or left out, " +
        "all resources of the group match, including subresources.",
    },
    resourceNames: {
      shape: "strings",
      about: "The name in the request's URL must be in this list, so a create never matches, nor a list or watch whose field selector does " +
        "not set `metadata.name`. Requires `resources`.",
    },
  },
};

/** @type {Record<string, string>} */
export const NAMESPACES = {
  default: "",
  "kube-system": "",
  "kube-public": "",
  "kube-node-lease": "",
  "": "cluster-scoped, and across all namespaces",
};

/** @type {Record<string, string>} */
export const NON_RESOURCE_URLS = {
  "/healthz*": "health",
  "/livez*": "liveness",
  "/readyz*": "readiness",
  "/version": "the server's version",
  "/metrics": "metrics",
  "/metrics/*": "other metrics",
  "/api*": "discovery",
  "/apis*": "discovery of groups",
  "/openapi*": "OpenAPI documents",
  "/.well-known/*": "service account issuer",
  "/openid/*": "service account keys",
  "/logs*": "the node's log files",
  "/debug/*": "profiling",
  "/": "the list of paths",
  "*": "all non-resource URLs",
};

/** The newest minor version of Kubernetes: above every first version in the data. */
const NEWEST = 255;

/** @param {string} versions First and last minor version: `20-` or `20-24`. @param {number} minor */
function exists(versions, minor) {
  const [since, until] = versions.split("-");
  return Number(since) <= minor && (until === "" || minor <= Number(until));
}

/** @param {Entry[]} entries @param {number} minor @returns {Record<string, string>} */
function described(entries, minor) {
  return Object.fromEntries(entries.filter(({ versions }) => exists(versions, minor)).map(({ name, about }) => [name, about]));
}

/** By group, its resources as a policy names them, subresources as `pods/exec` after their resource. @param {number} minor */
function resourcesOf(minor) {
  /** @type {Map<string, string[]>} */
  const groups = new Map();
  for (const { group, name, versions, subresources } of [...data.resources, ...data.addOns]) {
    if (!exists(versions, minor)) continue;
    const names = groups.get(group) ?? [];
    groups.set(group, names);
    names.push(name);
    for (const [subresource, range] of Object.entries(subresources)) {
      if (exists(range, minor)) names.push(`${name}/${subresource}`);
    }
  }
  return groups;
}

// The names of the selected version; importers see every change.

/** @type {Record<string, string>} */
export let LEVELS;
/** @type {Record<string, string>} */
export let STAGES;
/** @type {Record<string, string>} */
export let VERBS;
/** Verbs of non-resource URLs that resources do not have. @type {string[]} */
export let HTTP_VERBS;
/** @type {Record<string, string>} */
export let USERS;
/** @type {Record<string, string>} */
export let USER_GROUPS;
/** @type {Map<string, string[]>} */
export let RESOURCES;

/**
 * Selects the Kubernetes version whose names are offered and explained.
 * @param {string} version Such as `1.29`; of any other text, the newest.
 */
export function setVersion(version) {
  const [, digits] = /^1\.(\d+)$/.exec(version) ?? [];
  const minor = digits ? Number(digits) : NEWEST;
  LEVELS = described(data.levels, minor);
  STAGES = described(data.stages, minor);
  // Verbs without a description are known to the lints but not offered.
  const verbs = data.verbs.filter(({ about }) => about !== "");
  VERBS = described(verbs, minor);
  HTTP_VERBS = verbs.filter(({ requests }) => requests === "nonResource").map(({ name }) => name);
  USERS = described(data.users, minor);
  USER_GROUPS = described(data.userGroups, minor);
  RESOURCES = resourcesOf(minor);
}

setVersion("");
