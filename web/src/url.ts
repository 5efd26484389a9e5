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

const MAX_LENGTH = 8000;
const SHAPE = /^(https?|wss?):\/\/(?:[^/?#]*@)?(\[[^\]/?#]+\]|[^:/?#]+)(?::(\d+))?([^?#]*)\??([^#]*)/i;

export function parseAddress(url?: string): Address {
  const page = typeof location === "undefined" ? undefined : location;
  if (!url || url[0] === "/" && url[1] !== "/") {
    if (!page?.host) throw new Error("outside a browser the URL must name the server");
    url = page.protocol + "//" + page.host + (url || "/");
  }
  if (url.length > MAX_LENGTH) throw new Error("URI too long");
  if (!/^\w+:\/\//.test(url)) {
    const scheme = page && /^http/.test(page.protocol) ? page.protocol : "https:";
    url = scheme + (url.slice(0, 2) === "//" ? "" : "//") + url;
  }
  const match = SHAPE.exec(url);
  if (!match) throw new Error("invalid URL: " + url);
  const secure = /^(https|wss)$/i.test(match[1]!);
  const hostname = match[2]!.toLowerCase();
  const port = match[3] ?? (secure ? "443" : "80");
  return {
    secure,
    hostname,
    port,
    path: match[4] || "/",
    query: match[5]!,
    origin: `http${secure ? "s" : ""}://${hostname}:${port}`,
  };
}

export type Query = Record<string, any>;

export function parseQuery(text: string): Query {
  return Object.fromEntries(new URLSearchParams(text));
}

export function formatQuery(query: Query): string {
  return Object.keys(query)
    .map((key) => encodeURIComponent(key) + "=" + encodeURIComponent(query[key]))
    .join("&");
}
