import { MemoryBus, NodeInfo, Nodes } from '@hubbub/bus';
import { ClusterEvents, OnlineDirectory } from '@hubbub/cluster';
import { HubbubConfig, type PartialConfig } from '@hubbub/config';
import { Metrics } from '@hubbub/observability';
import type { Database } from '@hubbub/storage';
import { type OpenDatabase, openTestDatabase } from '@hubbub/storage/testing';
import { Blocks } from '../blocks.js';
import { DeliveryCounts } from '../delivery-counts.js';
import { DirectMessages } from '../direct-messages.service.js';
import { HoleRepairs } from '../hole-repairs.js';
import { InboxExchange } from '../inbox-exchange.js';
import { InboxFeed } from '../inbox-feed.js';
import { InboxesService } from '../inboxes.service.js';
import { LogTails, type LogTailsOptions } from '../log-tails.js';
import { LogWriter } from '../log-writer.js';
import { MESSAGES_ENTITIES } from '../message.entities.js';
import { MessageLog } from '../message-log.js';
import type { MessageStore } from '../message-store.js';
import { messageStoreOn } from '../message-stores.js';
import { MESSAGES_MIGRATIONS } from '../migrations/1700000000200-messages.js';
import { Outbox } from '../outbox.js';
import { ReadMarkers } from '../read-markers.js';
import { Retention } from '../retention.service.js';
import { RetentionStore } from '../retention-store.js';
import { UnderWay } from '../under-way.js';

export interface OpenMessagesOptions {
  /** Opens another type of database than SQLite. */
  readonly open?: OpenDatabase;
  /** A database file to keep. Without it one is made and removed. */
  readonly file?: string;
  readonly config?: PartialConfig;
  readonly tails?: LogTailsOptions;
}

/** The library at work on a real database, without Nest. Call `close` at the end. */
export interface OpenMessages {
  readonly database: Database;
  readonly store: MessageStore;
  readonly tails: LogTails;
  readonly metrics: Metrics;
  readonly writer: LogWriter;
  readonly log: MessageLog;
  readonly outbox: Outbox;
  readonly markers: ReadMarkers;
  readonly blocks: Blocks;
  readonly inboxes: InboxesService;
  readonly directMessages: DirectMessages;
  readonly retention: Retention;
  createRoom(roomId: string): Promise<{ epoch: string }>;
  removeRoom(roomId: string): Promise<void>;
  close(): Promise<void>;
}

export async function openMessages(options: OpenMessagesOptions = {}): Promise<OpenMessages> {
  const open = options.open ?? openTestDatabase;
  const database = await open({
    entities: MESSAGES_ENTITIES,
    migrations: MESSAGES_MIGRATIONS,
    ...(options.file === undefined ? {} : { file: options.file }),
  });
  const config = HubbubConfig.from(options.config ?? {});
  const metrics = new Metrics();
  const outbox = new Outbox(database, config);
  const store = messageStoreOn(database, { outbox: outbox.enabled });
  const tails = new LogTails(options.tails);
  const writer = new LogWriter(store, tails, metrics, outbox, Date);
  const log = new MessageLog(store, writer, tails, config);
  const node = new NodeInfo('lone', '0');
  const nodes = new Nodes(node.nodeId);
  const bus = new MemoryBus(node.nodeId);
  const events = new ClusterEvents();
  const feed = new InboxFeed(bus, node);
  const underWay = new UnderWay();
  const repairs = new HoleRepairs(config, metrics, node);
  const inboxes = new InboxesService(store, repairs, underWay, feed, bus, config);
  const directory = new OnlineDirectory(node, nodes, bus, events, config);
  const counts = new DeliveryCounts(bus, nodes, node, events);
  const exchange = new InboxExchange(feed, inboxes, directory, counts, underWay, repairs);
  return {
    ...{ database, store, tails, metrics, writer, log, outbox, inboxes },
    markers: new ReadMarkers(database),
    blocks: new Blocks(database),
    directMessages: new DirectMessages(writer, inboxes, exchange),
    retention: new Retention(new RetentionStore(database, outbox), tails, config, Date),
    createRoom: (roomId) => database.transaction((manager) => log.create(manager, roomId)),
    removeRoom: async (roomId) => {
      await database.transaction((manager) => log.remove(manager, roomId));
      log.forget(roomId);
    },
    close: async () => {
      await writer.idle();
      await database.close();
    },
  };
}
