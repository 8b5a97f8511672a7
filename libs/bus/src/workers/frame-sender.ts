import type { Channel } from './channel.js';
import { encodedLength, encodeFrames, type Frame } from './frames.js';

/** Sent without waiting for the end of the turn. */
const PIECE_BYTES = 256 * 1024;

/** Sends frames through a channel, all of a turn as one piece: a piece costs twenty times what a frame does. */
export class FrameSender {
  /** What was given and has not left this process. */
  pendingBytes = 0;
  private frames: Frame[] = [];
  private bytes = 0;

  constructor(private readonly channel: Channel) {}

  send(frame: Frame): void {
    if (this.frames.length === 0) setImmediate(() => this.flush());
    const length = encodedLength(frame);
    this.frames.push(frame);
    this.bytes += length;
    this.pendingBytes += length;
    if (this.bytes >= PIECE_BYTES) this.flush();
  }

  /** Gives what has been collected to the channel now. */
  flush(): void {
    if (this.frames.length === 0) return;
    const { frames, bytes } = this;
    this.frames = [];
    this.bytes = 0;
    this.channel.send(encodeFrames(frames), () => (this.pendingBytes -= bytes));
  }
}
