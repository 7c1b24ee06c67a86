/**
 * Loads the parts of the page by their addresses: from the site's server, or from the page itself if it is one file.
 *
 * @typedef {object} Source
 * @property {(address: string) => Promise<WebAssembly.Module>} module Compiles a module.
 * @property {(address: string) => Promise<string>} text Returns the text of a script.
 */

/** Parts that web/one-file/unpack.js unpacks, by address. @type {Map<string, Promise<Uint8Array<ArrayBuffer>>> | undefined} */
const embedded = /** @type {any} */ (globalThis).embeddedParts;

/** @type {Source} */
const ofServer = {
  module: async (address) => {
    const response = await fetched(address);
    // A server may not know the media type, and then the browser does not compile while it loads.
    const isKnown = response.headers.get("content-type")?.startsWith("application/wasm");
    if (isKnown && WebAssembly.compileStreaming) return WebAssembly.compileStreaming(response);
    return WebAssembly.compile(await response.arrayBuffer());
  },
  text: async (address) => (await fetched(address)).text(),
};

/** @type {Source} */
const ofFile = {
  module: async (address) => {
    const module = await WebAssembly.compile(await unpacked(address));
    // The bytes are needed once.
    embedded?.delete(address);
    return module;
  },
  text: async (address) => new TextDecoder().decode(await unpacked(address)),
};

export const source = embedded ? ofFile : ofServer;

/**
 * Fetches a file of the page.
 * @param {string} address
 */
async function fetched(address) {
  const url = new URL(address, document.baseURI).href;
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} could not be loaded: ${response.status} ${response.statusText}`);
  return response;
}

/**
 * Returns a part that is in the page.
 * @param {string} address
 */
async function unpacked(address) {
  const part = await embedded?.get(address);
  if (!part) throw new Error(`the page has no part ${address}`);
  return part;
}
