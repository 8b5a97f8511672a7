import { NodeInfo } from '@hubbub/bus';
import { Database } from '@hubbub/storage';
import { Global, Module } from '@nestjs/common';
import { ClusterClock } from './cluster-clock.js';
import { ClusterContact } from './cluster-contact.js';
import { ClusterEvents } from './cluster-events.js';
import { NodeLease } from './node-lease.js';
import { NodeRegistry } from './node-registry.js';
import { OnlineDirectory } from './online-directory.js';

/** Which nodes live, what time it is among them, and who is connected where. Needs config, health, bus and storage. */
@Global()
@Module({
  providers: [
    {
      provide: ClusterClock,
      inject: [NodeInfo, Database],
      useFactory: async ({ clustered }: NodeInfo, database: Database) => {
        const clock = new ClusterClock();
        // Before anybody asks it: nothing is to be dated by a clock that the others do not have.
        if (clustered) await clock.measure(database);
        return clock;
      },
    },
    ClusterContact,
    ClusterEvents,
    NodeLease,
    NodeRegistry,
    OnlineDirectory,
  ],
  exports: [ClusterClock, ClusterContact, ClusterEvents, NodeLease, NodeRegistry, OnlineDirectory],
})
export class ClusterModule {}
