import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const own = `"${process.execPath}" "${fileURLToPath(new URL("kitchen-sink.mjs", import.meta.url))}"`;

/** Starts the server under test; see kitchen-sink.mjs for what it has to do. */
export async function startServer(env = {}) {
  const child = spawn(process.env.SERVER_CMD || own, {
    shell: true,
    detached: true,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGTERM");
    await exited;
  };
  const lines = createInterface(child.stdout);
  const port = await Promise.race([
    new Promise((resolve) =>
      lines.on("line", (line) => {
        const match = /^listening (\d+)$/.exec(line);
        if (match) resolve(match[1]);
      }),
    ),
    exited.then(() => {
      throw new Error("the server under test ended before it listened");
    }),
  ]);
  return { url: `http://localhost:${port}`, port, stop };
}
