import { launch } from "./harness.mjs";
import { serve } from "../../web/build/server.mjs";
const out = "/tmp/shots";
const server = await serve("/tmp/dist-now", ["/"]);
const browser = await launch();
for (const [w, h, theme] of [[1440, 900, "light"], [390, 844, "dark"], [768, 1024, "dark"]]) {
  const context = await browser.newContext({ viewport: { width: w, height: h }, colorScheme: theme, reducedMotion: "reduce" });
  const page = await context.newPage();
  page.setDefaultTimeout(8000);
  page.on("pageerror", (e) => console.log("pageerror", e.message));
  const shot = (s) => page.screenshot({ path: `${out}/b-${w}-${s}.png` });
  await page.goto(server.origin + "/");
  await page.waitForTimeout(1500);
  const pane = page.locator(".pane.lesson");
  try {
    await page.getByRole("button", { name: "Learn" }).first().click();
    await page.waitForTimeout(800);
    await pane.getByRole("button", { name: /The first match wins/ }).click();
    await page.waitForTimeout(1500);
    await shot("first-match");
    console.log(await pane.innerText());
    await pane.getByRole("button", { name: "Hint" }).click();
    const check = pane.getByRole("button", { name: "Check" });
    if (await check.count()) await check.click();
    await page.waitForTimeout(1500);
    await shot("first-match-wrong");
    console.log(await pane.innerText());
    await pane.getByText("Show request").click().catch((e) => console.log("no show"));
    await page.waitForTimeout(700);
    await shot("show-request");
    if (w < 500) await page.getByRole("button", { name: "Lesson" }).click();
    await pane.getByRole("button", { name: "All lessons" }).click();
    await pane.getByRole("button", { name: /A long list of flags/ }).click();
    await page.waitForTimeout(1000);
    await shot("flags");
    await pane.getByRole("button", { name: "All lessons" }).click();
    await pane.getByRole("button", { name: /Write a lesson/ }).click();
    await page.waitForTimeout(1000);
    await shot("draft");
    await pane.getByRole("button", { name: "Try it" }).click();
    await page.waitForTimeout(1000);
    await shot("tried");
  } catch (e) { console.log("FAILED", w, theme, e.message.slice(0, 600)); await shot("failed"); }
  await context.close();
}
await browser.close(); await server.close();
