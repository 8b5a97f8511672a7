import { Inboxes } from '@hubbub/transport';
import { Global, Module } from '@nestjs/common';
import { Blocks } from './blocks.js';
import { DirectMessages } from './direct-messages.service.js';
import { InboxGateway } from './inbox.gateway.js';
import { InboxesService } from './inboxes.service.js';
import { LogTails } from './log-tails.js';
import { LogWriter } from './log-writer.js';
import { MessageLog } from './message-log.js';
import { MessageStore } from './message-store.js';
import { ReadMarkers } from './read-markers.js';
import { Retention } from './retention.service.js';
import { RetentionStore } from './retention-store.js';
import { SqliteMessageStore } from './sqlite-message-store.js';

/**
 * The message log, inboxes and read markers, for the whole application. The application's StorageModule is given
 * MESSAGES_ENTITIES and MESSAGES_MIGRATIONS; a global module of it provides UserDirectory.
 */
@Global()
@Module({
  providers: [
    { provide: MessageStore, useClass: SqliteMessageStore },
    { provide: LogTails, useFactory: () => new LogTails() },
    LogWriter,
    MessageLog,
    ReadMarkers,
    Blocks,
    InboxesService,
    { provide: Inboxes, useExisting: InboxesService },
    DirectMessages,
    RetentionStore,
    Retention,
    InboxGateway,
  ],
  exports: [MessageLog, ReadMarkers, Inboxes],
})
export class MessagesModule {}
