// Makes what keeps the site for use without a network: the service worker, which names the site's files, and what makes the site an
// application that can be installed.

import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packages } from "./packages.mjs";

const web = dirname(dirname(fileURLToPath(import.meta.url)));
const icons = join(web, "icons");

/**
 * Returns the address of an icon, which `node web/icons/draw.mjs` makes. It holds the icon itself: the page's policy allows images from no
 * server.
 * @param {string} name @param {string} type
 */
const icon = (name, type) => `data:${type};base64,${readFileSync(join(icons, name)).toString("base64")}`;

/** The manifest, which the browser reads when the page is installed. Its other addresses are relative to itself. */
const MANIFEST = {
  name: "Kubernetes Audit Policy Playground",
  short_name: "Audit Policy",
  description: "See what a Kubernetes audit policy does to a real audit log: which rule matches, at which level, and why. Nothing leaves the page.",
  id: "./",
  start_url: "./",
  scope: "./",
  display: "standalone",
  background_color: "#ffffff",
  theme_color: "#ffffff",
  categories: ["developer", "security"],
  icons: [
    { src: icon("icon.svg", "image/svg+xml"), type: "image/svg+xml", sizes: "any" },
    { src: icon("icon.png", "image/png"), type: "image/png", sizes: "192x192" },
    { src: icon("icon-maskable.png", "image/png"), type: "image/png", sizes: "192x192", purpose: "maskable" },
  ],
};

/** Returns the manifest's text. */
export function manifest() {
  return `${JSON.stringify(MANIFEST)}\n`;
}

/**
 * Returns the service worker for the files of a folder. Its version is a hash of their names and contents.
 * @param {string} folder @param {boolean} minify
 * @returns {Promise<string>}
 */
export async function serviceWorker(folder, minify) {
  const files = readdirSync(folder).filter((name) => name !== "service-worker.js").sort();
  const hash = createHash("sha256");
  for (const name of files) hash.update(`${name}\n`).update(createHash("sha256").update(readFileSync(join(folder, name))).digest());
  const esbuild = createRequire(join(packages(web), "x.js"))("esbuild");
  const { outputFiles } = await esbuild.build({
    entryPoints: [join(web, "service-worker", "service-worker.js")],
    define: { VERSION: JSON.stringify(hash.digest("hex").slice(0, 12)), FILES: JSON.stringify(files) },
    bundle: true,
    minify,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
    write: false,
  });
  return outputFiles[0].text;
}
