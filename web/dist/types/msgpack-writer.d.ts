/** Writes one value as MessagePack. What JSON leaves out is left out here too. */
export declare class MessagePackWriter {
    private bytes_;
    private view_;
    private length_;
    write(value: unknown): Uint8Array;
    private value_;
    private object_;
    private number_;
    /** Writes an integer of 64 bits. */
    private integer_;
    private string_;
    private binary_;
    /** An extension of type 0 with the milliseconds. */
    private date_;
    /** Writes a length: with `short` if it is less than `limit`, else in 1, 2 or 4 bytes. */
    private head_;
    /** Writes a type, and a number in so many bytes. */
    private put_;
    private byte_;
    private append_;
    /** Makes room for so many bytes, writes the first, and returns where the second goes. */
    private reserve_;
    /** Makes room for so many bytes, and returns where they begin. */
    private grow_;
}
