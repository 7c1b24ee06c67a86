// How busy other work keeps the machine: looked at whenever nothing of the bench runs, so that figures can say how much they mean.

import { readFileSync } from "node:fs";

const LOOK_MS = 250;
let all = 0;
let busy = 0;

/** Looks for a moment. */
export async function look() {
  const before = ticks();
  await new Promise((later) => setTimeout(later, LOOK_MS));
  const after = ticks();
  all += after.all - before.all;
  busy += after.busy - before.busy;
}

/** Share of the processors that other work used, over all samples; `undefined` if the system does not report it. */
export const share = () => (all > 0 ? busy / all : undefined);

function ticks() {
  try {
    // user nice system idle iowait irq softirq steal; what guests have is counted with the first two again.
    const [line] = readFileSync("/proc/stat", "utf8").split("\n");
    const fields = line.split(/\s+/).slice(1, 9).map(Number);
    const all = fields.reduce((sum, field) => sum + field, 0);
    return { all, busy: all - fields[3] - fields[4] };
  } catch {
    return { all: 0, busy: 0 };
  }
}
