import { HubbubError } from '@hubbub/protocol';

const MAX_BYTES = 16 * 1024 * 1024;
/** So much may be unconfirmed before the broker is asked whether it has it. */
const CHUNK_BYTES = 256 * 1024;
/** What a broker's protocol and our own buffers take for a small message. */
const OVERHEAD_BYTES = 64;

/** What the broker was given and has not confirmed: bounded, as one that is paused would fill our memory. */
export class Backlog {
  private bytes = 0;
  private confirming = false;

  /** @param confirm resolves once the broker has dealt with all that it was given before */
  constructor(
    private readonly confirm: () => Promise<unknown>,
    private readonly maxBytes = MAX_BYTES,
  ) {}

  /** Counts a payload that is given to the broker now. @throws HubbubError ServerError above the bound */
  add(payloadBytes: number): void {
    if (this.bytes >= this.maxBytes) {
      throw new HubbubError('ServerError', { message: 'The broker does not keep up.' });
    }
    this.bytes += payloadBytes + OVERHEAD_BYTES;
    if (this.bytes >= CHUNK_BYTES && !this.confirming) void this.catchUp();
  }

  private async catchUp(): Promise<void> {
    this.confirming = true;
    while (this.bytes >= CHUNK_BYTES) {
      const given = this.bytes;
      try {
        await this.confirm();
        this.bytes -= given;
      } catch {
        // The connection is lost, and all that it had not sent with it.
        this.bytes = 0;
      }
    }
    this.confirming = false;
  }
}
