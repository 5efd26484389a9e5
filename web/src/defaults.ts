import { Decoder, Encoder, type Parser } from "./parser.js";

/** What bundles for other servers have otherwise. */
export const defaults: { parser: Parser } = { parser: { Encoder, Decoder } };
