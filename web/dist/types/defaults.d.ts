import { type Parser } from "./parser.js";
/** What bundles for other servers have otherwise. */
export declare const defaults: {
    parser: Parser;
};
