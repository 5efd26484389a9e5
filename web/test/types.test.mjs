// The declarations: they are what the sources say, and they say what programs need.
import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const web = fileURLToPath(new URL("..", import.meta.url));

async function tsc(...args) {
  const compiler = join(web, "node_modules/typescript/bin/tsc");
  await promisify(execFile)(process.execPath, [compiler, ...args], { cwd: web }).catch((err) => {
    throw new Error(err.stdout || err.stderr);
  });
}

async function contents(folder) {
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")]));
}

test("the committed declarations are fresh: otherwise run go generate", async () => {
  const fresh = await mkdtemp(join(tmpdir(), "types-"));
  try {
    await tsc("-p", ".", "--outDir", fresh);
    assert.deepEqual(await contents(join(web, "dist/types")), await contents(fresh));
  } finally {
    await rm(fresh, { recursive: true });
  }
});

test("typed events are checked", async () => {
  const options = ["--strict", "--noEmit", "--skipLibCheck", "false", "--types", "", "--lib", "ES2022,DOM"];
  await tsc(...options, "--target", "ES2022", "--module", "NodeNext", "--moduleResolution", "NodeNext", "test/types/typed-events.ts", "--ignoreConfig");
});
