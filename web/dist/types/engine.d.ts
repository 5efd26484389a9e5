import { Emitter } from "./emitter.js";
import { type Frame } from "./frame.js";
import type { EngineOptions } from "./options.js";
import type { PacketOptions, RawData } from "./parser.js";
import { type CloseDetails, type Transport } from "./transport.js";
export interface Handshake {
    sid: string;
    upgrades: string[];
    pingInterval: number;
    pingTimeout: number;
    maxPayload?: number;
}
export interface EngineEvents {
    open: () => void;
    handshake: (handshake: Handshake) => void;
    packet: (packet: Frame) => void;
    packetCreate: (packet: Frame) => void;
    data: (data: RawData) => void;
    message: (data: RawData) => void;
    drain: () => void;
    flush: () => void;
    heartbeat: () => void;
    ping: () => void;
    pong: () => void;
    upgrading: (transport: Transport) => void;
    upgrade: (transport: Transport) => void;
    upgradeError: (err: Error) => void;
    error: (err: Error) => void;
    close: (reason: string, description?: CloseDetails | Error) => void;
}
/** Whom the engine works for. Separate from its listeners, which the program can remove. */
export interface EngineOwner {
    onOpen_(): void;
    onPing_(): void;
    onData_(data: RawData): void;
    onError_(err: Error): void;
    onClose_(reason: string, details?: CloseDetails | Error): void;
}
/** One Engine.IO session: handshake, heartbeat, upgrade, and the queue of what is not sent yet. */
export declare class Engine extends Emitter<{}, {}, EngineEvents> {
    id?: string;
    readyState: "opening" | "open" | "closing" | "closed";
    transport: Transport;
    writeBuffer: Frame[];
    upgrading: boolean;
    opts: EngineOptions;
    hostname: string;
    port: string;
    secure: boolean;
    /** The transports that may be used, by preference. */
    transports: string[];
    /** What binary messages are handed over as: "nodebuffer" (in Node only) or "arraybuffer". */
    binaryType: string;
    private target_;
    private query_;
    /** How many frames of the queue the transport has taken and not sent yet. */
    private taken_;
    private maxPayload_;
    private heartbeat_;
    private deadline_;
    private pingTimer_?;
    private cancelUpgrade_?;
    private stopWatchingPage_?;
    constructor(uri: string | undefined, opts: EngineOptions, owner: EngineOwner);
    /** Queues a message. The callback runs when it is handed to the transport. */
    write(data: RawData, options?: PacketOptions, callback?: () => void): this;
    send(data: RawData, options?: PacketOptions, callback?: () => void): this;
    /** Closes once everything queued is sent and a running upgrade has ended. */
    close(): this;
    private start_;
    private create_;
    private use_;
    private receive_;
    private shakeHands_;
    private awaitPing_;
    private upgrade_;
    private switchTo_;
    private queue_;
    private flush_;
    /** As much of the queue as one request may carry; over WebSocket all of it. */
    private nextFrames_;
    private drained_;
    private closeIfDrained_;
    private fail_;
    private end_;
    private watchPage_;
}
