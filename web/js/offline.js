/**
 * Keeps the page for use without a network, and watches for a newer version of it: registers the service worker, which is
 * web/service-worker.
 *
 * The page never loads a newer version by itself. It posts one constant to the service worker, when the reader asks for it.
 */

/** Makes the version that waits the one in use. The service worker has the same constant. */
const ACTIVATE = "activate";

/** Time that the page waits for its copy before it is sealed, in milliseconds. */
const MAX_INSTALL_MS = 30_000;

/** @type {Promise<ServiceWorkerRegistration | undefined> | undefined} */
let registration;

/** Called when a newer version waits. */
let onNewVersion = () => {};

/**
 * Returns the address of the service worker. The page in one file names none.
 * @returns {string | undefined}
 */
export function address() {
  return document.head.querySelector("meta[name=service-worker]")?.getAttribute("content") ?? undefined;
}

/**
 * Registers the service worker, and waits until it has copied the page. A browser that does not allow it, or that has no room, goes on
 * without.
 * @param {(address: string) => string} trusted Marks the address as one of a script, for browsers that ask for it.
 * @returns {Promise<void>}
 */
export async function keep(trusted) {
  const script = address();
  if (!script || registration) return;
  const serviceWorker = container();
  if (!serviceWorker) return;
  // Some browsers throw at once instead.
  const register = async () => serviceWorker.register(trusted(script));
  registration = register().catch(() => undefined);
  const made = await registration;
  if (!made) return;
  watch(made);
  const first = made.active ? undefined : made.installing;
  if (first) await Promise.race([settled(first), new Promise((later) => setTimeout(later, MAX_INSTALL_MS))]);
}

/** Returns what registers service workers. In a frame with a sandbox, even looking for it is an error. */
function container() {
  try {
    return navigator.serviceWorker;
  } catch {
    return undefined;
  }
}

/**
 * Waits until a version is installed, or cannot be.
 * @param {ServiceWorker} version
 */
function settled(version) {
  return new Promise((resolve) => {
    const look = () => {
      if (version.state === "installing") return;
      version.removeEventListener("statechange", look);
      resolve(undefined);
    };
    version.addEventListener("statechange", look);
    look();
  });
}

/** @param {ServiceWorkerRegistration} made */
function watch(made) {
  const report = () => {
    // Without an active version, the one that waits is the first.
    if (made.active && made.waiting) onNewVersion();
  };
  made.addEventListener("updatefound", async () => {
    const { installing } = made;
    if (installing) await settled(installing);
    report();
  });
  report();
}

/**
 * Calls a function when a newer version is ready, at once if it already is.
 * @param {() => void} then
 */
export async function whenNewVersion(then) {
  onNewVersion = then;
  const made = await registration;
  if (made?.active && made.waiting) then();
}

/**
 * Loads the page again, in the version that waits.
 * @returns {Promise<void>}
 */
export async function useNewVersion() {
  const waiting = (await registration)?.waiting;
  // Another tab may have done it.
  if (!waiting) return location.reload();
  waiting.addEventListener("statechange", () => {
    if (waiting.state === "activated") location.reload();
  });
  waiting.postMessage(ACTIVATE);
}
