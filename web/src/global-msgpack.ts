import { defaults } from "./defaults.js";
import { io } from "./index.js";
import { Decoder, Encoder } from "./msgpack.js";

/** For a plain <script>, and a server whose packets are MessagePack: the global `io`. */
defaults.parser = { Encoder, Decoder };
(globalThis as { io?: typeof io }).io = io;
