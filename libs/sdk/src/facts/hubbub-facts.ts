import { HubbubError } from '@hubbub/protocol';
import {
  DiscardPolicy,
  JetStreamApiError,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Inject, Injectable } from '@nestjs/common';
import { encodeData } from '../commands/answered-error.js';
import { HUBBUB_CLIENT_OPTIONS } from '../hubbub-client.definition.js';
import { DEFAULT_TIMEOUT_MS, type HubbubClientOptions } from '../hubbub-client.options.js';
import { isTooLarge, NatsLink } from '../nats/nats-link.js';

/** A stream of a service's own. */
export interface FactStream {
  /** Letters, digits, `_` and `-`. */
  readonly name: string;
  /** Of all its facts, as `billing.evt.>`; not below `hubbub.`. */
  readonly subjects: string;
  /** How long facts are kept, in ms. @default 7 days */
  readonly maxAgeMs?: number;
  /** For how long after a fact another one of its id is taken for a repeat, in ms. @default as long as it is kept */
  readonly repeatsMs?: number;
}

export interface Fact {
  readonly subject: string;
  /** Unique for ever: a repeat is dropped by it. */
  readonly id: string;
  readonly data: unknown;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const NANOS_PER_MS = 1_000_000;
const STREAM_NOT_FOUND = 10_059;

/** What a service tells others, kept in a stream of its own: packets of Nest, like the events of the gateways. */
@Injectable()
export class HubbubFacts {
  private readonly made = new Set<string>();

  constructor(
    @Inject(NatsLink) private readonly link: NatsLink | null,
    @Inject(HUBBUB_CLIENT_OPTIONS) private readonly options: HubbubClientOptions,
  ) {}

  /**
   * Resolves once the stream has it, which is made if there is none. What an operator changes of the stream stays.
   * @throws HubbubError ServerError: it is not known whether the stream has it, so publish it again; InvalidFormat for what JSON
   *   cannot hold, MessageTooLarge for more than NATS takes
   */
  async publish(stream: FactStream, { subject, id, data }: Fact): Promise<void> {
    if (this.link === null) throw new Error('facts leave over NATS: HubbubClientModule needs `servers`');
    const { timeoutMs: timeout = DEFAULT_TIMEOUT_MS } = this.options;
    const packet = encodeData({ pattern: subject, data });
    const connection = await this.link.connected(timeout);
    try {
      await this.make(connection, stream);
      await jetstream(connection, { checkAPI: false, timeout }).publish(subject, packet, { msgID: id });
    } catch (cause) {
      if (isTooLarge(cause)) throw new HubbubError('MessageTooLarge', { cause });
      // It may have been removed.
      this.made.delete(stream.name);
      throw new HubbubError('ServerError', { message: `The stream ${stream.name} does not take the fact.`, cause });
    }
  }

  private async make(connection: NatsConnection, { name, subjects, ...kept }: FactStream): Promise<void> {
    if (this.made.has(name)) return;
    const { maxAgeMs = 7 * DAY_MS, repeatsMs = maxAgeMs } = kept;
    const { streams } = await jetstreamManager(connection, { checkAPI: false });
    const found = await streams.info(name).catch(ifNone);
    if (found === null) {
      await streams.add({
        name,
        subjects: [subjects],
        retention: RetentionPolicy.Limits,
        discard: DiscardPolicy.Old,
        storage: StorageType.File,
        max_age: maxAgeMs * NANOS_PER_MS,
        duplicate_window: repeatsMs * NANOS_PER_MS,
      });
    }
    this.made.add(name);
  }
}

function ifNone(error: unknown): null {
  if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return null;
  throw error;
}
