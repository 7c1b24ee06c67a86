// The page as a person first sees it: accessible and not wider than the window, in every size and theme, and a picture of each.

import assert from "node:assert/strict";
import { axe, shot, test } from "../harness.mjs";

for (const [width, height] of [[1440, 900], [768, 1024], [390, 844]]) {
  for (const theme of ["light", "dark"]) {
    test(`axe finds nothing at ${width} px, ${theme}`, { width, height, theme }, async (page) => {
      await shot(page, `${width}-${theme}`);
      assert.deepEqual(await axe(page), []);
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= width, "the page scrolls sideways");
    });
  }
}
