// The list of what is inside the released files, as CycloneDX JSON: the crates of each program and module, and the npm packages of the page.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packages } from "../build/packages.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(here));
const { Enums, Models, Serialize, Spec } = createRequire(join(packages(here), "x.js"))("@cyclonedx/cyclonedx-library");

const WASM = "wasm32-unknown-unknown";

/** The manifests with the crates that are released, each with the target that they are built for; `host` is that of this machine. */
const RELEASED = [
  { folder: "", target: "host", crates: ["audit-cli"] },
  { folder: "", target: WASM, crates: ["audit-npm", "playground", "playground-worker"] },
  { folder: "python", target: "host", crates: ["audit-python"] },
];

/** @typedef {{ name: string, version: string, purl: string, license?: string, sha256?: string, sha512?: string }} Component */

/** @param {string[]} words @returns {any} */
function metadata(words) {
  const { status, error, stdout, stderr } = spawnSync("cargo", ["metadata", "--locked", "--format-version", "1", ...words], { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 });
  if (error) throw error;
  if (status !== 0) throw new Error(`\`cargo metadata\` ended with status ${status}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Returns the checksums of a Cargo.lock by name and version. @param {string} folder */
function checksums(folder) {
  const text = readFileSync(join(root, folder, "Cargo.lock"), "utf8");
  const found = text.matchAll(/name = "([^"]+)"\nversion = "([^"]+)"\nsource = "[^"]+"\nchecksum = "([0-9a-f]{64})"/g);
  return new Map([...found].map(([, name, version, sum]) => [`${name}@${version}`, sum]));
}

/**
 * Returns the crates from elsewhere that released crates are linked with.
 * @param {(typeof RELEASED)[number]} released @param {string} host
 * @returns {Component[]}
 */
function cratesOf({ folder, target, crates }, host) {
  const { packages: all, resolve } = metadata(["--manifest-path", join(folder, "Cargo.toml"), "--filter-platform", target === "host" ? host : target]);
  const byId = new Map(all.map((/** @type {any} */ one) => [one.id, one]));
  const nodes = new Map(resolve.nodes.map((/** @type {any} */ node) => [node.id, node]));
  const todo = all.filter((/** @type {any} */ one) => one.source === null && crates.includes(one.name)).map((/** @type {any} */ one) => one.id);
  if (todo.length !== crates.length) throw new Error(`not all of ${crates.join(", ")} are in \`${folder || "."}\``);
  const seen = new Set(todo);
  for (const id of todo) {
    // Those without a kind are linked; the others only build or test.
    const linked = nodes.get(id).deps.filter((/** @type {any} */ dep) => dep.dep_kinds.some((/** @type {any} */ kind) => kind.kind === null));
    for (const { pkg } of linked) {
      if (seen.has(pkg)) continue;
      seen.add(pkg);
      todo.push(pkg);
    }
  }
  const sums = checksums(folder);
  return [...seen].map((id) => byId.get(id)).filter(({ source }) => source !== null).map(({ name, version, license }) => ({
    name,
    version,
    purl: `pkg:cargo/${name}@${version}`,
    // An older form of the expression.
    license: license?.replaceAll("/", " OR "),
    sha256: sums.get(`${name}@${version}`),
  }));
}

/** Returns the npm packages of the page's editor. @returns {Component[]} */
function npmPackages() {
  const lock = JSON.parse(readFileSync(join(root, "web", "package-lock.json"), "utf8"));
  const entries = Object.entries(lock.packages).filter(([path, { dev }]) => path && !dev);
  return entries.map(([path, { version, license, integrity }]) => {
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    const sha512 = integrity?.startsWith("sha512-") ? Buffer.from(integrity.slice("sha512-".length), "base64").toString("hex") : undefined;
    return { name, version, purl: `pkg:npm/${name.replace("@", "%40")}@${version}`, license, sha512 };
  });
}

/** Returns the list for a version. It has no time and no random number, so the same input gives the same text. @param {string} version @param {string} host */
export function sbom(version, host) {
  const found = [...RELEASED.flatMap((released) => cratesOf(released, host)), ...npmPackages()];
  const unique = [...new Map(found.map((one) => [one.purl, one])).values()].sort((one, other) => (one.purl < other.purl ? -1 : 1));
  const product = new Models.Component(Enums.ComponentType.Application, "audit-policy-playground", { version, bomRef: "audit-policy-playground" });
  const bom = new Models.Bom({ metadata: new Models.Metadata({ component: product }) });
  for (const { name, version: own, purl, license, sha256, sha512 } of unique) {
    const hashes = new Models.HashDictionary();
    if (sha256) hashes.set(Enums.HashAlgorithm["SHA-256"], sha256);
    if (sha512) hashes.set(Enums.HashAlgorithm["SHA-512"], sha512);
    const component = new Models.Component(Enums.ComponentType.Library, name, { version: own, purl, bomRef: purl, hashes });
    if (license) component.licenses.add(new Models.LicenseExpression(license));
    product.dependencies.add(component.bomRef);
    bom.components.add(component);
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 1 })}\n`;
}
