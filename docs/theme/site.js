// Makes what mdBook has for the mouse only reachable with the keyboard.

(() => {
  // Code and tables that scroll sideways.
  const reach = () => {
    for (const box of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("main pre, main .table-wrapper"))) {
      if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
    }
  };
  addEventListener("resize", reach);
  reach();

  // mdBook has a label here, which the keyboard does not reach.
  document.getElementById("mdbook-sidebar-toggle")?.addEventListener("click", () => document.getElementById("mdbook-sidebar-toggle-anchor")?.click());
})();
