/** How long to wait before the next try: doubled each time, with jitter, never above the maximum. */
export declare class Backoff {
    ms: number;
    max: number;
    jitter: number;
    /** Tries since the connection last proved good. */
    attempts: number;
    constructor(ms: number, max: number, jitter: number);
    /** The next delay in milliseconds. */
    duration(): number;
    reset(): void;
}
