// The yardstick's worker: reads a File in slices, parses every line with JSON.parse, counts events and what each verb has.
//
// It is as quick as such a page can reasonably be made: the next slice is asked for while this one is parsed.

const SLICE_BYTES = 4 << 20;

self.onmessage = async ({ data: file }) => {
  const decoder = new TextDecoder();
  const verbs = new Map();
  let events = 0;
  let rest = "";
  const take = (line) => {
    if (line === "") return;
    const { verb } = JSON.parse(line);
    events += 1;
    verbs.set(verb, (verbs.get(verb) ?? 0) + 1);
  };
  let coming = file.slice(0, SLICE_BYTES).arrayBuffer();
  for (let at = 0; at < file.size; at += SLICE_BYTES) {
    const bytes = await coming;
    const next = at + SLICE_BYTES;
    if (next < file.size) coming = file.slice(next, next + SLICE_BYTES).arrayBuffer();
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop();
    for (const line of lines) take(line);
  }
  take(rest + decoder.decode());
  self.postMessage({ events, verbs: Object.fromEntries(verbs) });
};
