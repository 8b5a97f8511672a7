import { HubbubConfig } from '@hubbub/config';
import { HubbubError, PermissionSet } from '@hubbub/protocol';
import { Identification, type Identity } from '@hubbub/transport';
import { Injectable } from '@nestjs/common';

/** Whoever NATS lets publish commands, where the configuration says that this is enough. */
const TRUSTED: Identity = {
  userId: 'service:nats',
  username: 'service',
  anonymous: false,
  permissions: new PermissionSet(['admin:system']),
};

const NO_TOKEN = 'No token: in the payload as token, or in the header Authorization as Bearer.';

/** Says who asks: the token decides, and only without one whether NATS is trusted. */
@Injectable()
export class ServiceCallers {
  constructor(
    private readonly identification: Identification,
    private readonly config: HubbubConfig,
  ) {}

  /**
   * @param authorization the header of that name
   * @throws HubbubError Unauthorized, InvalidToken, TokenExpired, Timeout, ServerError
   */
  async identify(payload: unknown, authorization: string | undefined): Promise<Identity> {
    const given = typeof payload === 'object' && payload !== null ? payload : {};
    const token = 'token' in given ? given.token : bearerOf(authorization);
    if (typeof token === 'string' && token !== '') return this.identification.of(token);
    if (token !== undefined) throw new HubbubError('InvalidToken');
    if (this.config.services.trustNats) return TRUSTED;
    throw new HubbubError('Unauthorized', { message: NO_TOKEN });
  }
}

/** Undefined without a header; empty where it holds no bearer token. */
function bearerOf(header: string | undefined): string | undefined {
  if (header === undefined || header === '') return undefined;
  return /^Bearer +(\S+) *$/i.exec(header)?.[1] ?? '';
}

/**
 * As whom a message is posted: who asks, or the user whom he names.
 * @throws HubbubError Forbidden, InvalidFormat
 */
export function senderOf(
  { sender_id: senderId, sender_name: senderName }: { sender_id?: string; sender_name?: string },
  { userId, username, permissions }: Identity,
): { readonly senderId: string; readonly senderName: string } {
  if (senderId !== undefined) {
    if (permissions.has('admin:system')) return { senderId, senderName: senderName ?? senderId };
    throw new HubbubError('Forbidden', { details: { permission: 'admin:system' } });
  }
  if (senderName === undefined) return { senderId: userId, senderName: username };
  throw new HubbubError('InvalidFormat', { details: [{ path: '/sender_name', message: 'needs sender_id' }] });
}
