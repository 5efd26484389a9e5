import type { EngineOptions } from "./options.js";
import type { Frame } from "./frame.js";
import { type Query } from "./url.js";
/** Says why a connection failed; reaches the user in `connect_error`. */
export declare class TransportError extends Error {
    /** The HTTP status, or what the platform reported. */
    readonly description?: any;
    readonly context?: any;
    readonly type = "TransportError";
    constructor(message: string, 
    /** The HTTP status, or what the platform reported. */
    description?: any, context?: any);
}
export interface CloseDetails {
    description: string;
    context?: unknown;
}
/** Whoever uses the transport: the engine, or the upgrade that tries it. */
export interface TransportListener {
    onOpen_(): void;
    onFrame_(frame: Frame): void;
    /** What was given to `send_` has left. */
    onDrain_(): void;
    /** Nothing more follows after a failure or a close. */
    onFailure_(err: TransportError): void;
    onClose_(details: CloseDetails): void;
}
/** Where and how to connect; fixed for the life of an engine. */
export interface Target {
    secure_: boolean;
    hostname_: string;
    port_: string;
    opts_: EngineOptions;
    /** Cookies for Node, where nothing else keeps them. */
    cookies_: Map<string, string>;
}
/** One way to carry frames. Silent once its listener is taken away. */
export declare abstract class Transport {
    protected target_: Target;
    query: Query;
    abstract readonly name: string;
    /** Whether frames can be given to `send_` now. */
    writable: boolean;
    constructor(target_: Target, query: Query);
    protected uri_(scheme: string, timestamp: boolean): string;
    /** The user's headers, and in Node the cookies. */
    protected headers_(): Record<string, string>;
}
