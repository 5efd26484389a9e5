/** Reads one MessagePack value. It throws if the bytes are not exactly that. */
export declare class MessagePackReader {
    private readonly bytes_;
    private readonly view_;
    private position_;
    constructor(message: ArrayBuffer | ArrayBufferView);
    read(): any;
    private value_;
    private unsigned_;
    private array_;
    private object_;
    private string_;
    private binary_;
    /**
     * Type 0 is the official parser's: one byte stands for undefined, eight for a date, if the length
     * is `fixed` by the type of the value; the rest are typed arrays. Type -1 is MessagePack's own time.
     */
    private extension_;
    private time_;
    private part_;
    /** Moves on by so many bytes, which must be there, and returns where they begin. */
    private take_;
}
