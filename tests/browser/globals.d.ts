// What the tests put on the window of a page, and what some browsers have there.

interface Window {
  /** The helpers of `in-page.js`. */
  __inPage: any;
  /** Problems that `preload.js` has collected. */
  __problems: string[];
  /** Workers that `workers.js` has collected. */
  __workers: Worker[];
  /** Reports a violation of the Content-Security-Policy to the harness. */
  __violation: (text: string) => void;
  /** Times of keystrokes. */
  __keys: any;
  /** Lets the page be idle, in a page that is not until then. */
  __idle: () => void;
  /** Addresses that the page has fetched, and whether there was an answer. */
  __fetched: [string, boolean][];
  /** Shifts of the layout: how much, and which elements. */
  __shifts: [number, string[]][];
  /** Time that the page was busy. */
  __busy: any;
  TestingLibraryDom: any;
  /** What `sending.js` defines. */
  __send: (base: string, more?: object) => Promise<string[]>;
  /** Marks an address as one that the page made itself. */
  __marked: (url: string) => any;
  /** What workers have reported about their attempts. */
  __sent: { who: string, when: string, passed: string[] }[];
  axe: any;
  /** A mark that injected markup would leave. */
  hit: unknown;
  /** What was written to a file on disk. */
  saved: any;
  showSaveFilePicker: any;
}
