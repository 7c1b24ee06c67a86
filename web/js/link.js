/**
 * Links: a text as the fragment of an address, compressed and in characters that every program leaves as they are. A browser does not send
 * the fragment to the server.
 */

/** Start of the fragment: the version of this encoding. */
const START = "v1=";

/** Longest text of a link, and longest text in it, in characters and bytes. */
const MAX_LINK = 4_000_000;
const MAX_TEXT = 32_000_000;

/** Format of the browser's compression: with a checksum, so that a damaged link is noticed. */
const FORMAT = "deflate";

const DAMAGED = "The link is incomplete or damaged: it may have been cut when it was copied or sent. Copy the whole link";

/**
 * Returns whether a fragment is meant to be a link of any version.
 * @param {string} fragment
 */
export function isLink(fragment) {
  return /^#?v\d+(=|%3D)/i.test(fragment);
}

/**
 * Encodes a text.
 * @param {string} text
 * @returns {Promise<string>} the fragment without its `#`
 */
export async function encodeLink(text) {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream(FORMAT));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  return START + toBase64(bytes);
}

/**
 * Decodes the fragment of a link.
 * @param {string} fragment with or without its `#`
 * @returns {Promise<string>}
 * @throws {Error} with a sentence without its full stop
 */
export async function decodeLink(fragment) {
  const link = fragment.replace(/^#/, "").replace(/%3D/i, "=");
  if (!link.startsWith(START)) {
    throw new Error("The link was made by a later version of the playground. Reload the page to get that version, or ask for the content as a file");
  }
  if (link.length > MAX_LINK) {
    throw new Error(`The link is too long: it has ${link.length.toLocaleString("en")} characters, and the most are ${MAX_LINK.toLocaleString("en")}. Ask for the content as a file`);
  }
  // Programs that recognize links in a text may add the character after it.
  const encoded = link.slice(START.length).replace(/[^\w-]+$/, "");
  let text;
  try {
    text = await inflated(fromBase64(encoded));
  } catch {
    throw new Error(DAMAGED);
  }
  if (text === undefined) throw new Error(`The link has more than ${MAX_TEXT / 1_000_000} MB of content. Ask for it as a file`);
  return text;
}

/**
 * Returns the text of compressed bytes, or nothing if it is too long.
 * @param {Uint8Array<ArrayBuffer>} bytes
 */
async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(FORMAT));
  const reader = stream.getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let [text, length] = ["", 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    length += value.length;
    if (length > MAX_TEXT) {
      reader.cancel().catch(() => {});
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
}

/** Bytes per call: a call has a limited number of arguments. */
const PIECE = 0x8000;

/** @param {Uint8Array} bytes */
function toBase64(bytes) {
  let binary = "";
  for (let at = 0; at < bytes.length; at += PIECE) binary += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text */
function fromBase64(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}
