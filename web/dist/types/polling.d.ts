import { Transport } from "./transport.js";
import { type Frame } from "./frame.js";
/** HTTP long-polling: one GET waits for frames, one POST at a time carries ours. */
export declare class Polling extends Transport {
    readonly name = "polling";
    private state_;
    private requests_;
    private polling_;
    private posting_;
    private pollTimer_?;
    /** Set while paused; called once nothing is on its way any more. */
    private onPaused_?;
    open_(): void;
    send_(frames: Frame[]): void;
    close_(polite: boolean): void;
    private checkPaused_;
    private abort_;
    private poll_;
    /** Returns whether there was nothing in it but heartbeats. */
    private receive_;
    private post_;
    private fail_;
    /** Resolves with the body of a 200 response; rejects for anything else. */
    private request_;
}
