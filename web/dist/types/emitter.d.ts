import type { EventNames, EventParams, EventsMap, ReservedOrUserEventNames, ReservedOrUserListener } from "./events.js";
/**
 * Listeners by event name. A listener that throws is reported on its own and stops nothing.
 * Lists are replaced, never changed, so a listener may add and remove listeners while it runs.
 */
export declare class Emitter<ListenEvents extends EventsMap, EmitEvents extends EventsMap = ListenEvents, ReservedEvents extends EventsMap = {}> {
    private callbacks_;
    on<Ev extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(event: Ev, listener: ReservedOrUserListener<ReservedEvents, ListenEvents, Ev>): this;
    once<Ev extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(event: Ev, listener: ReservedOrUserListener<ReservedEvents, ListenEvents, Ev>): this;
    /** Without a listener: all of that event. Without an event: all. */
    off<Ev extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(event?: Ev, listener?: ReservedOrUserListener<ReservedEvents, ListenEvents, Ev>): this;
    emit<Ev extends EventNames<EmitEvents>>(event: Ev, ...args: EventParams<EmitEvents, Ev>): this;
    listeners<Ev extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(event: Ev): ReservedOrUserListener<ReservedEvents, ListenEvents, Ev>[];
    hasListeners<Ev extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(event: Ev): boolean;
    private remove_;
}
export interface Emitter<ListenEvents extends EventsMap, EmitEvents extends EventsMap = ListenEvents, ReservedEvents extends EventsMap = {}> {
    addEventListener: Emitter<ListenEvents, EmitEvents, ReservedEvents>["on"];
    removeListener: Emitter<ListenEvents, EmitEvents, ReservedEvents>["off"];
    removeAllListeners: Emitter<ListenEvents, EmitEvents, ReservedEvents>["off"];
    removeEventListener: Emitter<ListenEvents, EmitEvents, ReservedEvents>["off"];
}
