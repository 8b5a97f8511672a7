import { NodeInfo } from '@hubbub/bus';
import { MemberDirectory } from '@hubbub/rooms';
import { Global, Module } from '@nestjs/common';
import { OnlineService } from './online.service.js';
import { PresenceGateway } from './presence.gateway.js';
import { PresenceService } from './presence.service.js';
import { PresenceDirectory } from './presence-directory.js';
import { PresenceExchange } from './presence-exchange.js';
import { PresencePace } from './presence-pace.js';
import { PresenceState } from './presence-state.js';
import { ShareRequests } from './share-requests.js';
import { UserLimit } from './user-limit.service.js';
import { UserPresence } from './user-presence.service.js';

/** Who is in which room and in which state, and who is online how often. Needs config, bus, cluster, transport, auth and rooms. */
@Global()
@Module({
  providers: [
    { provide: PresenceState, inject: [NodeInfo], useFactory: ({ nodeId }: NodeInfo) => new PresenceState(nodeId) },
    PresencePace,
    ShareRequests,
    PresenceExchange,
    PresenceService,
    { provide: MemberDirectory, useClass: PresenceDirectory },
    OnlineService,
    UserPresence,
    UserLimit,
    PresenceGateway,
  ],
  exports: [MemberDirectory, OnlineService, UserPresence],
})
export class PresenceModule {}
