import { commandSubject, HubbubError } from '@hubbub/protocol';
import { errors, headers, type Msg } from '@nats-io/transport-node';
import { isTooLarge, type NatsLink } from '../nats/nats-link.js';
import { answeredError, encodeData } from './answered-error.js';
import { type CommandRequest, CommandTransport } from './command-transport.js';

interface Answer {
  readonly response?: unknown;
  readonly err?: unknown;
}

/** Commands as requests over NATS: whichever gateway is there answers. */
export class NatsCommands extends CommandTransport {
  constructor(private readonly link: NatsLink) {
    super();
  }

  async request({ name, data, token, timeoutMs }: CommandRequest): Promise<unknown> {
    const payload = encodeData(data);
    const nats = await this.link.connected(timeoutMs);
    const head = headers();
    if (token !== undefined) head.set('Authorization', `Bearer ${token}`);
    let message: Msg;
    try {
      message = await nats.request(commandSubject(name), payload, { timeout: timeoutMs, headers: head });
    } catch (error) {
      throw failureOf(error);
    }
    const { response, err } = message.json<Answer>();
    if (err !== undefined) throw answeredError(err);
    return response;
  }
}

function failureOf(cause: unknown): HubbubError {
  if (cause instanceof errors.TimeoutError) return new HubbubError('Timeout', { cause });
  if (cause instanceof errors.RequestError && cause.isNoResponders()) {
    return new HubbubError('ServerError', { message: 'No gateway is listening on this NATS.', cause });
  }
  if (isTooLarge(cause)) return new HubbubError('MessageTooLarge', { cause });
  if (cause instanceof errors.PermissionViolationError) {
    return new HubbubError('Forbidden', { message: 'NATS does not let this service ask.', cause });
  }
  return new HubbubError('ServerError', { message: 'The request could not be sent over NATS.', cause });
}
