// Measures the built page in Chromium: `node tests/bench/run.mjs LOGS RESULT [WORD]`, with the measures whose name contains WORD.
//
// LOGS is a JSON file that names the logs (`cargo xtask bench` makes both), RESULT the JSON file that the figures go to. What cannot be
// measured is reported as such and stops nothing else. $CHROMIUM names the browser.

import { readFileSync, writeFileSync } from "node:fs";
import { launch } from "../browser/harness.mjs";
import { site as serveBoth } from "./browser.mjs";
import { share } from "./busy.mjs";
import { cancels } from "./cancel.mjs";
import { edits } from "./editing.mjs";
import { memoryOf } from "./memory.mjs";
import { median, rate, round } from "./numbers.mjs";
import { readByPage, readByParse } from "./reading.mjs";
import { scrolls } from "./scrolling.mjs";

/** Rounds of a comparison, its contestants in turn: so that a busy moment of the machine falls on all of them. */
const ROUNDS = 3;
/** Rounds of a size, by its bytes: what is over in a moment is measured more often. */
const SIZE_ROUNDS = (bytes) => (bytes < 200e6 ? 7 : 3);

const [logsFile, resultFile, word = ""] = process.argv.slice(2);
if (!resultFile) {
  console.error("usage: node tests/bench/run.mjs LOGS RESULT [WORD]");
  process.exit(2);
}
const logs = JSON.parse(readFileSync(logsFile, "utf8"));

/** @type {Record<string, (site: import("./browser.mjs").Site) => Promise<object>>} */
const measures = {
  "reading bodies": (site) => reading(site, logs.bodies),
  "reading metadata": (site) => reading(site, logs.metadata),
  "memory bodies": (site) => memory(site, logs.bodies),
  "memory metadata": (site) => memory(site, logs.metadata),
  "cancel": (site) => cancel(site, logs.metadata),
  "editing": (site) => editing(site, logs.million),
  "scrolling": (site) => scrolling(site, logs.million),
  "sizes": (site) => sizes(site, logs.sizes),
};

async function reading(site, log) {
  const contestants = {
    parse: () => readByParse(site, log),
    one: () => readByPage(site, log, { cores: 1 }),
    all: () => readByPage(site, log),
  };
  const rounds = { parse: [], one: [], all: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, read] of Object.entries(contestants)) {
      const found = await read();
      rounds[name].push(found);
      say(`  ${name}: ${seconds(found.seconds)}, ${gigabytes(log.bytes, found.seconds)}, ${seconds(found.processor)} of processors`);
    }
  }
  const all = Object.values(rounds).flat();
  if (new Set(all.flatMap(({ figures }) => figures ?? [])).size > 1) throw new Error("the answers differ between the rounds");
  const middle = (name) => {
    const of = (field) => median(rounds[name].map((found) => found[field]));
    return { seconds: of("seconds"), processor: of("processor"), ...(name !== "parse" && { firstRows: of("firstRows") }) };
  };
  return { bytes: log.bytes, events: log.events, parse: middle("parse"), one: middle("one"), all: middle("all") };
}

async function memory(site, log) {
  const found = await memoryOf(site, log);
  say(`  WebAssembly ${megabytes(found.heap)}, tab ${megabytes(found.tab)}, ${megabytes(found.before)} before`);
  return { bytes: log.bytes, events: log.events, ...found };
}

async function cancel(site, log) {
  const series = await cancels(site, log);
  say(`  ${series.map(milliseconds).join(", ")}`);
  return { bytes: log.bytes, median: median(series), longest: Math.max(...series) };
}

async function editing(site, log) {
  const series = await edits(site, log);
  const of = (field) => {
    const values = series.map((edit) => edit[field]);
    say(`  ${field}: ${values.map((value) => Math.round(value)).join(" ")} ms`);
    return { median: median(values), longest: Math.max(...values) };
  };
  return { events: log.events, edits: series.length, shown: of("shown"), worker: of("worker"), settled: of("settled") };
}

async function scrolling(site, log) {
  const ways = await scrolls(site, log);
  for (const { name, frames, p99, longest, waiting } of ways) {
    say(`  ${name}: ${frames} frames, 99 % under ${milliseconds(p99)}, longest ${milliseconds(longest)}, ${round(waiting * 100)} % with rows to come`);
  }
  return { events: log.events, ways };
}

async function sizes(site, all) {
  const points = [];
  for (const log of all) {
    const rounds = [];
    for (let round = 0; round < SIZE_ROUNDS(log.bytes); round += 1) rounds.push((await readByPage(site, log)).seconds);
    const point = { bytes: log.bytes, events: log.events, seconds: median(rounds) };
    say(`  ${megabytes(log.bytes)}: ${seconds(point.seconds)}, ${round((point.seconds * 1e9) / log.bytes)} ms a megabyte`);
    points.push(point);
  }
  return { points };
}

const say = (line) => console.log(line);
const seconds = (value) => `${round(value)} s`;
const milliseconds = (value) => `${round(value)} ms`;
const megabytes = (bytes) => `${round(bytes / 1e6)} MB`;
const gigabytes = (bytes, time) => `${round(rate(bytes, time))} GB/s`;

async function version() {
  const browser = await launch();
  const version = browser.version();
  await browser.close();
  return version;
}

const result = { chromium: await version(), measures: {} };
const site = await serveBoth();
try {
  for (const [name, measure] of Object.entries(measures).filter(([name]) => name.includes(word))) {
    say(name);
    try {
      result.measures[name] = await measure(site);
    } catch (error) {
      const [reason] = String(error.message ?? error).split("\n");
      say(`  FAILED: ${reason}`);
      result.measures[name] = { failed: reason };
    }
    result.busy = share();
    writeFileSync(resultFile, `${JSON.stringify(result, undefined, 2)}\n`);
  }
} finally {
  await site.close();
}
if (result.busy !== undefined) say(`other work had ${round(result.busy * 100)} % of the processors`);
