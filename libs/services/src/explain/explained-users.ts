import { UserGrants } from '@hubbub/auth';
import { Control } from '@hubbub/bus';
import { HubbubError, PermissionSet, type ServiceCommandData, type ServiceReply } from '@hubbub/protocol';
import { Rooms } from '@hubbub/rooms';
import { type Connection, Connections } from '@hubbub/transport';
import { Injectable, type OnModuleInit } from '@nestjs/common';

const CONTROL = 'services.explained_user';

const UNKNOWN = 'Nobody knows what he may: he has neither a connection nor an account. Say it: permissions.';

/** A connection, as what its user may is judged by. */
interface Candidate {
  readonly connectionId: string;
  /** Unix ms. */
  readonly connectedAt: number;
  readonly username: string;
  readonly grants: readonly string[];
  readonly rooms: readonly string[];
}

/** Of whom a decision is explained. */
export interface ExplainedUser {
  readonly caller: { readonly userId: string; readonly username: string; readonly permissions: PermissionSet };
  /** The rooms of his connection; none without one. */
  readonly rooms: readonly string[];
  readonly judgedBy: ServiceReply<'explain'>['judged_by'];
  /** Nodes that did not say which of his connections they have. */
  readonly unconfirmed: readonly string[];
}

type Wanted = Pick<ServiceCommandData<'explain'>, 'user_id' | 'connection_id' | 'permissions'>;

/** Finds what users may and where they are: by a connection, on whichever node, or else by their account. */
@Injectable()
export class ExplainedUsers implements OnModuleInit {
  constructor(
    private readonly control: Control,
    private readonly connections: Connections,
    private readonly rooms: Rooms,
    private readonly grants: UserGrants,
  ) {}

  onModuleInit(): void {
    this.control.handle(CONTROL, ({ userId }: { userId: string }) =>
      Array.from(this.connections.ofUser(userId), (connection) => this.describe(connection)),
    );
  }

  /** @throws HubbubError ClientNotFound, ClientOffline (nothing says what he may), ServerError */
  async find({ user_id: userId, connection_id: connectionId, permissions }: Wanted): Promise<ExplainedUser> {
    const { results, unconfirmed } = await this.control.call<Candidate[]>(CONTROL, { userId });
    const candidates = results.flat().toSorted((a, b) => b.connectedAt - a.connectedAt);
    const connection = candidates.find((one) => connectionId === undefined || one.connectionId === connectionId);
    if (connection === undefined && connectionId !== undefined) throw notFound(unconfirmed);
    const account = connection === undefined ? await this.grants.ofAccount(userId) : null;
    const granted = permissions ?? connection?.grants ?? account?.permissions;
    if (granted === undefined) throw new HubbubError('ClientOffline', { message: UNKNOWN });
    const source = permissions !== undefined ? 'given' : connection !== undefined ? 'connection' : 'account';
    const username = connection?.username ?? account?.username ?? userId;
    return {
      caller: { userId, username, permissions: new PermissionSet([...granted]) },
      rooms: connection?.rooms ?? [],
      judgedBy: {
        source,
        ...(connection === undefined ? {} : { connection_id: connection.connectionId }),
        permissions: [...granted],
      },
      unconfirmed,
    };
  }

  private describe(connection: Connection): Candidate {
    const { id, connectedAt, identity } = connection;
    return {
      connectionId: id,
      connectedAt,
      username: identity?.username ?? '',
      grants: identity?.permissions.grants ?? [],
      rooms: [...this.rooms.roomsOfConnection(connection)],
    };
  }
}

function notFound(unconfirmed: readonly string[]): HubbubError {
  if (unconfirmed.length === 0) return new HubbubError('ClientNotFound');
  const message = 'A node that may have this connection did not answer.';
  return new HubbubError('ServerError', { message, details: { unconfirmed } });
}
