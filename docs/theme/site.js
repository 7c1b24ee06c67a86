// Gives widgets the theme of the page, and closes the table of contents with Escape where it covers the page.

(() => {
  const root = document.documentElement;
  const follow = () => {
    const theme = root.classList.contains("navy") ? "dark" : "light";
    for (const widget of document.querySelectorAll("audit-policy-playground")) widget.setAttribute("theme", theme);
  };
  new MutationObserver(follow).observe(root, { attributes: true, attributeFilter: ["class"] });
  follow();
})();
