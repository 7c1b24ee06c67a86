// The files for krew: the archive is unpacked as krew does it, and kubectl starts the plugin.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { before, test } from "node:test";
import { packages } from "../../web/build/packages.mjs";
import { onPath } from "../browser/engines/installed.mjs";
import { commandPath } from "../browser/native.mjs";
import { shellLines } from "./docs.mjs";
import { BAD, ENV, GOOD, newFolder, runLine, write } from "./folders.mjs";
import { parse, root } from "./yaml.mjs";

const { unzipSync } = createRequire(join(packages(join(root, "web")), "x.js"))("fflate");
const NAMES = ["--url", "https://a.example/v1/", "--homepage", "https://a.example"];
const PLUGIN = "kubectl-audit_policy";

/** Runs the script. @param {string[]} words */
function pack(words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, "web/build/krew.mjs"), ...words], { encoding: "utf8" });
  return { status, stdout, stderr };
}

/** The permissions of the first file of a zip, from its list of contents. @param {Buffer} zip */
function modeOf(zip) {
  const entry = zip.lastIndexOf(Buffer.from("PK\x01\x02", "latin1"));
  return { system: zip.readUInt8(entry + 5), mode: zip.readUInt32LE(entry + 38) >>> 16 };
}

const out = newFolder();
before(() => assert.equal(pack([...NAMES, "--out", out, `linux/amd64=${commandPath()}`]).status, 0));

/** The manifest, and the archive that it names. */
function packed() {
  const manifest = parse(readFileSync(join(out, "audit-policy.yaml"), "utf8"));
  const [platform] = manifest.spec.platforms;
  return { manifest, platform, zip: readFileSync(join(out, platform.uri.split("/").at(-1))) };
}

test("the manifest has what krew demands, and the checksum of the archive", () => {
  const { manifest, platform, zip } = packed();
  assert.deepEqual([manifest.apiVersion, manifest.kind, manifest.metadata.name], ["krew.googlecontainertools.github.com/v1alpha2", "Plugin", "audit-policy"]);
  assert.match(manifest.spec.version, /^v\d+\.\d+\.\d+$/);
  // krew's guide: at most 50 characters, without a full stop.
  assert.ok(manifest.spec.shortDescription.length <= 50 && !manifest.spec.shortDescription.endsWith("."));
  assert.deepEqual(platform.selector, { matchLabels: { os: "linux", arch: "amd64" } });
  assert.match(platform.uri, /^https:\/\/a\.example\/v1\/audit-policy-[\d.]+-linux-amd64\.zip$/);
  assert.equal(platform.sha256, createHash("sha256").update(zip).digest("hex"));
  // Unix, and a regular file with the permissions 755.
  assert.deepEqual(modeOf(zip), { system: 3, mode: 0o100755 });
});

/** A folder with the plugin as krew installs it: the archive in a folder of its own, and a link to `bin`. */
function installed() {
  const { platform, zip } = packed();
  const [store, bin] = [newFolder(), newFolder()];
  for (const [name, bytes] of Object.entries(unzipSync(new Uint8Array(zip)))) {
    writeFileSync(join(store, name), bytes);
    chmodSync(join(store, name), modeOf(zip).mode & 0o777);
  }
  symlinkSync(join(store, platform.bin), join(bin, PLUGIN));
  return bin;
}

const skip = onPath("kubectl") ? false : "kubectl is not installed";

test("kubectl starts the plugin, which has kubectl's name in its help", { skip }, () => {
  const folder = newFolder();
  write(folder, { "p.yaml": GOOD, "bad.yaml": BAD });
  const env = { ...ENV, PATH: [installed(), process.env.PATH].join(delimiter) };
  /** @param {string[]} words */
  const kubectl = (...words) => spawnSync("kubectl", ["audit-policy", ...words], { cwd: folder, env, encoding: "utf8" });
  assert.match(kubectl("--help").stdout, /Usage: kubectl audit-policy/);
  assert.equal(kubectl("check", "p.yaml").status, 0);
  assert.equal(kubectl("check", "bad.yaml").status, 1);
});

test("the same program gives the same bytes", () => {
  const again = newFolder();
  const program = join(newFolder(), "p");
  writeFileSync(program, "a program");
  const words = [...NAMES, `darwin/arm64=${program}`, `windows/amd64=${program}`];
  const [one, other] = [join(again, "1"), join(again, "2")];
  for (const folder of [one, other]) assert.equal(pack([...words, "--out", folder]).status, 0);
  const names = readdirSync(one);
  assert.equal(names.length, 3);
  for (const name of names) assert.ok(readFileSync(join(one, name)).equals(readFileSync(join(other, name))), name);
  const manifest = parse(readFileSync(join(one, "audit-policy.yaml"), "utf8"));
  assert.deepEqual(manifest.spec.platforms.map((platform) => platform.bin), [PLUGIN, `${PLUGIN}.exe`]);
});

test("a wrong call is one message, and nothing is written", () => {
  const folder = newFolder();
  const program = join(folder, "p");
  writeFileSync(program, "a program");
  for (const [words, message] of /** @type {const} */ ([
    [[], "`--url` has to be an address"],
    [["--url", "http://a.example", "--homepage", "https://a.example"], "`--url` has to be an address"],
    [["--url", "https://a.example", "--homepage", "a\nb"], "`--homepage` has to be an address"],
    [NAMES, "no program is named"],
    [[...NAMES, program], "does not begin with a platform"],
    [[...NAMES, `plan9/amd64=${program}`], "does not begin with a platform"],
    [[...NAMES, `linux/amd64=${program}-2`], "ENOENT"],
    [[...NAMES, `linux/amd64=${program}`, `linux/amd64=${program}`], "is named twice"],
    [[...NAMES, "--license", "x"], "--license"],
  ])) {
    const { status, stderr } = pack([...words, "--out", join(folder, "out")]);
    assert.equal(status, 2, stderr);
    assert.ok(stderr.startsWith("error: ") && stderr.includes(message), stderr);
  }
  assert.deepEqual(readdirSync(folder), ["p"]);
});

test("the lines of the documentation run", { skip }, () => {
  const folder = newFolder();
  write(folder, { "audit-policy.yaml": GOOD });
  const lines = shellLines("docs/kubectl.md");
  assert.equal(lines.length, 4);
  for (const line of lines) {
    const isPack = line.startsWith("node ");
    const words = isPack ? line.replace("web/build", join(root, "web/build")).replace("target/release/audit-policy", commandPath()).concat(` --out ${join(folder, "krew")}`) : line;
    runLine(words, folder);
  }
  assert.equal(readdirSync(join(folder, "krew")).length, 2);
});
