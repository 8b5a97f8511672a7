import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  HubbubError,
  SERVICE_COMMANDS,
  type ServiceCommand,
  type ServiceCommandData,
  type ServiceReply,
} from '@hubbub/protocol';
import { DEFAULT_RETRIES, DEFAULT_TIMEOUT_MS, type HubbubClientOptions } from '../hubbub-client.options.js';
import { asHubbubError } from './answered-error.js';
import type { CommandTransport } from './command-transport.js';

export interface CallOptions {
  /** How long one attempt may take, in ms. @default that of the module */
  readonly timeoutMs?: number;
}

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 5000;

/** Asks the gateways, and asks again where that can do no harm: with the idempotency key of the first time. */
export class CommandCaller {
  constructor(
    private readonly transport: CommandTransport,
    private readonly options: HubbubClientOptions,
  ) {}

  /** @throws HubbubError of the last attempt; UnknownType for what is no command */
  async call<N extends ServiceCommand>(
    name: N,
    data: ServiceCommandData<N>,
    { timeoutMs = this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS }: CallOptions = {},
  ): Promise<ServiceReply<N>> {
    const { retries = DEFAULT_RETRIES, token } = this.options;
    if (!Object.hasOwn(SERVICE_COMMANDS, name)) throw new HubbubError('UnknownType');
    const keyed = withKey(name, data);
    for (let attempt = 1; ; attempt++) {
      try {
        const request = { name, data: keyed ?? data, timeoutMs };
        const bearer = typeof token === 'function' ? await token() : token;
        return (await this.transport.request({ ...request, token: bearer })) as ServiceReply<N>;
      } catch (error) {
        const known = asHubbubError(error);
        if (keyed === undefined || !known.retryable || attempt > retries) throw known;
        await delay(known.retryAfterMs ?? pauseMs(attempt));
      }
    }
  }
}

/** The data with a key by which a repeat is known; undefined where there is no such key. */
function withKey(name: ServiceCommand, data: object): object | undefined {
  const { properties } = SERVICE_COMMANDS[name].data as unknown as { properties: object };
  // Of what is not stored a repeat is not known.
  if (!('idempotency_key' in properties) || (data as { ephemeral?: boolean }).ephemeral === true) return undefined;
  const { idempotency_key: key = randomUUID() } = data as { idempotency_key?: string };
  return { ...data, idempotency_key: key };
}

/** Doubles; apart enough that those who failed together do not come back together. */
function pauseMs(attempt: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
}
