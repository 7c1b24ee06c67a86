// Packs the command for krew, the package manager of kubectl's plugins: `node web/build/krew.mjs --url URL --homepage URL OS/ARCH=PROGRAM...`
// writes a zip for each program, and the manifest with their checksums, into target/krew. `--url` is where the zips will be, `--out` another folder.
// The same programs give the same files.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { packages } from "./packages.mjs";

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const root = dirname(web);
const { zipSync } = createRequire(join(packages(web), "x.js"))("fflate");

const USAGE = "usage: node web/build/krew.mjs --url URL --homepage URL [--out FOLDER] OS/ARCH=PROGRAM...";

/** Platforms as krew selects them, by the names that Go gives to systems and processors. */
const PLATFORM = /^(linux|darwin|windows)\/(amd64|arm64)$/;

/** Unix, and a regular file that anyone may execute: as a zip writes them. */
const UNIX = 3;
const EXECUTABLE = (0o100755 << 16) >>> 0;

/** Name of the plugin; kubectl finds it by the name of its file, in which `-` is `_`. */
const PLUGIN = "audit-policy";
const FILE = "kubectl-audit_policy";

/** @typedef {{ os: string, arch: string, program: Uint8Array }} Platform */

/** The version of the workspace. */
export function version() {
  const manifest = readFileSync(join(root, "Cargo.toml"), "utf8");
  const found = /^\[workspace\.package\]\n(?:(?!\[).*\n)*?version = "([^"]+)"/m.exec(manifest);
  if (!found) throw new Error("the workspace has no version");
  return found[1];
}

/** Returns a zip with a program, with the earliest time that the format has. @param {Platform} platform @returns {Uint8Array} */
function zipOf({ os, program }) {
  return zipSync({ [fileOn(os)]: [new Uint8Array(program), { os: UNIX, attrs: EXECUTABLE }] }, { level: 6, mtime: new Date(1980, 0, 1) });
}

/** @param {string} os */
const fileOn = (os) => (os === "windows" ? `${FILE}.exe` : FILE);

/**
 * Returns the files for krew by their names: the manifest, and a zip for each platform.
 * @param {Platform[]} platforms @param {{ url: string, homepage: string }} addresses
 * @returns {Map<string, Uint8Array>}
 */
export function krewFiles(platforms, { url, homepage }) {
  const zips = platforms.map((platform) => /** @type {const} */ ([`${PLUGIN}-${version()}-${platform.os}-${platform.arch}.zip`, zipOf(platform)]));
  const manifest = {
    apiVersion: "krew.googlecontainertools.github.com/v1alpha2",
    kind: "Plugin",
    metadata: { name: PLUGIN },
    spec: {
      version: `v${version()}`,
      homepage,
      shortDescription: "Check and test Kubernetes audit policies",
      description:
        "Predicts what a Kubernetes audit policy records, without a cluster: which rule matches a request, at which level, what is written and how much. " +
        "Checks policies, compares them over every possible request, and applies them to audit logs. It does not connect to the cluster.",
      platforms: platforms.map(({ os, arch }, index) => ({
        selector: { matchLabels: { os, arch } },
        uri: `${url.replace(/\/+$/, "")}/${zips[index][0]}`,
        sha256: createHash("sha256").update(zips[index][1]).digest("hex"),
        bin: fileOn(os),
      })),
    },
  };
  return new Map([[`${PLUGIN}.yaml`, Buffer.from(yaml(manifest))], ...zips]);
}

/** Returns a value as YAML, in blocks; texts are quoted as in JSON. @param {unknown} value @param {string} [indent] @returns {string} */
function yaml(value, indent = "") {
  if (Array.isArray(value)) return value.map((item) => `${indent}- ${yaml(item, `${indent}  `).trimStart()}`).join("");
  if (typeof value !== "object" || value === null) return `${JSON.stringify(value)}\n`;
  return Object.entries(value)
    .map(([name, inner]) => {
      const nested = typeof inner === "object" ? `\n${yaml(inner, Array.isArray(inner) ? indent : `${indent}  `)}` : ` ${yaml(inner)}`;
      return `${indent}${name}:${nested}`;
    })
    .join("");
}

/** Returns the platform that an argument names, with its program. @param {string} argument @returns {Platform} */
function platformOf(argument) {
  const at = argument.indexOf("=");
  const [name, file] = [argument.slice(0, Math.max(at, 0)), argument.slice(at + 1)];
  if (!PLATFORM.test(name)) throw new Error(`\`${argument}\` does not begin with a platform, such as \`linux/amd64=\``);
  const [os, arch] = name.split("/");
  return { os, arch, program: readFileSync(file) };
}

/** @param {string[]} words */
function run(words) {
  const options = /** @type {const} */ ({ url: { type: "string" }, homepage: { type: "string" }, out: { type: "string" } });
  const { values, positionals } = parseArgs({ args: words, options, allowPositionals: true });
  for (const name of /** @type {const} */ (["url", "homepage"])) {
    if (!URL.canParse(values[name] ?? "") || !/^https:/.test(values[name] ?? "")) throw new Error(`\`--${name}\` has to be an address that begins with \`https:\``);
  }
  if (positionals.length === 0) throw new Error("no program is named");
  const platforms = positionals.map(platformOf);
  const names = platforms.map(({ os, arch }) => `${os}/${arch}`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new Error(`\`${twice}\` is named twice`);
  const folder = values.out ?? join(root, "target", "krew");
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of krewFiles(platforms, { url: String(values.url), homepage: String(values.homepage) })) {
    writeFileSync(join(folder, name), bytes);
    console.log(`${join(folder, name)}  ${bytes.length.toLocaleString("en")} bytes`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    run(process.argv.slice(2));
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}\n${USAGE}`);
    process.exitCode = 2;
  }
}
