// Keeps a copy of the page in the browser, so that the page works without a network from the second visit on.
//
// A copy is complete or it is not used: installing a version fetches all its files and compares each with the hash in its name. A newer
// version waits until no tab shows the older one, or until the page, which asks the reader, posts `activate`. That constant is the only
// message that has an effect, so nothing in a page reaches a network through this worker.
//
// The build puts in `VERSION`, a hash of everything in FILES, and `FILES`, the names of the page's files relative to this script.

/** @type {string} */
const version = VERSION;
/** @type {string[]} */
const files = FILES;

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (globalThis));

/** Name of the page's own file. */
const PAGE = "index.html";
/** The message that makes a version that waits the one in use. */
const ACTIVATE = "activate";
/** A file name with the beginning of the SHA-256 of its content. */
const HASHED = /-([0-9a-f]{12})\.\w+$/;

/** The address of this page; other copies of it may have the same origin. */
const { scope } = worker.registration;
/** The beginning of the names of this page's caches. */
const family = `audit-policy-playground ${scope} `;
const current = family + version;

/** @param {string} name */
const addressOf = (name) => new URL(name, scope).href;
const addresses = new Set(files.map(addressOf));

worker.addEventListener("install", (event) => event.waitUntil(install()));

worker.addEventListener("message", ({ data }) => {
  if (data === ACTIVATE) worker.skipWaiting();
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const url = new URL(request.url);
  const address = url.origin + url.pathname;
  const isPage = address === scope || address === addressOf(PAGE);
  if (isPage && request.mode === "navigate") {
    event.respondWith(answer(request, addressOf(PAGE)));
    event.waitUntil(Promise.all([removeOthers(event.resultingClientId), refill()]).catch(() => {}));
  } else if (addresses.has(address) || isOlder(address)) {
    event.respondWith(answer(request, address));
  }
});

/** Stores all files of this version, or none. */
async function install() {
  const cache = await caches.open(current);
  try {
    await Promise.all(files.map((name) => store(cache, name)));
    await checkPage(cache);
  } catch (error) {
    await caches.delete(current);
    throw error;
  }
}

/**
 * Stores a file. Its name has a hash if its content never changes, so a copy that the browser already has is good.
 * @param {Cache} cache @param {string} name
 */
async function store(cache, name) {
  const hash = HASHED.exec(name)?.[1];
  const address = addressOf(name);
  const response = (hash && (await caches.match(address))) || (await fetch(address, { cache: hash ? "force-cache" : "no-cache" }));
  if (!response.ok) throw new Error(`${name}: status ${response.status}`);
  if (hash && (await hashOf(response.clone())) !== hash) throw new Error(`${name}: another content`);
  // A redirected response is rejected where a page is opened from it.
  await cache.put(address, response.redirected ? new Response(response.body, { headers: response.headers }) : response);
}

/**
 * Returns the beginning of the SHA-256 of a body, as it is in names.
 * @param {Response} response
 */
async function hashOf(response) {
  const digest = await crypto.subtle.digest("SHA-256", await response.arrayBuffer());
  return [...new Uint8Array(digest, 0, 6)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Stores all files again if the browser has removed them. */
async function refill() {
  const cache = await caches.open(current);
  if (!(await cache.match(addressOf(PAGE)))) await install();
}

/**
 * Checks that the page is whole and the one of this version, which names its files: a server may be in the middle of an update.
 * @param {Cache} cache
 */
async function checkPage(cache) {
  const page = await (await cache.match(addressOf(PAGE)))?.text();
  if (!page?.trimEnd().endsWith("</html>")) throw new Error(`${PAGE}: the end is missing`);
  for (const name of files) if (HASHED.test(name) && !page?.includes(name)) throw new Error(`${PAGE}: of another version`);
}

/**
 * Answers from this version, else from an older one that a tab still shows, else from the network.
 * @param {Request} request @param {string} address
 */
async function answer(request, address) {
  return (await kept(address).catch(() => undefined)) ?? fetch(request);
}

/**
 * Returns the copy of a file. Rejects where the browser's storage fails.
 * @param {string} address
 */
async function kept(address) {
  const cache = await caches.open(current);
  return (await cache.match(address)) ?? (address === addressOf(PAGE) ? undefined : await caches.match(address));
}

/**
 * Returns whether an address may be a file of an older version.
 * @param {string} address
 */
function isOlder(address) {
  return address.startsWith(scope) && !address.slice(scope.length).includes("/") && HASHED.test(address);
}

/**
 * Removes other versions if the tab that is being opened is the only one.
 * @param {string} opened
 */
async function removeOthers(opened) {
  const tabs = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  if (tabs.some(({ id, url }) => id !== opened && url.startsWith(scope))) return;
  const { waiting, installing } = worker.registration;
  // Their copies are for later.
  if (waiting || installing) return;
  for (const name of await caches.keys()) if (name.startsWith(family) && name !== current) await caches.delete(name);
}
