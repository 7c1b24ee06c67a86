export default {
  title: "A live policy",
  url: "https://example.org",
  baseUrl: "/",
  onBrokenLinks: "throw",
  scripts: [{ src: "/playground/audit-policy-playground.js", defer: true }],
  presets: [["classic", { docs: { routeBasePath: "/" }, blog: false }]],
};
