import { Control, NodeInfo } from '@hubbub/bus';
import { OnlineService } from '@hubbub/presence';
import { HubbubError } from '@hubbub/protocol';
import { OnMessage, type PostedMessage, Rooms } from '@hubbub/rooms';
import { type Connection, Connections, Push } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type ClientInfo, type ClientsPart, type ClientsRequest, clientsPart, joinParts } from './client-pages.js';
import { missing, sum } from './gathered.js';
import { RateMeter } from './rate-meter.js';
import { RoomRanking } from './rooms/room-ranking.js';

/** What one node knows of itself; `/api/stats` adds them up. */
export interface NodeStats {
  readonly node_id: string;
  readonly version: string;
  readonly started_at: number;
  readonly client_count: number;
  readonly user_count: number;
  readonly message_rate: number;
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
    private readonly online: OnlineService,
    private readonly ranking: RoomRanking,
  ) {}

  onModuleInit(): void {
    this.control.handle('broadcast', ({ message, senderId }: { message: unknown; senderId: string }) => {
      const push = Push.of('broadcast', { message, sender_id: senderId });
      for (const connection of this.connections.all()) if (connection.identity !== null) connection.send(push);
    });
    this.control.handle('stats', () => this.nodeStats());
    this.control.handle('clients', (request: ClientsRequest) => this.nodeClients(request));
    this.control.handle('disconnect', ({ connectionId }: { connectionId: string }) => {
      const connection = this.connections.get(connectionId);
      connection?.close('Revoked');
      return connection === undefined ? 0 : 1;
    });
    this.control.handle('client', ({ connectionId }: { connectionId: string }) => {
      const connection = this.connections.get(connectionId);
      return connection === undefined ? null : this.describe(connection);
    });
    this.control.handle('disconnect_user', ({ userId }: { userId: string }) => {
      const connections = [...this.connections.ofUser(userId)];
      for (const connection of connections) connection.close('Revoked');
      return connections.length;
    });
  }

  @OnMessage()
  countMessage({ roomId }: PostedMessage): void {
    // Of a clock that is never set: the rates would be wrong until it is where it was.
    const now = performance.now();
    this.messages.count(now);
    this.ranking.traffic.count(roomId, now);
  }

  /** Names the nodes that did not confirm: their connections may not have got it. @throws HubbubError InvalidFormat */
  async broadcast(message: unknown, senderId: string) {
    if (message === null || message === '')
      throw new HubbubError('InvalidFormat', { message: 'message must not be empty.' });
    const { unconfirmed } = await this.control.call('broadcast', { message, senderId });
    return { status: 'broadcast initiated' as const, ...missing(unconfirmed) };
  }

  async stats() {
    const { results, unconfirmed } = await this.control.call<NodeStats>('stats', {});
    return {
      client_count: sum(results, (node) => node.client_count),
      user_count: this.online.count,
      room_count: await this.rooms.count(),
      message_rate: sum(results, (node) => node.message_rate),
      timestamp: Date.now(),
      cluster_mode: this.node.clustered,
      nodes: [...results].sort((a, b) => (a.node_id < b.node_id ? -1 : 1)),
      ...missing(unconfirmed),
    };
  }

  /**
   * Connections of all nodes, or those of one user, in the order of their ids.
   * @param cursor the id of the last one of the page before
   */
  async clients(cursor = '', limit = PAGE, userId?: string) {
    const page = await this.control.call<ClientsPart>('clients', { after: cursor, limit, userId });
    const { clients, nextCursor } = joinParts(page.results, limit);
    return {
      total_clients: sum(page.results, ({ total }) => total),
      timestamp: Date.now(),
      clients,
      ...(nextCursor === undefined ? {} : { next_cursor: nextCursor }),
      ...missing(page.unconfirmed),
    };
  }

  /**
   * One connection, wherever it is.
   * @throws HubbubError ClientNotFound; ServerError if a node did not answer that may have it
   */
  async client(connectionId: string): Promise<ClientInfo> {
    const { results, unconfirmed } = await this.control.call<ClientInfo | null>('client', { connectionId });
    const found = results.find((client) => client !== null);
    if (found !== undefined && found !== null) return found;
    if (unconfirmed.length === 0) throw new HubbubError('ClientNotFound');
    throw new HubbubError('ServerError', {
      message: 'A node that may have this connection did not answer.',
      details: { unconfirmed },
    });
  }

  /** Ends all connections of a user, wherever they are. His tokens stay good: he may come back. */
  async disconnectUser(userId: string) {
    const { results, nodes, unconfirmed } = await this.control.call<number>('disconnect_user', { userId });
    return { closed: sum(results, (count) => count), nodes, unconfirmed };
  }

  /** Ends one connection, wherever it is. @throws HubbubError ClientNotFound if no node has it, and all have answered */
  async disconnect(connectionId: string) {
    const { results, nodes, unconfirmed } = await this.control.call<number>('disconnect', { connectionId });
    const closed = sum(results, (count) => count);
    if (closed === 0 && unconfirmed.length === 0) throw new HubbubError('ClientNotFound');
    return { closed, nodes, unconfirmed };
  }

  private nodeStats(): NodeStats {
    return {
      node_id: this.node.nodeId,
      version: this.node.version,
      started_at: this.node.startedAt,
      client_count: this.connections.count,
      user_count: this.connections.userCount,
      message_rate: this.messages.perSecond(performance.now()),
    };
  }

  private nodeClients(request: ClientsRequest): Promise<ClientsPart> {
    const { userId } = request;
    const all = userId === undefined ? this.connections.all() : this.connections.ofUser(userId);
    const total = userId === undefined ? this.connections.count : this.connections.ofUser(userId).size;
    return clientsPart(all, total, request, (connection) => this.describe(connection));
  }

  /** A connection of this node. */
  describe(connection: Connection): ClientInfo {
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
