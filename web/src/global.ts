import { io } from "./index.js";

/** For a plain <script>: the global `io`. */
(globalThis as { io?: typeof io }).io = io;
