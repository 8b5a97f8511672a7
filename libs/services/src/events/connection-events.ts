import { NodeInfo } from '@hubbub/bus';
import type { HubbubError } from '@hubbub/protocol';
import {
  type CommandConnection,
  type CommandObserver,
  CommandRouter,
  type Connection,
  type ConnectionEnd,
  Connections,
  type Identity,
} from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Events } from './events.service.js';

/** Tells of the connections of this node, what they send, and what goes wrong with it. Never of what it says. */
@Injectable()
export class ConnectionEvents implements CommandObserver, OnModuleInit {
  constructor(
    private readonly connections: Connections,
    private readonly router: CommandRouter,
    private readonly events: Events,
    private readonly node: NodeInfo,
  ) {}

  onModuleInit(): void {
    this.connections.onOpen((connection) => this.opened(connection));
    this.connections.onClosed((connection, end) => this.closed(connection, end));
    this.connections.onUserOnline((userId) => this.userChanged('user_online', userId));
    this.connections.onUserOffline((userId) => this.userChanged('user_offline', userId));
    this.router.observe(this);
  }

  received(connection: CommandConnection, messageType: string): void {
    if (!this.events.isHeard) return;
    this.events.tell('client_message', connection.id, { ...this.whose(connection), message_type: messageType });
  }

  failed(connection: CommandConnection, messageType: string, { code, name }: HubbubError): void {
    if (!this.events.isHeard) return;
    const fault = { message_type: messageType || null, code, name };
    this.events.tell('client_error', connection.id, { ...this.whose(connection), ...fault });
  }

  private opened(connection: Connection): void {
    if (!this.events.isHeard) return;
    const username = connection.identity?.username ?? null;
    const anonymous = connection.identity?.anonymous ?? false;
    this.events.tell('client_connected', connection.id, { ...this.whose(connection), username, anonymous });
  }

  /** Of those alone that were told to be connected: not of a handshake that was broken off. */
  private closed(connection: Connection, { code, clean }: ConnectionEnd): void {
    if (!connection.wasOpened || !this.events.isHeard) return;
    this.events.tell('client_disconnected', connection.id, { ...this.whose(connection), code, clean });
  }

  private userChanged(type: 'user_online' | 'user_offline', userId: string): void {
    this.events.tell(type, userId, { node_id: this.node.nodeId, user_id: userId });
  }

  private whose(connection: CommandConnection) {
    const identity = connection.identity as Identity | null;
    return { node_id: this.node.nodeId, connection_id: connection.id, user_id: identity?.userId ?? null };
  }
}
