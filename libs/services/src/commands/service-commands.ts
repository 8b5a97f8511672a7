import { setTimeout as sleep } from 'node:timers/promises';
import { KeyedLimiter, missingPermission, RoomDemands } from '@hubbub/auth';
import { HubbubConfig } from '@hubbub/config';
import { Metrics } from '@hubbub/observability';
import {
  HubbubError,
  type Permission,
  SERVICE_COMMANDS,
  type ServiceCommand,
  type ServiceCommandData,
  type ServiceCommandSpec,
  type ServiceReply,
  validate,
} from '@hubbub/protocol';
import { Acts, type Identity, RawJson, toHubbubError } from '@hubbub/transport';
import { Injectable, Logger } from '@nestjs/common';
import type { TSchema } from 'typebox';

/** One command as it came. */
export interface ServiceCall {
  /** Who asks. */
  readonly caller: Identity;
  /** The exact text of a member of the payload, or undefined. */
  readonly rawMember: (key: string) => string | undefined;
}

/** What was asked, before anything is known to be right. */
export interface ServiceRequest {
  readonly payload: unknown;
  /** Says who asks, or throws what he is to be told. */
  readonly identify: () => Identity | Promise<Identity>;
  /** Where he is, if that is known. */
  readonly address?: string | undefined;
  readonly rawMember: ServiceCall['rawMember'];
}

type Unchanged<T> = T extends readonly (infer E)[]
  ? readonly Unchanged<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Unchanged<T[K]> }
    : T;
type Reply<N extends ServiceCommand> = Unchanged<ServiceReply<N>> | RawJson;
type Handler<N extends ServiceCommand> = (
  data: ServiceCommandData<N>,
  call: ServiceCall,
) => Reply<N> | Promise<Reply<N>>;
export type ServiceHandlers = { readonly [N in ServiceCommand]?: Handler<N> };

/** Services that are remembered for their rate. */
const MAX_CALLERS = 10_000;

/** The commands of services: who asks, whether he may, whether what he asks is right; then whoever handles it. */
@Injectable()
export class ServiceCommands {
  private readonly logger = new Logger('Services');
  private readonly handlers = new Map<string, Handler<never>>();
  private readonly limiter: KeyedLimiter;

  constructor(
    private readonly config: HubbubConfig,
    private readonly metrics: Metrics,
    private readonly demands: RoomDemands,
    private readonly acts: Acts,
  ) {
    const limits = () => {
      const { commandsPerS } = config.services;
      return { perSecond: commandsPerS, burst: 2 * commandsPerS };
    };
    this.limiter = new KeyedLimiter(limits, MAX_CALLERS);
  }

  /** Adds to the table, while the application is made. */
  handle(handlers: ServiceHandlers): void {
    for (const [name, handler] of Object.entries(handlers)) this.handlers.set(name, handler);
  }

  /** @throws HubbubError whatever the command of the same name is answered; nothing else */
  async run(name: ServiceCommand, request: ServiceRequest): Promise<unknown> {
    let code = 0;
    const timer = new AbortController();
    try {
      return await Promise.race([this.answer(name, request), this.timeout(timer.signal)]);
    } catch (error) {
      const known = toHubbubError(error);
      ({ code } = known);
      if (known.name === 'Unknown') {
        this.logger.error({ msg: 'command of a service failed', command: name, err: known.cause ?? known });
      }
      throw known;
    } finally {
      timer.abort();
      this.metrics.serviceCommands.inc({ type: name, code });
    }
  }

  private async answer(name: ServiceCommand, request: ServiceRequest): Promise<unknown> {
    const { payload, identify, address, rawMember } = request;
    const caller = await identify();
    this.limit(caller);
    return this.acts.do({ action: name, permissions: [], caller, address, data: payload }, () =>
      this.serve(name, payload, { caller, rawMember }),
    );
  }

  private serve(name: ServiceCommand, payload: unknown, call: ServiceCall): unknown {
    const { caller } = call;
    const { data: schema, permission }: ServiceCommandSpec = SERVICE_COMMANDS[name];
    this.demand(permission, caller, isAboutRoom(schema) ? roomOf(payload) : undefined);
    const data = validate(schema, payload ?? {});
    const handler = this.handlers.get(name);
    if (handler === undefined) throw new HubbubError('UnknownType');
    return handler(data as never, call);
  }

  /** @throws HubbubError Forbidden */
  private demand(permission: Permission | null, { permissions }: Identity, roomId: string | undefined): void {
    const missing = permission && missingPermission([permission], permissions, roomId, this.demands);
    if (missing !== null) throw new HubbubError('Forbidden', { details: { permission: missing } });
  }

  private limit({ userId }: Identity): void {
    const retryAfterMs = this.limiter.take(userId, Date.now());
    if (retryAfterMs === 0) return;
    this.metrics.rateLimited.inc();
    throw new HubbubError('RateLimited', { retryAfterMs });
  }

  /** The outcome is unknown then, as it is for a client. */
  private async timeout(signal: AbortSignal): Promise<never> {
    await sleep(this.config.limits.commandTimeoutMs, undefined, { signal, ref: false });
    throw new HubbubError('Timeout');
  }
}

function isAboutRoom(schema: TSchema): boolean {
  return 'properties' in schema && Object.hasOwn(schema.properties as object, 'room_id');
}

function roomOf(payload: unknown): string | undefined {
  const { room_id: roomId } = (payload ?? {}) as { room_id?: unknown };
  return typeof roomId === 'string' ? roomId : undefined;
}
