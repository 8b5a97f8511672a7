import { Ledger } from '../soak/ledger.mjs';

/** What one person has of one room: a ledger, and what each message said. */
export class Record extends Ledger {
  /** Keys of the messages, by `seq`, in the order in which they came. */
  keys = new Map();
  /** When the last message came, and the longest time without any, in ms. */
  #last;
  longestSilence = 0;

  take(seq, key) {
    this.see(seq);
    if (!this.keys.has(seq)) this.keys.set(seq, key);
    this.heard();
  }

  heard() {
    const now = performance.now();
    if (this.#last !== undefined) this.longestSilence = Math.max(this.longestSilence, now - this.#last);
    this.#last = now;
  }

  /** Silence counts from now on; with `false`, not any more. */
  listen(isOn) {
    if (isOn) this.longestSilence = 0;
    this.#last = isOn ? performance.now() : undefined;
  }
}
