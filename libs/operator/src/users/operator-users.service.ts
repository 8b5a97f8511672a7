import { Accounts } from '@hubbub/auth';
import { Control } from '@hubbub/bus';
import { RoomSurvey } from '@hubbub/rooms';
import { type Connection, Connections } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { type ClientInfo, described } from '../client-pages.js';
import { missing, sum } from '../gathered.js';
import { OperatorService } from '../operator.service.js';

/** A connection of a user with what it may do and what it is owed. */
export interface UserConnection extends ClientInfo {
  readonly username: string;
  readonly permissions: readonly string[];
  /** Of its token, Unix ms. */
  readonly expires_at?: number;
  /** What its socket has not passed on yet. */
  readonly queue_bytes: number;
}

interface NodeConnections {
  readonly count: number;
  readonly connections: readonly UserConnection[];
}

const CONTROL = 'operator.user';
/** Most connections of a node, and roles, that are told. */
const MOST = 200;

/** One user, wherever he is connected. */
@Injectable()
export class OperatorUsers implements OnModuleInit {
  constructor(
    private readonly control: Control,
    private readonly connections: Connections,
    private readonly operator: OperatorService,
    private readonly accounts: Accounts,
    private readonly survey: RoomSurvey,
  ) {}

  onModuleInit(): void {
    this.control.handle(CONTROL, ({ userId }: { userId: string }): NodeConnections => {
      const all = this.connections.ofUser(userId);
      return { count: all.size, connections: described(all, MOST, (connection) => this.describe(connection)) };
    });
  }

  /** @throws HubbubError ServerError */
  async get(userId: string) {
    const [{ results, unconfirmed }, account, { owned, roles }] = await Promise.all([
      this.control.call<NodeConnections>(CONTROL, { userId }),
      this.accounts.find(userId),
      this.survey.ofUser(userId, MOST + 1),
    ]);
    const all = results.flatMap(({ connections }) => connections).sort((a, b) => a.connected_at - b.connected_at);
    const connections = all.slice(0, MOST);
    const username = account?.username ?? connections.at(-1)?.username;
    return {
      user_id: userId,
      ...(username === undefined ? {} : { username }),
      known: account !== null || connections.length > 0 || owned > 0 || roles.length > 0,
      connections,
      connections_more: sum(results, ({ count }) => count) > connections.length,
      owned_rooms: owned,
      roles: roles.slice(0, MOST).map(({ roomId, role }) => ({ room_id: roomId, role })),
      roles_more: roles.length > MOST,
      ...missing(unconfirmed),
    };
  }

  private describe(connection: Connection): UserConnection {
    const { identity } = connection;
    return {
      ...this.operator.describe(connection),
      username: identity?.username ?? '',
      permissions: identity?.permissions.grants ?? [],
      ...(identity?.expiresAt === undefined ? {} : { expires_at: identity.expiresAt }),
      queue_bytes: connection.backlogBytes,
    };
  }
}
