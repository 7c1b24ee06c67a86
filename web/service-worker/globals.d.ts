// Filled in by web/build/service-worker.mjs.
declare const VERSION: string;
declare const FILES: string[];
