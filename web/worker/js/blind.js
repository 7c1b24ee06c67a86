/**
 * Files for a worker that cannot read any: WebKit forbids it where the page has no origin of its own, so in a page opened from disk and in a
 * frame with a sandbox. The page may read them: it is asked for their bytes, and from then on they are read from memory.
 */

/** Returns whether this worker can read files. */
export function canRead() {
  return new Blob(["a"]).arrayBuffer().then(() => true, () => false);
}

/** Contents of files, and of what was cut out of them. @type {WeakMap<Blob, Uint8Array<ArrayBuffer>>} */
const contents = new WeakMap();

/**
 * Remembers the content of a file.
 * @param {Blob} blob @param {ArrayBuffer} content
 */
export function remember(blob, content) {
  contents.set(blob, new Uint8Array(content));
}

/** Has files and Blobs read from the contents that are remembered. */
export function readFromMemory() {
  const { slice } = Blob.prototype;
  Blob.prototype.slice = /** @this {Blob} */ function (start = 0, end = this.size, type = "") {
    const part = slice.call(this, start, end, type);
    const content = contents.get(this);
    if (content) contents.set(part, content.subarray(start, end));
    return part;
  };
  Blob.prototype.arrayBuffer = async function () {
    return copied(this);
  };
  // Of these, no reader can be made that fills a buffer, so that slices are read instead.
  Blob.prototype.stream = () => new ReadableStream();
  FileReaderSync.prototype.readAsArrayBuffer = copied;
  self.Blob = class extends Blob {
    /** @param {BlobPart[]} [parts] @param {BlobPropertyBag} [options] */
    constructor(parts = [], options = {}) {
      super(parts, options);
      const [only] = parts;
      if (parts.length === 1 && only instanceof ArrayBuffer) remember(this, only.slice(0));
    }
  };
}

/**
 * Returns a copy of a content.
 * @param {Blob} blob
 */
function copied(blob) {
  const content = contents.get(blob);
  if (!content) throw new DOMException("the content is not here", "NotReadableError");
  return content.slice().buffer;
}
