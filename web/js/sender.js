/**
 * Decides when to send the text to the page: at once, or when typing pauses if the text is so long or its analysis so slow that a keystroke
 * would have to wait.
 */

/** Maximum length of a text that is sent at every keystroke. */
const MAX_AT_ONCE = 150_000;

/** Duration of a pause in milliseconds. */
const PAUSE_MS = 300;

export class Sender {
  /** @param {() => string} text Reads the text. @param {(text: string) => void} send */
  constructor(text, send) {
    this.text = text;
    this.send = send;
    /** True if the last analysis was too slow to run on every keystroke. */
    this.isSlow = false;
    /** True if the text has changed since it was sent. */
    this.isBehind = false;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** @param {number} length Of the text, which has changed. */
  changed(length) {
    this.isBehind = true;
    clearTimeout(this.timer);
    if (this.isSlow || length > MAX_AT_ONCE) this.timer = setTimeout(() => this.flush(), PAUSE_MS);
    else this.flush();
  }

  /** Sends what has not been sent. */
  flush() {
    clearTimeout(this.timer);
    if (!this.isBehind) return;
    this.isBehind = false;
    this.send(this.text());
  }
}
