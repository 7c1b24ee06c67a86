// Runs in the page before the page's own scripts, and notes when what is measured happened: `__bench`.
//
// It looks when the page changes and not otherwise, so that watching costs nothing while the page computes. It knows the page as a
// reader does: the status line, the figures, the rows, a progress bar while a log is read.

(() => {
  const find = (selector) => document.querySelector(selector);
  const text = (selector) => find(selector)?.textContent ?? "";
  const number = (words) => Number(/[\d,]+/.exec(words)?.[0].replaceAll(",", "") ?? NaN);
  const EVENTS = "[aria-labelledby=events-title]";
  const CELL = "[role=grid] [role=row][aria-rowindex] > [role=gridcell]";
  const ANSWER = "[aria-labelledby=answer-title]";

  /** Current text of the page. */
  const page = {
    isReading: () => find(`${EVENTS} progress`) !== null || text(`${EVENTS} .status`) === "Reading…",
    isCancelled: () => text(`${EVENTS} .status .warn`).includes("cancelled"),
    isPending: () => find(ANSWER)?.classList.contains("pending") ?? true,
    hasRows: () => find(`${CELL}:not(:only-child)`) !== null,
    /** True if a visible row is still loading: it has one cell, with an ellipsis. */
    hasRowsToCome: () => find(`${CELL}:only-child`) !== null,
    file: () => find(`${EVENTS} .source`)?.getAttribute("title") ?? "",
    /** Events of the whole log; not a number while it is read. */
    events: () => number(text(`${EVENTS} [role=status]`)),
    /** Events that the figures are about. */
    judged: () => number(text(`${ANSWER} .figure .of`)),
    /** The share of the log that is read. */
    share: () => {
      const bar = find(`${EVENTS} progress`);
      return bar === null || bar.position < 0 ? 0 : bar.position;
    },
    /** Changes whenever the answer does. */
    figures: () => [...document.querySelectorAll(`${ANSWER} .figure, ${ANSWER} .legend`)].map((one) => one.textContent + one.title).join(),
    trouble: () => text("[role=alert]"),
  };

  const waiting = new Set();
  const look = () => {
    for (const wait of waiting) {
      if (!wait.holds()) continue;
      waiting.delete(wait);
      wait.seen();
    }
  };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });

  /** When the page is next on the screen: a message posted in a frame comes after that frame is drawn. */
  const drawn = () =>
    new Promise((done) => {
      requestAnimationFrame(() => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => done(performance.now());
        port2.postMessage(0);
      });
    });

  /** When this came to hold, and when it was on the screen. */
  const until = (holds) =>
    new Promise((done) => {
      const seen = async () => {
        const known = performance.now();
        done({ known, shown: await drawn() });
      };
      if (holds()) seen();
      else waiting.add({ holds, seen });
    });

  // When page and workers spoke; what they said is their own business.
  const spoken = { asked: [], told: [] };
  const Plain = self.Worker;
  self.Worker = class extends Plain {
    constructor(...words) {
      super(...words);
      this.addEventListener("message", () => spoken.told.push(performance.now()));
    }
    postMessage(...words) {
      spoken.asked.push(performance.now());
      super.postMessage(...words);
    }
  };

  /** When the next event of this kind was made; known before the page hears of it. */
  const next = (kind) =>
    new Promise((done) => addEventListener(kind, ({ timeStamp }) => done(timeStamp), { capture: true, once: true }));
  const pause = (milliseconds) => new Promise((later) => setTimeout(later, milliseconds));

  /**
   * Watches the next log from being chosen to its whole answer. All times are milliseconds from the choice.
   * @param {string} name the file's
   */
  const reading = async (name) => {
    const begin = await next("change");
    await until(page.isReading);
    const firstRows = until(page.hasRows);
    const whole = await until(() => {
      if (page.trouble()) return true;
      return !page.isReading() && !page.isPending() && page.file().startsWith(`${name},`) && page.events() === page.judged();
    });
    const told = spoken.told.filter((time) => time > begin && time <= whole.known);
    return {
      trouble: page.trouble(),
      events: page.events(),
      figures: page.figures(),
      firstRows: (await firstRows).shown - begin,
      told: (told.at(-1) ?? NaN) - begin,
      known: whole.known - begin,
      shown: whole.shown - begin,
    };
  };

  /**
   * Watches the next log until this share of it is read, presses Cancel, and returns the milliseconds until the page confirms it.
   * @param {number} share
   */
  const cancelling = async (share) => {
    await next("change");
    await until(page.isReading);
    await until(() => page.share() >= share || !page.isReading());
    // Progress comes right after a piece was read; a person presses at any time.
    await pause(40 + share * 50);
    const button = [...document.querySelectorAll(`${EVENTS} button`)].find(({ textContent }) => textContent === "Cancel");
    if (!button) throw new Error("the log was read before it could be cancelled");
    const begin = performance.now();
    button.click();
    const { shown } = await until(() => page.isCancelled() || !page.isReading());
    if (!page.isCancelled()) throw new Error("the log was read to its end");
    return { delay: shown - begin, events: page.events() };
  };

  /** No message for so long: the page and its workers are done. */
  const QUIET_MS = 150;

  /**
   * Watches the next key in the editor until the new answer is on the screen. `answered` is when the worker's answer was there,
   * `settled` when the last message that it led to was: rows and the inspector. All from the key, in milliseconds.
   */
  const editing = async () => {
    const before = page.figures();
    const begin = await next("keydown");
    const { known, shown } = await until(() => !page.isPending() && page.figures() !== before);
    const asked = spoken.asked.find((time) => time >= begin);
    const answered = spoken.told.findLast((time) => time <= known);
    while (performance.now() - Math.max(spoken.told.at(-1), spoken.asked.at(-1)) < QUIET_MS) await pause(QUIET_MS / 3);
    return { shown: shown - begin, worker: answered - asked, settled: Math.max(shown, spoken.told.at(-1)) - begin };
  };

  /** Counts frames from now on; the function it returns ends that and gives their lengths and how many had rows still to come. */
  const frames = () => {
    const times = [];
    let waiting = 0;
    let handle = 0;
    const note = (time) => {
      times.push(time);
      if (page.hasRowsToCome()) waiting += 1;
      handle = requestAnimationFrame(note);
    };
    handle = requestAnimationFrame(note);
    return () => {
      cancelAnimationFrame(handle);
      return { lengths: times.slice(1).map((time, at) => time - times[at]), waiting };
    };
  };

  /** Moves the table's scroll bar by the same step every frame, and says how the frames were. */
  const dragging = async (frameCount, pixels) => {
    const grid = find("[role=grid]");
    const step = pixels ?? (grid.scrollHeight - grid.clientHeight) / frameCount;
    grid.scrollTop = 0;
    await drawn();
    const end = frames();
    for (let frame = 1; frame <= frameCount; frame += 1) {
      await new Promise(requestAnimationFrame);
      grid.scrollTop = frame * step;
    }
    return end();
  };

  self.__bench = { page, until, reading, cancelling, editing, frames, dragging };
})();
