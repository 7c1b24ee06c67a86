// Runs before the page's own scripts: collects what must not happen, where the browser's protocol does not report it.

(() => {
  const problems = [];
  window.__problems = problems;
  window.addEventListener("error", ({ error, message }) => problems.push(`uncaught: ${error?.stack ? `${message}\n${error.stack}` : message}`));
  window.addEventListener("unhandledrejection", ({ reason }) => problems.push(`unhandled rejection: ${reason?.stack ?? reason}`));
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sourceFile, lineNumber }) => {
    problems.push(`policy violation: ${violatedDirective} ${blockedURI} ${sourceFile ?? ""}:${lineNumber}`);
  });
  for (const level of ["error", "warn"]) {
    const original = console[level];
    console[level] = (...words) => {
      problems.push(`console ${level}: ${words.map(String).join(" ")}`);
      original.apply(console, words);
    };
  }
})();
