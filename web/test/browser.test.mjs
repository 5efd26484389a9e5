// The bundle for <script> in a real browser: the same cases as in Node, and those which need a page.
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, before, describe, test } from "node:test";
import { chromium } from "playwright-core";
import { cases } from "./cases.mjs";
import { modes } from "./run.mjs";
import { startServer } from "./server/start.mjs";

const PAGE = `<!doctype html><meta charset="utf-8"><title>cases</title>
<script src="/dist/socket.io.min.js"></script>
<script type="module">
  import { cases } from "/test/cases.mjs";
  import { runCase } from "/test/run.mjs";

  function uncaught(count) {
    return new Promise((resolve) => {
      const messages = [];
      addEventListener("error", function listener(event) {
        event.preventDefault();
        if (messages.push(event.error.message) < count) return;
        removeEventListener("error", listener);
        resolve(messages);
      });
    });
  }

  window.run = (name, mode, urls) =>
    runCase(cases.find((entry) => entry.name === name), {
      io, Manager: io.Manager, mode, ...urls, extra: { uncaught },
    });
</script>`;

const FILES = new Set([
  "/dist/socket.io.min.js",
  "/test/cases.mjs",
  "/test/run.mjs",
  "/test/tools.mjs",
]);

async function servePage(req, res) {
  if (FILES.has(req.url)) {
    res.setHeader("Content-Type", "text/javascript; charset=utf-8");
    res.end(await readFile(new URL(".." + req.url, import.meta.url)));
  } else {
    res.statusCode = req.url === "/" ? 200 : 404;
    res.setHeader("Content-Type", "text/html; charset=utf-8");
    res.end(req.url === "/" ? PAGE : "");
  }
}

let server;
let recovery;
let pages;
let browser;
let page;
let urls;
const uncaught = [];

before(async () => {
  pages = createServer(servePage).listen(0, "localhost");
  [server, recovery, browser] = await Promise.all([
    startServer(),
    startServer({ RECOVERY: "1" }),
    chromium.launch({
      executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    }),
    once(pages, "listening"),
  ]);
  urls = { url: server.url, recoveryUrl: recovery.url };
  page = await browser.newPage();
  page.on("pageerror", (err) => uncaught.push(err.message));
  await page.goto(`http://localhost:${pages.address().port}/`);
  await page.waitForFunction(() => window.run);
});

after(async () => {
  await browser.close();
  pages.close();
  await Promise.all([server.stop(), recovery.stop()]);
});

for (const mode of modes) {
  describe(`our client in Chromium, ${mode}`, () => {
    for (const { name, throws } of cases) {
      test(name, { timeout: 30000 }, async () => {
        uncaught.length = 0;
        await page.evaluate(([...args]) => window.run(...args), [name, mode, urls]);
        if (!throws) assert.deepEqual(uncaught, []);
      });
    }
  });
}

test("the page has only the global io, with the names of the official client", async () => {
  const names = await page.evaluate(() => Object.keys(window.io).sort());
  assert.deepEqual(names, ["Manager", "Socket", "connect", "io", "protocol"]);
  const same = await page.evaluate(() => io === io.io && io === io.connect && io.protocol === 5);
  assert.ok(same);
});

test("io() without a URL means the server of the page", async () => {
  const where = await page.evaluate(() =>
    [undefined, "/chat?x=1", `//${location.host}/ns`, "example.org:81/x"].map((url) => {
      const { io: manager, nsp } = io(url, { autoConnect: false, forceNew: true });
      return [manager.uri, nsp];
    }),
  );
  const origin = `http://localhost:${pages.address().port}`;
  assert.deepEqual(where, [[origin, "/"], [origin, "/chat"], [origin, "/ns"], ["http://example.org:81", "/x"]]);
});
