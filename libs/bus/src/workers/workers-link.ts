import type { BrokerLink, LinkEvents } from '../broker/broker-link.js';
import { MAX_PAYLOAD_BYTES } from '../bus.js';
import type { Channel } from './channel.js';
import { FrameSender } from './frame-sender.js';
import { decodeFrames, FRAME, type Frame, frame } from './frames.js';

/** Of the whole process: several links may share its pipe. */
let lastId = 0;

/** The pipe of a worker to its primary. It is there as long as both are. */
export class WorkersLink implements BrokerLink {
  readonly type = 'workers';
  readonly maxFrameBytes = MAX_PAYLOAD_BYTES + 1024;
  isConnected = true;
  private readonly sender: FrameSender;
  private readonly ids = new Map<string, number>();
  private readonly patterns = new Map<number, string>();
  private readonly pings = new Map<number, { resolve: () => void; reject: (error: Error) => void }>();
  private events: LinkEvents | undefined;

  constructor(private readonly channel: Channel) {
    this.sender = new FrameSender(channel);
  }

  open(events: LinkEvents): void {
    this.events = events;
    this.channel.onBytes((bytes) => {
      for (const each of decodeFrames(bytes)) this.receive(each);
    });
    this.channel.onClose(() => this.lost());
    queueMicrotask(() => events.up());
  }

  publish(subject: string, payload: Uint8Array): void {
    this.sender.send(frame(FRAME.message, 0, subject, payload));
  }

  async subscribe(pattern: string): Promise<void> {
    const id = this.nextId();
    this.ids.set(pattern, id);
    this.patterns.set(id, pattern);
    this.sender.send(frame(FRAME.subscribe, id, pattern));
    await this.ping();
  }

  unsubscribe(pattern: string): void {
    const id = this.ids.get(pattern);
    if (id === undefined) return;
    this.ids.delete(pattern);
    this.patterns.delete(id);
    this.sender.send(frame(FRAME.unsubscribe, id));
  }

  ping(): Promise<void> {
    if (!this.isConnected) return Promise.reject(new Error('the primary has ended'));
    const id = this.nextId();
    return new Promise((resolve, reject) => {
      this.pings.set(id, { resolve, reject });
      this.sender.send(frame(FRAME.ping, id));
    });
  }

  /** There is no other pipe. */
  reset(): void {}

  async close(): Promise<void> {
    for (const pattern of [...this.ids.keys()]) this.unsubscribe(pattern);
    this.sender.flush();
    this.isConnected = false;
    this.events = undefined;
  }

  private receive({ kind, id, subject, payload }: Frame): void {
    if (kind === FRAME.message) {
      const pattern = this.patterns.get(id);
      if (pattern !== undefined) this.events?.message(pattern, subject, payload);
    } else if (kind === FRAME.ping) {
      this.pings.get(id)?.resolve();
      this.pings.delete(id);
    } else if (kind === FRAME.lost) {
      this.events?.down('this worker did not keep up');
      this.events?.up();
    }
  }

  private lost(): void {
    this.isConnected = false;
    for (const { reject } of this.pings.values()) reject(new Error('the primary has ended'));
    this.pings.clear();
    this.events?.down('the primary has ended');
  }

  private nextId(): number {
    lastId = (lastId + 1) >>> 0;
    return lastId;
  }
}
