import { isHubbubError, type ServiceCommandData, type ServiceReply } from '@hubbub/protocol';
import type { CallOptions, CommandCaller } from './commands/command-caller.js';

export type UserPresence = ServiceReply<'presence'>['users'][number];
export type ExplainOptions = Omit<ServiceCommandData<'explain'>, 'user_id' | 'action' | 'room_id'>;

export interface MessageOptions extends CallOptions {
  /** As that of `PublishOptions`. */
  readonly idempotencyKey?: string;
  /** In whose name, for holders of `admin:system`. @default the service's own */
  readonly senderId?: string;
  readonly senderName?: string;
}

/** The gateway asks about so many users at a time. */
const MAX_USERS = 1000;

/** Users, on all their connections. Needs `admin:system`, but for `message`. */
export class HubbubUsers {
  constructor(private readonly caller: CommandCaller) {}

  async count(): Promise<number> {
    return (await this.caller.call('stats', {})).user_count;
  }

  /** A direct message: stored once, and kept until he comes. */
  message(userId: string, content: unknown, options: MessageOptions = {}): Promise<ServiceReply<'direct_message'>> {
    const { idempotencyKey, senderId, senderName, ...call } = options;
    const data = {
      ...{ target_id: userId, content },
      ...(idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey }),
      ...(senderId === undefined ? {} : { sender_id: senderId }),
      ...(senderName === undefined ? {} : { sender_name: senderName }),
    };
    return this.caller.call('direct_message', data, call);
  }

  /** A push of your own type to who is there: at most once, to no connection if he has none. */
  send(userId: string, type: string, data?: unknown): Promise<ServiceReply<'send_to_user'>> {
    return this.caller.call('send_to_user', { user_id: userId, type, data });
  }

  /** Where these users are, in the order asked; however many. */
  async presence(userIds: Iterable<string>): Promise<UserPresence[]> {
    return inParts([...userIds], async (some) => (await this.caller.call('presence', { user_ids: some })).users);
  }

  /** Those of these users who are connected. */
  async online(userIds: Iterable<string>): Promise<Set<string>> {
    const ask = async (some: string[]) => (await this.caller.call('online', { user_ids: some })).online;
    return new Set(await inParts([...userIds], ask));
  }

  /** What each of his connections may do, and what his account would be granted. */
  permissions(userId: string): Promise<ServiceReply<'permissions'>> {
    return this.caller.call('permissions', { user_id: userId });
  }

  /**
   * Whether he may do something, and which rule decides.
   * @param action a command (`room_message`), or a permission (`send:message`)
   */
  explain(userId: string, action: string, roomId?: string, options?: ExplainOptions): Promise<ServiceReply<'explain'>> {
    const room = roomId === undefined ? {} : { room_id: roomId };
    return this.caller.call('explain', { ...options, user_id: userId, action, ...room });
  }

  /** Closes all his connections; his tokens stay good. */
  disconnect(userId: string): Promise<ServiceReply<'disconnect_user'>> {
    return this.caller.call('disconnect_user', { user_id: userId });
  }

  /** Refuses all his tokens so far and closes his connections. `unconfirmed` names nodes that did not answer. */
  revoke(userId: string): Promise<ServiceReply<'revoke_user'>> {
    return this.caller.call('revoke_user', { user_id: userId });
  }

  /** Refuses one token, by its `jti`. */
  revokeToken(tokenId: string): Promise<ServiceReply<'revoke_token'>> {
    return this.caller.call('revoke_token', { token_id: tokenId });
  }
}

/** What is said of all of them: asked by halves where they, or what is said of them, are too much for one message. */
async function inParts<T>(userIds: string[], ask: (some: string[]) => Promise<readonly T[]>): Promise<T[]> {
  if (userIds.length === 0) return [];
  if (userIds.length <= MAX_USERS) {
    try {
      return [...(await ask(userIds))];
    } catch (error) {
      if (userIds.length === 1 || !isHubbubError(error) || error.name !== 'MessageTooLarge') throw error;
    }
  }
  const half = Math.ceil(userIds.length / 2);
  return [...(await inParts(userIds.slice(0, half), ask)), ...(await inParts(userIds.slice(half), ask))];
}
