// Runs a Go program that was compiled to WebAssembly, as a browser would.
// Usage: node wasm.mjs <wasm_exec.js> <program.wasm> <argument>
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import WebSocket from "ws";

const [exec, program, argument] = process.argv.slice(2);
globalThis.WebSocket = WebSocket;
globalThis.fs = createRequire(import.meta.url)("node:fs");
createRequire(import.meta.url)(exec);
const go = new Go();
go.argv = ["program", argument];
go.exit = (code) => process.exit(code);
const { instance } = await WebAssembly.instantiate(readFileSync(program), go.importObject);
await go.run(instance);
