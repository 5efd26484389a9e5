// Our client and the official one have to do the same, in Node.
import { after, before, describe, test } from "node:test";
import * as official from "socket.io-client";
import * as ours from "../dist/socket.io.esm.min.js";
import { cases } from "./cases.mjs";
import { modes, runCase } from "./run.mjs";
import { startServer } from "./server/start.mjs";

function uncaught(count) {
  return new Promise((resolve) => {
    const messages = [];
    process.setUncaughtExceptionCaptureCallback((err) => {
      if (messages.push(err.message) < count) return;
      process.setUncaughtExceptionCaptureCallback(null);
      resolve(messages);
    });
  });
}

let server;
let recovery;

before(async () => {
  [server, recovery] = await Promise.all([startServer(), startServer({ RECOVERY: "1" })]);
});

after(() => Promise.all([server.stop(), recovery.stop()]));

for (const [name, { io, Manager }] of Object.entries({ ours, official })) {
  for (const mode of modes) {
    describe(`${name} client, ${mode}`, () => {
      for (const testCase of cases) {
        if (testCase.page || (testCase.ours && name !== "ours")) continue;
        test(testCase.name, { timeout: 30000 }, () =>
          runCase(testCase, {
            io,
            Manager,
            mode,
            url: server.url,
            recoveryUrl: recovery.url,
            extra: { uncaught },
          }),
        );
      }
    });
  }
}
