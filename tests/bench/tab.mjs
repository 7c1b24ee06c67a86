// The process of the tab, as Linux tells of it: memory and processor time. The browser has one tab; what it keeps ready for a next one is idle.

import { readFileSync } from "node:fs";

/** Ticks a second of `/proc`, on every Linux. */
const TICKS = 100;

/** Bytes that the tab has in memory; 0 where the system does not tell. */
export async function resident(browser) {
  const read = (id) => Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${id}/status`, "utf8"))[1]) * 1024;
  return Math.max(...Object.values(await ofEach(browser, read)));
}

/**
 * Processor seconds that the tab takes for some work, all its threads together: a measure that other work on the machine changes little.
 * @template T
 * @param {import("playwright-core").Browser} browser
 * @param {() => Promise<T>} work
 * @returns {Promise<T & { processor: number }>} 0 where the system does not tell
 */
export async function timed(browser, work) {
  const before = await ofEach(browser, ticks);
  const found = await work();
  const after = await ofEach(browser, ticks);
  const spent = Object.entries(after).map(([id, ticks]) => ticks - (before[id] ?? 0));
  return { ...found, processor: Math.max(...spent) / TICKS };
}

/** Time of a process, also of threads that have ended: the 14th and 15th field, counted behind its name in brackets. */
function ticks(id) {
  const text = readFileSync(`/proc/${id}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** Reads something of every process that draws a page; 0 of one that is gone. */
async function ofEach(browser, read) {
  const session = await browser.newBrowserCDPSession();
  try {
    const { processInfo } = await session.send("SystemInfo.getProcessInfo");
    const renderers = processInfo.filter(({ type }) => type === "renderer");
    return Object.fromEntries(renderers.map(({ id }) => [id, orZero(() => read(id))]));
  } finally {
    await session.detach();
  }
}

function orZero(read) {
  try {
    return read();
  } catch {
    return 0;
  }
}
