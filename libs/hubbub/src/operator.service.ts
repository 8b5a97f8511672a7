import { Control, NodeInfo } from '@hubbub/bus';
import { OnMessage, Rooms } from '@hubbub/rooms';
import { type Connection, Connections, Push } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { RateMeter } from './rate-meter.js';

/** What one node knows of itself; `/api/stats` adds them up. */
interface NodeStats {
  readonly node_id: string;
  readonly version: string;
  readonly started_at: number;
  readonly client_count: number;
  readonly message_rate: number;
  /** To count users once who are connected to several nodes. */
  readonly users: readonly string[];
}

/** A connection as operators see it. */
export interface ClientInfo {
  readonly connection_id: string;
  readonly user_id: string | null;
  readonly node_id: string;
  readonly rooms: readonly string[];
  readonly connected_at: number;
  readonly remote_address: string;
}

const PAGE = 200;

/** What operators ask of all nodes and tell them. Each node answers for its own connections. */
@Injectable()
export class OperatorService implements OnModuleInit {
  private readonly messages = new RateMeter();

  constructor(
    private readonly control: Control,
    private readonly node: NodeInfo,
    private readonly connections: Connections,
    private readonly rooms: Rooms,
  ) {}

  onModuleInit(): void {
    this.control.handle('broadcast', ({ message, senderId }: { message: unknown; senderId: string }) => {
      const push = Push.of('broadcast', { message, sender_id: senderId });
      for (const connection of this.connections.all()) if (connection.identity !== null) connection.send(push);
    });
    this.control.handle('stats', () => this.nodeStats());
    this.control.handle('clients', ({ after, limit }: { after: string; limit: number }) =>
      this.nodeClients(after, limit),
    );
    this.control.handle('disconnect', ({ connectionId }: { connectionId: string }) => {
      const connection = this.connections.get(connectionId);
      connection?.close('Revoked');
      return connection === undefined ? 0 : 1;
    });
  }

  @OnMessage()
  countMessage(): void {
    this.messages.count(Date.now());
  }

  async broadcast(message: unknown, senderId: string): Promise<void> {
    await this.control.call('broadcast', { message, senderId });
  }

  async stats() {
    const { results } = await this.control.call<NodeStats>('stats', {});
    const sum = (of: (node: NodeStats) => number) => results.reduce((total, node) => total + of(node), 0);
    return {
      client_count: sum((node) => node.client_count),
      user_count: new Set(results.flatMap((node) => node.users)).size,
      room_count: await this.rooms.count(),
      message_rate: sum((node) => node.message_rate),
      timestamp: Date.now(),
      cluster_mode: results.length > 1,
      nodes: results.map(({ users, ...node }) => ({ ...node, user_count: users.length })),
    };
  }

  /** Connections of all nodes in the order of their ids. @param cursor the id of the last one of the page before */
  async clients(cursor = '', limit = PAGE) {
    const [page, stats] = await Promise.all([
      this.control.call<ClientInfo[]>('clients', { after: cursor, limit }),
      this.control.call<NodeStats>('stats', {}),
    ]);
    const all = page.results.flat().sort(byId);
    const clients = all.slice(0, limit);
    return {
      total_clients: stats.results.reduce((total, node) => total + node.client_count, 0),
      timestamp: Date.now(),
      clients,
      ...(all.length > limit ? { next_cursor: clients.at(-1)?.connection_id } : {}),
    };
  }

  /** Ends one connection, wherever it is. */
  async disconnect(connectionId: string) {
    const { results, nodes, unconfirmed } = await this.control.call<number>('disconnect', { connectionId });
    return { closed: results.reduce((total, closed) => total + closed, 0), nodes, unconfirmed };
  }

  private nodeStats(): NodeStats {
    const users = new Set<string>();
    for (const { identity } of this.connections.all()) if (identity !== null) users.add(identity.userId);
    return {
      node_id: this.node.nodeId,
      version: this.node.version,
      started_at: this.node.startedAt,
      client_count: this.connections.count,
      message_rate: this.messages.perSecond(Date.now()),
      users: [...users],
    };
  }

  /** One more than asked for, if there are: then there is another page. */
  private nodeClients(after: string, limit: number): ClientInfo[] {
    const later = [...this.connections.all()].filter((connection) => connection.id > after);
    return later
      .map((connection) => this.describe(connection))
      .sort(byId)
      .slice(0, limit + 1);
  }

  private describe(connection: Connection): ClientInfo {
    return {
      connection_id: connection.id,
      user_id: connection.identity?.userId ?? null,
      node_id: this.node.nodeId,
      rooms: [...this.rooms.roomsOfConnection(connection)],
      connected_at: connection.connectedAt,
      remote_address: connection.remoteAddress,
    };
  }
}

const byId = (a: ClientInfo, b: ClientInfo): number => (a.connection_id < b.connection_id ? -1 : 1);
