import type { Parser } from "./parser.js";
import type { Query } from "./url.js";
/** Options of the connection itself. */
export interface EngineOptions {
    /** Used when no URL is given. */
    host?: string;
    hostname?: string;
    port?: string | number;
    secure?: boolean;
    /** Added to the URL of every request; a URL's own query is used if this is not set. */
    query?: Query | string;
    /** The HTTP path. Default "/socket.io". */
    path?: string;
    /** Whether a slash follows the path. Default true. */
    addTrailingSlash?: boolean;
    /** In order of preference; names that this client does not have are skipped. Default ["polling", "websocket"]. */
    transports?: string[];
    /** Whether to try the next transport if the first cannot connect. Default false. */
    tryAllTransports?: boolean;
    /** Whether to go from polling to WebSocket. Default true. */
    upgrade?: boolean;
    /** Whether to begin with WebSocket if the last one in this page worked. Default false. */
    rememberUpgrade?: boolean;
    /** Whether a changing parameter is added against caches. Default: polling only. */
    timestampRequests?: boolean;
    /** Name of that parameter. Default "t". */
    timestampParam?: string;
    /** Whether binary data is sent as base64 even over WebSocket. Default false. */
    forceBase64?: boolean;
    /** Whether cookies are sent to another site; in Node, whether cookies are kept at all. Default false. */
    withCredentials?: boolean;
    /** More request headers. Browsers allow none for WebSocket. */
    extraHeaders?: Record<string, string>;
    /** Other options for one transport, by its name. */
    transportOptions?: Record<string, Partial<EngineOptions>>;
    /** WebSocket sub-protocols. */
    protocols?: string | string[];
    /** Milliseconds for one HTTP request; 0, the default, means no limit. */
    requestTimeout?: number;
    /** Whether to close without a `disconnect` event when the page is left. Default false. */
    closeOnBeforeunload?: boolean;
}
export interface ManagerOptions extends EngineOptions {
    /** Whether to use a connection of its own. Default false. */
    forceNew?: boolean;
    /** Whether namespaces of one server may share a connection. Default true. */
    multiplex?: boolean;
    /** Whether to reconnect by itself. Default true. */
    reconnection?: boolean;
    /** Tries before giving up. Default (and 0): no limit. */
    reconnectionAttempts?: number;
    /** Milliseconds before the first try, doubled for each further one. Default 1000. */
    reconnectionDelay?: number;
    /** The longest delay in milliseconds. Default 5000. */
    reconnectionDelayMax?: number;
    /** How far a delay may differ, as a share of it. From 0 to 1, default 0.5. */
    randomizationFactor?: number;
    /** Milliseconds to wait for a connection; false means no limit. Default 20000. */
    timeout?: number | false;
    /** Whether to connect at once. Default true. */
    autoConnect?: boolean;
    /** Another packet format; the server must use the same. */
    parser?: Parser;
}
export type AuthFunction = (callback: (data: object) => void) => void;
export interface SocketOptions {
    /** Sent with each connect. A function is called each time and gives the data to its callback. */
    auth?: {
        [key: string]: any;
    } | AuthFunction;
    /** How often an unacknowledged event is sent again. Default: events are sent once. */
    retries?: number;
    /** Milliseconds to wait for each acknowledgement. With `retries` the default is 10000. */
    ackTimeout?: number;
}
