import { callUser } from "./platform.js";
import type {
  EventNames,
  EventParams,
  EventsMap,
  ReservedOrUserEventNames,
  ReservedOrUserListener,
} from "./events.js";

interface Listener {
  (...args: any[]): void;
  /** For `once`: the function the user gave. */
  origin_?: Function;
}

/**
 * Listeners by event name. A listener that throws is reported on its own and stops nothing.
 * Lists are replaced, never changed, so a listener may add and remove listeners while it runs.
 */
export class Emitter<
  ListenEvents extends EventsMap,
  EmitEvents extends EventsMap = ListenEvents,
  ReservedEvents extends EventsMap = {},
> {
  private callbacks_: Record<PropertyKey, Listener[]> = Object.create(null);

  on<Ev extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    event: Ev,
    listener: ReservedOrUserListener<ReservedEvents, ListenEvents, Ev>,
  ): this {
    this.callbacks_[event] = [...(this.callbacks_[event] ?? []), listener as Listener];
    return this;
  }

  once<Ev extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    event: Ev,
    listener: ReservedOrUserListener<ReservedEvents, ListenEvents, Ev>,
  ): this {
    const wrapper: Listener = (...args) => {
      if (this.remove_(event, wrapper)) (listener as Listener).apply(this, args);
    };
    wrapper.origin_ = listener as Function;
    return this.on(event, wrapper as typeof listener);
  }

  /** Without a listener: all of that event. Without an event: all. */
  off<Ev extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    event?: Ev,
    listener?: ReservedOrUserListener<ReservedEvents, ListenEvents, Ev>,
  ): this {
    if (event === undefined) this.callbacks_ = Object.create(null);
    else if (listener) this.remove_(event, listener as Listener);
    else delete this.callbacks_[event];
    return this;
  }

  emit<Ev extends EventNames<EmitEvents>>(event: Ev, ...args: EventParams<EmitEvents, Ev>): this {
    this.dispatch_(event, args);
    return this;
  }

  listeners<Ev extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    event: Ev,
  ): ReservedOrUserListener<ReservedEvents, ListenEvents, Ev>[] {
    return (this.callbacks_[event] ?? []).map((listener) => listener.origin_ ?? listener) as any[];
  }

  hasListeners<Ev extends ReservedOrUserEventNames<ReservedEvents, ListenEvents>>(
    event: Ev,
  ): boolean {
    return this.listeners(event).length > 0;
  }

  /** @internal Runs the listeners of an event. */
  dispatch_(event: PropertyKey, args: unknown[] = []): void {
    for (const listener of this.callbacks_[event] ?? []) callUser(listener, this, args);
  }

  private remove_(event: PropertyKey, listener: Listener): boolean {
    const list = this.callbacks_[event] ?? [];
    const index = list.findIndex((entry) => entry === listener || entry.origin_ === listener);
    if (index >= 0) this.callbacks_[event] = list.filter((_, i) => i !== index);
    return index >= 0;
  }
}

export interface Emitter<
  ListenEvents extends EventsMap,
  EmitEvents extends EventsMap = ListenEvents,
  ReservedEvents extends EventsMap = {},
> {
  addEventListener: Emitter<ListenEvents, EmitEvents, ReservedEvents>["on"];
  removeListener: Emitter<ListenEvents, EmitEvents, ReservedEvents>["off"];
  removeAllListeners: Emitter<ListenEvents, EmitEvents, ReservedEvents>["off"];
  removeEventListener: Emitter<ListenEvents, EmitEvents, ReservedEvents>["off"];
}

const names = Emitter.prototype;
names.addEventListener = names.on;
names.removeListener = names.removeAllListeners = names.removeEventListener = names.off;
