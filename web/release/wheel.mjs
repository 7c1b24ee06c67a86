// Builds the wheel: `node web/release/wheel.mjs TRIPLE FOLDER`. It needs Python.

import { spawnSync } from "node:child_process";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onPath } from "../../tests/browser/engines/installed.mjs";
import { pipPackages } from "../build/pip.mjs";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const [target, folder] = process.argv.slice(2);
const python = onPath("python3", "python");
if (!python) throw new Error("Python is not installed");
const packages = pipPackages(python, join(root, "web", "release", "requirements.txt"));
const words = ["build", "--release", "--locked", "--manifest-path", join(root, "python", "Cargo.toml"), "--target", target, "--out", folder, "--interpreter", String(python)];
const env = { ...process.env, PYTHONPATH: [packages, process.env.PYTHONPATH].filter(Boolean).join(delimiter) };
const { status, error } = spawnSync(join(packages, "bin", "maturin"), words, { env, stdio: ["ignore", "inherit", "inherit"] });
if (error) throw error;
process.exitCode = status ?? 1;
