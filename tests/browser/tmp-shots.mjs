import { join } from "node:path";
import { launch, root } from "./harness.mjs";
import { serve } from "../../web/build/server.mjs";
const out = "/tmp/shots";
const server = await serve(join(root, "dist"), ["/"]);
const browser = await launch();
for (const [w, h, theme] of [[1440, 900, "light"], [1440, 900, "dark"], [768, 1024, "light"], [390, 844, "light"], [390, 844, "dark"]]) {
  const context = await browser.newContext({ viewport: { width: w, height: h }, colorScheme: theme, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.on("pageerror", (e) => console.log("pageerror", e.message));
  page.on("console", (m) => { if (m.type() === "error") console.log("console", m.text()); });
  const name = (s) => `${out}/${w}-${theme}-${s}.png`;
  await page.goto(server.origin + "/");
  await page.waitForTimeout(1500);
  try {
    await page.getByRole("button", { name: "Learn" }).first().click();
    await page.waitForTimeout(1500);
    await page.screenshot({ path: name("list") });
    const first = page.locator(".pane.lesson .body button").first();
    console.log(await page.locator(".pane.lesson").innerText());
    await first.click();
    await page.waitForTimeout(1500);
    await page.screenshot({ path: name("lesson") });
    console.log((await page.locator(".pane.lesson").innerText()).slice(0, 1500));
    const check = page.locator(".pane.lesson").getByRole("button", { name: /Check/ });
    if (await check.count()) { await check.first().click(); await page.waitForTimeout(1500); await page.screenshot({ path: name("wrong") }); }
  } catch (e) { console.log("FAILED", w, theme, e.message.slice(0, 400)); await page.screenshot({ path: name("failed") }); }
  await context.close();
}
await browser.close(); await server.close();
