/** Takes apart what the user passes to `io()`. The path is the namespace, kept exactly as written. */
export interface Address {
    secure: boolean;
    /** With brackets for IPv6. */
    hostname: string;
    port: string;
    /** The namespace; "/" if the URL has no path. */
    path: string;
    /** Without the question mark. */
    query: string;
    /** One value per server: scheme, host and port. */
    origin: string;
}
export declare function parseAddress(url?: string): Address;
export type Query = Record<string, any>;
export declare function parseQuery(text: string): Query;
export declare function formatQuery(query: Query): string;
