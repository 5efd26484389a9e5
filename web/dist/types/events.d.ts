/** The types that let the compiler check event names, payloads and acknowledgements. */
export interface EventsMap {
    [event: string]: any;
}
/** Used when the program declares no events: any name, any payload. */
export interface DefaultEventsMap {
    [event: string]: (...args: any[]) => void;
}
export type EventNames<Map extends EventsMap> = keyof Map & (string | symbol);
export type EventParams<Map extends EventsMap, Ev extends EventNames<Map>> = Parameters<Map[Ev]>;
export type ReservedOrUserEventNames<Reserved extends EventsMap, User extends EventsMap> = EventNames<Reserved> | EventNames<User>;
/** The events of the library win over events of the program with the same name. */
export type ReservedOrUserListener<Reserved extends EventsMap, User extends EventsMap, Ev extends ReservedOrUserEventNames<Reserved, User>> = Ev extends EventNames<Reserved> ? Reserved[Ev] : Ev extends EventNames<User> ? string extends Ev ? (...args: any[]) => void : User[Ev] : never;
export type Last<T extends any[]> = T extends [...any, infer L] ? L : any;
export type AllButLast<T extends any[]> = T extends [...infer Head, any] ? Head : any[];
type FirstArg<T> = T extends (arg: infer A) => any ? A : any;
type SecondArg<T> = T extends (err: any, arg: infer A) => any ? A : any;
/** What an acknowledgement resolves to: its first argument that is not the error. */
export type FirstNonErrorArg<T> = T extends (...args: infer Params) => any ? FirstArg<T> extends Error ? SecondArg<T> : Params extends [] ? undefined : FirstArg<T> : any;
/** The events whose last parameter is an acknowledgement. */
export type EventNamesWithAck<Map extends EventsMap, Ev extends EventNames<Map> = EventNames<Map>> = {
    [K in Ev]: Last<Parameters<Map[K]>> extends (...args: any[]) => any ? K : never;
}[Ev];
type WithError<T> = T extends (...args: infer Params) => infer R ? (err: Error, ...args: Params) => R : T;
type ErrorBeforeAck<Params extends any[]> = {
    [K in keyof Params]: Params[K] extends (...args: infer P) => infer R ? (err: Error, ...args: P) => R : Params[K];
};
/** The same events after `timeout()`: acknowledgements get an error first. */
export type DecorateAcknowledgements<Map> = {
    [K in keyof Map]: Map[K] extends (...args: infer Params) => infer R ? (...args: ErrorBeforeAck<Params>) => R : WithError<Map[K]>;
};
export {};
