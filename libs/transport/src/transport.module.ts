import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { Acts } from './acts.js';
import { CommandRouter } from './command-router.js';
import { CommandTable } from './command-table.js';
import { Connections } from './connections.js';
import { Drain } from './drain.js';
import { DrainState } from './drain-state.js';
import { HandlerPlanner } from './handler-planner.js';
import { Hooks } from './hooks.js';
import { hubbubV1 } from './hubbub-v1.dialect.js';
import { Identification } from './identification.js';
import { SessionGateway } from './session.gateway.js';
import { Sessions } from './sessions.service.js';
import { Streams } from './streams.js';
import { UpgradeGate } from './upgrade-gate.js';
import { DIALECTS, Upgrades } from './upgrades.service.js';
import { Wire } from './wire.service.js';
import { WsPath } from './ws-path.js';

/**
 * WebSockets: upgrade, connections, commands, pushes. Needs HubbubConfig and Metrics, and the ports Authenticator, Inboxes
 * and NodeIdentity from global modules; and `app.useWebSocketAdapter(new HubbubWsAdapter(app))`.
 */
@Global()
@Module({
  imports: [DiscoveryModule],
  providers: [
    { provide: DIALECTS, useValue: [hubbubV1] },
    Acts,
    CommandRouter,
    CommandTable,
    Connections,
    Drain,
    DrainState,
    HandlerPlanner,
    Hooks,
    Identification,
    SessionGateway,
    Sessions,
    Streams,
    UpgradeGate,
    Upgrades,
    Wire,
    WsPath,
  ],
  exports: [Acts, CommandRouter, CommandTable, Connections, Drain, DrainState, Hooks, Identification, Sessions],
})
export class TransportModule {}
