import { HubbubError } from '@hubbub/protocol';
import type { Gathered, RequestOptions } from './bus.js';

/** The answers to one request, as they come in: until all expected nodes have answered, the deadline, or the bus's end. */
export class Gathering {
  /** @throws HubbubError ServerError if the bus was closed meanwhile */
  readonly result: Promise<Gathered>;
  private readonly answers = new Map<string, Uint8Array>();
  private readonly awaited: Set<string>;
  private settle!: (gathered: Gathered) => void;
  private fail!: (error: Error) => void;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly options: RequestOptions) {
    this.awaited = new Set(options.expected);
    this.result = new Promise((settle, fail) => {
      this.settle = settle;
      this.fail = fail;
    });
    // The bus may be closed before anyone waits for it.
    this.result.catch(() => {});
    this.timer = setTimeout(() => this.end(), options.deadlineMs);
    this.endIfComplete();
  }

  /** The first answer of a node counts. */
  answer(nodeId: string, payload: Uint8Array): void {
    if (!this.answers.has(nodeId)) this.answers.set(nodeId, payload);
    this.awaited.delete(nodeId);
    this.endIfComplete();
  }

  /** No answer will come of this node: it is missing, and not waited for. */
  failed(nodeId: string): void {
    this.awaited.delete(nodeId);
    this.endIfComplete();
  }

  /** Waits for nobody any more. */
  end(): void {
    clearTimeout(this.timer);
    this.settle({
      answers: Array.from(this.answers, ([nodeId, payload]) => ({ nodeId, payload })),
      missing: this.options.expected.filter((nodeId) => !this.answers.has(nodeId)),
    });
  }

  /** The bus is closed. */
  abandon(): void {
    clearTimeout(this.timer);
    this.fail(new HubbubError('ServerError', { message: 'The bus was closed.' }));
  }

  private endIfComplete(): void {
    if (this.awaited.size === 0) this.end();
  }
}
