// Two people play the chat example in a real browser: they talk, type, send a picture, and the server
// goes away and comes back. What they see is kept as screenshots in artifacts/ at the top.
import { strict as assert } from "node:assert";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const top = fileURLToPath(new URL("../..", import.meta.url));
const artifacts = join(top, "artifacts");
const folder = mkdtempSync(join(tmpdir(), "chat-"));
const program = join(folder, "chat");
const running = new Set();
let port;
let browser;

async function freePort() {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function startChat() {
  const child = spawn(program, { env: { ...process.env, PORT: port }, stdio: ["ignore", "ignore", "pipe"] });
  running.add(child);
  const lines = createInterface(child.stderr);
  for await (const line of lines) if (line.includes("chat on")) return child;
  throw new Error("the chat did not start");
}

async function stopChat(child) {
  running.delete(child);
  child.kill();
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** Somebody opens the page in a tab and joins the lobby. */
async function enter(name, query, options = {}) {
  const context = await browser.newContext({ viewport: { width: 900, height: 620 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(error.message));
  await page.goto(`http://localhost:${port}/${query}`);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Join" }).click();
  await page.locator("#chat").waitFor();
  return page;
}

async function say(page, text) {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.keyboard.press("Enter");
}

const message = (page, text) => page.locator("#messages li:not(.waiting)", { hasText: text });
const shot = (page, name) => page.screenshot({ path: join(artifacts, `chat-${name}.png`) });

/** A picture to send, drawn by the browser. */
function draw(page) {
  return page.evaluate(() => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [640, 320];
    const context = canvas.getContext("2d");
    const sky = context.createLinearGradient(0, 0, 0, 320);
    for (const [at, color] of [[0, "#16324f"], [0.6, "#e07a5f"], [1, "#f2cc8f"]]) sky.addColorStop(at, color);
    context.fillStyle = sky;
    context.fillRect(0, 0, 640, 320);
    context.fillStyle = "#fff3d6";
    context.beginPath();
    context.arc(320, 200, 46, 0, 7);
    context.fill();
    context.fillStyle = "#12263a";
    for (let x = 0; x < 640; x += 4) context.fillRect(x, 250 + 18 * Math.sin(x / 60) + 9 * Math.sin(x / 23), 4, 120);
    return canvas.toDataURL("image/png").split(",")[1];
  });
}

before(async () => {
  mkdirSync(artifacts, { recursive: true });
  execFileSync("go", ["build", "-o", program, "./examples/chat"], { cwd: top });
  port = String(await freePort());
  browser = await chromium.launch({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync"],
  });
});

after(async () => {
  await browser?.close();
  for (const child of running) await stopChat(child);
  rmSync(folder, { recursive: true });
});

for (const [transport, query] of [["websocket", ""], ["polling", "?transport=polling"]]) {
  describe(`chat over ${transport}`, () => {
    let server;
    let ann;
    let bob;

    before(async () => {
      server = await startChat();
      ann = await enter("Ann", query);
      bob = await enter("Bob", query, { colorScheme: "dark" });
    });

    after(async () => {
      assert.deepEqual([ann.faults, bob.faults], [[], []], "exceptions in the pages");
      await ann.context().close();
      await bob.context().close();
      await stopChat(server);
    });

    test("shows the transport and who is online", async () => {
      for (const page of [ann, bob]) await page.getByText(`connected over ${transport}`).waitFor();
      await ann.locator("#online li", { hasText: "Bob" }).waitFor();
      assert.deepEqual(await ann.locator("#online li").allTextContents(), ["Ann (you)", "Bob"]);
    });

    test("carries a conversation", async () => {
      await say(ann, "Hello Bob! Did you see the sunset?");
      await message(bob, "Did you see the sunset?").waitFor();
      await say(bob, "No, I was debugging.\nHow was it?");
      await message(ann, "How was it?").waitFor();
    });

    test("tells who is typing", async () => {
      await ann.getByLabel("Message", { exact: true }).pressSequentially("Like th");
      await bob.getByText("Ann is typing…").waitFor();
      await ann.getByLabel("Message", { exact: true }).fill("");
      await bob.locator("#typing", { hasText: /^$/ }).waitFor({ state: "attached" });
    });

    test("sends a picture as binary and shows it", async () => {
      const buffer = Buffer.from(await draw(ann), "base64");
      await ann.getByLabel("Send a picture").setInputFiles({ name: "sunset.png", mimeType: "image/png", buffer });
      const image = bob.getByAltText("Picture from Ann");
      await image.waitFor();
      await bob.waitForFunction(() => document.querySelector("#messages img").naturalWidth > 0);
      assert.equal(await image.evaluate((i) => `${i.naturalWidth}x${i.naturalHeight}`), "640x320");
      await say(bob, "Beautiful!");
      await message(ann, "Beautiful!").waitFor();
      await shot(ann, `${transport}-light`);
      await shot(bob, `${transport}-dark`);
    });

    test("has rooms with a history of their own", async () => {
      await bob.getByRole("button", { name: "gophers" }).click();
      await ann.locator("#online li", { hasText: "Bob" }).waitFor({ state: "detached" });
      await say(ann, "Are you gone?");
      await message(ann, "Are you gone?").waitFor();
      assert.equal(await message(bob, "Are you gone?").count(), 0);
      await bob.getByRole("button", { name: "lobby" }).click();
      await message(bob, "Are you gone?").waitFor();
      await ann.locator("#online li", { hasText: "Bob" }).waitFor();
    });

    test("loses nothing when the server goes away and returns", async () => {
      await stopChat(server);
      for (const page of [ann, bob]) await page.getByText("The server is away.").waitFor();
      await say(ann, "Is anybody there?");
      await say(ann, "I keep writing.");
      assert.equal(await ann.locator("#messages li.waiting").count(), 2);
      await shot(ann, `${transport}-away`);
      server = await startChat();
      for (const text of ["Is anybody there?", "I keep writing."]) {
        await message(ann, text).waitFor();
        await message(bob, text).waitFor();
      }
      assert.equal(await ann.locator("#messages li.waiting").count(), 0);
      assert.equal(await message(bob, "I keep writing.").count(), 1);
      await ann.getByText(`connected over ${transport}`).waitFor();
      await ann.locator("#trouble").waitFor({ state: "hidden" });
    });

    test("fits on a phone", async () => {
      await bob.setViewportSize({ width: 390, height: 740 });
      await say(bob, "From the bus: it works here too.");
      await message(bob, "From the bus").waitFor();
      const overflow = await bob.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `the page is ${overflow} px too wide`);
      await shot(bob, `${transport}-phone`);
    });
  });
}
