import { eventId } from '@hubbub/protocol';
import {
  AckPolicy,
  type ConsumerMessages,
  DeliverPolicy,
  type JsMsg,
  jetstream,
  jetstreamManager,
  type StoredMsg,
} from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';

const STREAM = 'HUBBUB_EVENTS';

/** A message of the stream. */
export interface Fact {
  readonly subject: string;
  readonly type: string;
  /** `Nats-Msg-Id`. */
  readonly id: string;
  readonly data: Record<string, unknown>;
}

/** A service that keeps its place in the stream by the name of its consumer. */
export class StreamReader {
  /** Each fact once, by the id of its data, in the order of its first arrival. */
  readonly facts: Fact[] = [];
  private readonly ids = new Set<string>();
  private readonly watchers = new Set<() => void>();
  private messages: ConsumerMessages | null = null;
  private reading: Promise<void> = Promise.resolve();

  private constructor(
    readonly nats: NatsConnection,
    private readonly url: string,
    private readonly name: string,
  ) {}

  static async open(url: string, name = 'reader'): Promise<StreamReader> {
    const nats = await connect({ servers: url, reconnectTimeWait: 50, maxReconnectAttempts: -1 });
    return new StreamReader(nats, url, name);
  }

  /** Makes its durable consumer, for all facts from now on that are about rooms. */
  async subscribe(): Promise<void> {
    const manager = await jetstreamManager(this.nats);
    await manager.consumers.add(STREAM, {
      durable_name: this.name,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      filter_subject: 'hubbub.evt.room.*.*',
    });
  }

  /** Goes on from where it stopped. */
  async start(): Promise<void> {
    const consumer = await jetstream(this.nats).consumers.get(STREAM, this.name);
    const messages = await consumer.consume();
    this.messages = messages;
    this.reading = this.read(messages);
  }

  /** Is away from now on. */
  async stop(): Promise<void> {
    await this.messages?.close();
    await this.reading;
  }

  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const watcher = () => {
        if (!condition()) return;
        this.watchers.delete(watcher);
        resolve();
      };
      this.watchers.add(watcher);
    });
  }

  /** All that the stream has, each as often as it has it. */
  async all(): Promise<Fact[]> {
    // A connection of before the broker's restart may not be back yet.
    const nats = await connect({ servers: this.url });
    const { streams } = await jetstreamManager(nats);
    const { first_seq: first, last_seq: last } = (await streams.info(STREAM)).state;
    const places = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    const found = await Promise.all(places.map((seq) => streams.getMessage(STREAM, { seq })));
    await nats.close();
    return found.filter((message) => message !== null).map(factOf);
  }

  async close(): Promise<void> {
    await this.stop();
    await this.nats.close();
  }

  private async read(messages: ConsumerMessages): Promise<void> {
    for await (const message of messages) {
      const fact = factOf(message);
      const id = eventId(fact.data) ?? '';
      if (!this.ids.has(id)) this.facts.push(fact);
      this.ids.add(id);
      message.ack();
      for (const watcher of this.watchers) watcher();
    }
  }
}

function factOf(message: JsMsg | StoredMsg): Fact {
  const { subject } = message;
  const { data } = message.json<{ data: Fact['data'] }>();
  const headers = 'header' in message ? message.header : message.headers;
  return { subject, type: subject.split('.').at(-1) ?? '', id: headers?.get('Nats-Msg-Id') ?? '', data };
}

/** Numbers of the messages of a room, in the order of the facts. */
export function numbersOf(facts: readonly Fact[], roomId: string): unknown[] {
  return facts
    .filter(({ type, data }) => type === 'room_message' && data['room_id'] === roomId)
    .map(({ data }) => data['seq']);
}
