/** How long to wait before the next try: doubled each time, with jitter, never above the maximum. */
export class Backoff {
  /** Tries since the connection last proved good. */
  attempts = 0;

  constructor(
    public ms: number,
    public max: number,
    public jitter: number,
  ) {}

  /** The next delay in milliseconds. */
  duration(): number {
    // The exponent is limited so that days of failures cannot overflow to Infinity, then NaN.
    let ms = this.ms * 2 ** Math.min(this.attempts++, 30);
    if (this.jitter > 0 && this.jitter <= 1) {
      const spread = Math.floor(Math.random() * this.jitter * ms);
      ms += Math.random() < 0.5 ? spread : -spread;
    }
    return Math.floor(Math.min(ms, this.max));
  }

  reset(): void {
    this.attempts = 0;
  }
}
