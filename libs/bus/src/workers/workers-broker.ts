import { MemoryBroker } from '../memory/memory-broker.js';
import type { Channel } from './channel.js';
import { FrameSender } from './frame-sender.js';
import { decodeFrames, FRAME, type Frame, frame } from './frames.js';

/** A worker that does not read is sent no more than this: what comes then is dropped, and it is told so. */
const MAX_PENDING_BYTES = 32 * 1024 * 1024;

/** What carries the events of workers from one to the others, in their primary. */
export class WorkersBroker {
  private readonly broker = new MemoryBroker();

  /** Serves the worker at the other end of `channel`, until that is closed. */
  attach(channel: Channel): void {
    const sender = new FrameSender(channel);
    const endings = new Map<number, () => void>();
    let isLossy = false;

    const deliver = (id: number, subject: string, payload: Uint8Array) => {
      if (sender.pendingBytes > MAX_PENDING_BYTES) {
        isLossy = true;
        return;
      }
      if (isLossy) sender.send(frame(FRAME.lost, 0));
      isLossy = false;
      sender.send(frame(FRAME.message, id, subject, payload));
    };
    const receive = ({ kind, id, subject, payload }: Frame) => {
      if (kind === FRAME.message) {
        for (const handler of this.broker.subscribersOf(subject)) handler(payload, subject);
      } else if (kind === FRAME.subscribe) {
        endings.set(
          id,
          this.broker.subscribe(subject, (bytes, from) => deliver(id, from, bytes)),
        );
      } else if (kind === FRAME.unsubscribe) {
        endings.get(id)?.();
        endings.delete(id);
      } else if (kind === FRAME.ping) {
        sender.send(frame(FRAME.ping, id));
      }
    };
    channel.onBytes((bytes) => {
      for (const each of decodeFrames(bytes)) receive(each);
    });
    channel.onClose(() => {
      for (const end of endings.values()) end();
    });
  }
}
