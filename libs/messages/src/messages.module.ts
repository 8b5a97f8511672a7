import { NodeInfo } from '@hubbub/bus';
import { Database } from '@hubbub/storage';
import { Inboxes } from '@hubbub/transport';
import { Global, Module } from '@nestjs/common';
import { Blocks } from './blocks.js';
import { DeliveryCounts } from './delivery-counts.js';
import { DirectMessages } from './direct-messages.service.js';
import { HoleRepairs } from './hole-repairs.js';
import { InboxGateway } from './inbox.gateway.js';
import { InboxExchange } from './inbox-exchange.js';
import { InboxFeed } from './inbox-feed.js';
import { InboxesService } from './inboxes.service.js';
import { LogTails } from './log-tails.js';
import { LogWriter } from './log-writer.js';
import { MessageLog } from './message-log.js';
import { MessageStore } from './message-store.js';
import { messageStoreOn } from './message-stores.js';
import { Outbox } from './outbox.js';
import { ReadMarkers } from './read-markers.js';
import { Retention } from './retention.service.js';
import { RetentionStore } from './retention-store.js';
import { UnderWay } from './under-way.js';
import { UserPushes } from './user-pushes.js';

/**
 * The message log, inboxes and read markers, for the whole application. The application's StorageModule is given
 * MESSAGES_ENTITIES and MESSAGES_MIGRATIONS; a global module of it provides UserDirectory.
 */
@Global()
@Module({
  providers: [
    Outbox,
    {
      provide: MessageStore,
      inject: [Database, Outbox],
      useFactory: (database: Database, outbox: Outbox) => messageStoreOn(database, { outbox: outbox.enabled }),
    },
    {
      provide: LogTails,
      inject: [NodeInfo],
      useFactory: (node: NodeInfo) => new LogTails({ followedOnly: node.clustered }),
    },
    { provide: UnderWay, useFactory: () => new UnderWay() },
    HoleRepairs,
    LogWriter,
    MessageLog,
    ReadMarkers,
    Blocks,
    InboxFeed,
    InboxesService,
    { provide: Inboxes, useExisting: InboxesService },
    DeliveryCounts,
    InboxExchange,
    DirectMessages,
    UserPushes,
    RetentionStore,
    Retention,
    InboxGateway,
  ],
  exports: [Blocks, DirectMessages, HoleRepairs, MessageLog, Outbox, ReadMarkers, Inboxes, UnderWay, UserPushes],
})
export class MessagesModule {}
