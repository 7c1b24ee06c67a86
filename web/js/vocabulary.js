/**
 * Names that may occur in an audit policy: fields, levels, stages, verbs, users, groups and resources, with what kube-apiserver does with them.
 *
 * Names that depend on the Kubernetes version come from `data/vocabulary.json` of the crate `audit-policy`, which its lints read too, and texts from
 * `data/fields.json`, which the language server reads too.
 * The server compares values and looks nothing up, so any other name is allowed as well.
 */

import texts from "../../crates/audit-policy/data/fields.json" with { type: "json" };
import data from "../../crates/audit-policy/data/vocabulary.json" with { type: "json" };

/**
 * @typedef {"scalar" | "flag" | "strings" | "mappings"} Shape
 * @typedef {object} Field
 * @property {Shape} shape
 * @property {string} about What the server does with it; code in backticks.
 *
 * @typedef {{name: string, versions: string, about: string}} Entry
 */

/** The fields of each mapping, in the order in which they are usually written. @type {Record<string, Record<string, Field>>} */
export const FIELDS = Object.fromEntries(Object.entries(texts.fields).map(([scope, fields]) => [scope, named(fields)]));

/** @type {Record<string, string>} */
export const NAMESPACES = abouts(texts.namespaces);

/** @type {Record<string, string>} */
export const NON_RESOURCE_URLS = abouts(texts.nonResourceUrls);

/** The groups that are explained: every one, and core. */
export const GROUPS = texts.groups;

/** Meanings of the texts in a list of resources; `{}` is the name in them. */
export const RESOURCE_PATTERNS = texts.resourcePatterns;

/** @param {{name: string, shape: string, about: string}[]} fields @returns {Record<string, Field>} */
function named(fields) {
  return Object.fromEntries(fields.map(({ name, shape, about }) => [name, { shape: /** @type {Shape} */ (shape), about }]));
}

/** @param {{name: string, about: string}[]} entries @returns {Record<string, string>} */
function abouts(entries) {
  return Object.fromEntries(entries.map(({ name, about }) => [name, about]));
}

/** The newest minor version of Kubernetes: above every first version in the data. */
const NEWEST = 255;

/** @param {string} versions First and last minor version: `20-` or `20-24`. @param {number} minor */
function exists(versions, minor) {
  const [since, until] = versions.split("-");
  return Number(since) <= minor && (until === "" || minor <= Number(until));
}

/** @param {Entry[]} entries @param {number} minor @returns {Record<string, string>} */
function described(entries, minor) {
  return abouts(entries.filter(({ versions }) => exists(versions, minor)));
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
