import type { CloseName, MessageId } from '@hubbub/protocol';
import type { CommandConnection } from '../command-connection.js';
import { hubbubV1 } from '../hubbub-v1.dialect.js';

/** A frame as it was given to a connection, its data parsed. */
export interface RecordedFrame {
  readonly type: string;
  readonly data: unknown;
  readonly id: MessageId | undefined;
}

let lastId = 0;

/** A connection that writes down what it is given, for tests of the router without a socket. */
export class RecordingConnection implements CommandConnection {
  readonly id = `connection-${++lastId}`;
  readonly dialect = hubbubV1;
  readonly frames: RecordedFrame[] = [];
  closed: CloseName | null = null;
  private taken = 0;
  private waiter: ((frame: RecordedFrame) => void) | null = null;
  private blocked: { readonly promise: Promise<void>; readonly resolve: () => void } | null = null;
  private lost = false;

  constructor(public identity: object | null = { userId: 'alice' }) {}

  get isOpen(): boolean {
    return this.closed === null && !this.lost;
  }

  reply(messageType: string, dataJson: string, requestId: MessageId | undefined): void {
    if (!this.isOpen) return;
    const frame = { type: messageType, data: JSON.parse(dataJson) as unknown, id: requestId };
    this.frames.push(frame);
    if (this.waiter === null) return;
    const waiter = this.waiter;
    this.waiter = null;
    this.taken++;
    waiter(frame);
  }

  close(name: CloseName): void {
    this.closed ??= name;
  }

  whenWritable(): Promise<void> | null {
    return this.blocked?.promise ?? null;
  }

  /** The next frame that `next` has not returned yet. */
  next(): Promise<RecordedFrame> {
    const frame = this.frames[this.taken];
    if (frame === undefined) return new Promise((resolve) => (this.waiter = resolve));
    this.taken++;
    return Promise.resolve(frame);
  }

  /** The next `count` frames. */
  async take(count: number): Promise<RecordedFrame[]> {
    const frames: RecordedFrame[] = [];
    while (frames.length < count) frames.push(await this.next());
    return frames;
  }

  /** The peer stops reading: streams have to wait until `unblock`. */
  block(): void {
    if (this.blocked !== null) return;
    let resolve = (): void => undefined;
    const promise = new Promise<void>((settle) => (resolve = settle));
    this.blocked = { promise, resolve };
  }

  unblock(): void {
    this.blocked?.resolve();
    this.blocked = null;
  }

  /** The socket is gone. */
  lose(): void {
    this.lost = true;
    this.unblock();
  }
}
