import { exceeds, type InboundFrame } from '../command-entry.js';
import type { Tab } from './tab.js';
import type { Command } from './wire.js';

/** A command under way on the shared connection. */
interface Call {
  readonly type: string;
  readonly answer: (frame: InboundFrame) => void;
  /** An item of a stream. */
  readonly item?: (frame: InboundFrame) => void;
  /** Whose it is, and under which id he knows it. */
  readonly tab?: Tab;
  readonly requestId?: number | string | undefined;
}

const TOO_BIG = 1009;
const MESSAGE_TOO_LARGE = errorFrame(4002, 'MessageTooLarge', 'The frame is larger than the server takes.');

const same = (frame: InboundFrame) => frame;

/** Commands of many tabs on one connection: each has an id of its own there, and its answer comes back under its tab's. */
export class Calls {
  private readonly underWay = new Map<number, Call>();
  private nextId = 1;

  constructor(
    private readonly send: (frame: string) => void,
    /** Largest frame that the server takes. */
    private readonly maxBytes: () => number,
  ) {}

  /** Sends a command of our own. `answer` is called before anything that came after the answer is looked at. */
  ask(type: string, data: unknown, answer: (frame: InboundFrame) => void): void {
    this.transmit(data, { type, answer });
  }

  /**
   * Sends a tab's command, and the tab its answers.
   * @param seen gives what the tab is to get for the answer
   * @param data in place of the command's own
   */
  forward(tab: Tab, command: Command, seen: (answer: InboundFrame) => InboundFrame = same, data = command.data): void {
    const isSent = this.transmit(data, {
      type: command.message_type,
      tab,
      requestId: command.message_id,
      item: (frame) => tab.answer(command, frame),
      answer: (frame) => tab.answer(command, seen(frame)),
    });
    if (isSent) return;
    // What the server would do to the connection, which is everybody's.
    tab.answer(command, MESSAGE_TOO_LARGE);
    tab.close(TOO_BIG, 'message too big');
  }

  /** Takes an answer. */
  received(frame: InboundFrame): void {
    const id = frame.request_id as number;
    const call = this.underWay.get(id);
    if (call && frame.message_type === `${call.type}_item`) call.item?.(frame);
    else if (call) {
      this.underWay.delete(id);
      call.answer(frame);
    }
  }

  /** Ends what a tab has under way under an id of its own. The tab gets the answer. */
  cancel(tab: Tab, command: Command, requestId: unknown): void {
    const isIt = (call: Call) => call.tab === tab && call.requestId === requestId;
    // Without one the server says the same: this command's own id is that of no stream.
    const id = [...this.underWay].find(([, call]) => isIt(call))?.[0] ?? this.nextId;
    const restored = (answer: InboundFrame) =>
      answer.message_type === 'cancelled' ? { ...answer, data: { request_id: requestId } } : answer;
    this.forward(tab, command, restored, { request_id: id });
  }

  /** The tab is gone: its streams would go on. */
  forget(tab: Tab): void {
    for (const [id, call] of this.underWay) {
      if (call.tab === tab) this.ask('cancel', { request_id: id }, () => {});
    }
  }

  private transmit(data: unknown, call: Call): boolean {
    const id = this.nextId++;
    const frame = JSON.stringify({ message_type: call.type, message_id: id, data });
    if (exceeds(frame, this.maxBytes())) return false;
    this.underWay.set(id, call);
    this.send(frame);
    return true;
  }
}

export function errorFrame(code: number, name: string, message: string): object {
  return { message_type: 'error', data: { code, name, message, retryable: false }, timestamp: Date.now() };
}
