import type { IncomingHttpHeaders } from 'node:http';
import { Metrics } from '@hubbub/observability';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { GATEWAY_METADATA } from '@nestjs/websockets/internal';
import type { CommandConnection, ConnectionEnd } from './command-connection.js';
import type { ConnectionData } from './connection.js';
import { isThenable } from './handler-chain.js';
import type { Identity } from './identity.js';

const HOOKS_METADATA = 'hubbub:hooks';

/** Method parameters compare both ways, so that a hook may take the whole `Connection`. */
type HookMethod<A extends unknown[]> = { method(...args: A): unknown }['method'];
type HookDecorator<A extends unknown[]> = () => <M extends HookMethod<A>>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/**
 * Makes a decorator for methods of any provider that are called by `hooks.run(name, …)`.
 * @example export const OnJoin = createHookDecorator<[event: JoinEvent]>('join');
 */
export function createHookDecorator<A extends unknown[] = unknown[]>(name: string): HookDecorator<A> {
  return () => (_target, _key, descriptor) => {
    const method = descriptor.value as object;
    const names = (Reflect.getMetadata(HOOKS_METADATA, method) ?? []) as string[];
    Reflect.defineMetadata(HOOKS_METADATA, [...names, name], method);
  };
}

/** An upgrade that is to be decided on: what the request shows, and who it is. */
export interface UpgradeAttempt {
  /** Request target: path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the client; behind a trusted proxy what that says. */
  readonly remoteAddress: string;
  /** Subprotocols that were offered, without credentials. */
  readonly protocols: readonly string[];
  /** What the token says; null without one. */
  readonly identity: Identity | null;
  /** Becomes the bag of the connection. */
  readonly data: ConnectionData;
  /** Aborted when nobody waits any more: the client has gone, or the time is up. */
  readonly signal: AbortSignal;
}

/**
 * Before the upgrade is answered; it waits for all of them, `auth.deadline_ms` at most. One that throws a HubbubError refuses
 * with its HTTP status, one that returns false with 403.
 */
export const OnUpgrade = createHookDecorator<[attempt: UpgradeAttempt]>('upgrade');

/** After the upgrade, before the first command is read; commands wait for it. The connection may not be identified yet. */
export const OnConnect = createHookDecorator<[connection: CommandConnection]>('connect');

/** After the connection has ended. */
export const OnDisconnect = createHookDecorator<[connection: CommandConnection, end: ConnectionEnd]>('disconnect');

/** Gateways' own lifecycle methods are hooks like any other. */
const GATEWAY_HOOKS = { handleConnection: 'connect', handleDisconnect: 'disconnect' } as const;

interface Hook {
  readonly name: string;
  /** Where it stands, for the log. */
  readonly handler: string;
  readonly call: (args: unknown[]) => unknown;
}

/** The hooks of all providers, in the order of modules, providers and methods. */
@Injectable()
export class Hooks implements OnModuleInit {
  private readonly logger = new Logger('Hooks');
  private readonly table = new Map<string, Hook[]>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    const seen = new Set<unknown>();
    for (const wrapper of [...this.discovery.getProviders(), ...this.discovery.getControllers()]) {
      const instance: unknown = wrapper.instance;
      if (typeof instance !== 'object' || instance === null || seen.has(instance)) continue;
      // An alias (`useExisting`) or a class that two tokens share is one provider.
      seen.add(instance);
      const isGateway =
        typeof wrapper.metatype === 'function' && Reflect.hasMetadata(GATEWAY_METADATA, wrapper.metatype);
      const found = this.hooksOf(instance, isGateway);
      if (found.length > 0 && !wrapper.isDependencyTreeStatic()) {
        throw new Error(`${found[0]?.handler}: a request-scoped provider cannot have hooks`);
      }
      for (const hook of found) this.add(hook);
    }
  }

  /** Whether anybody listens: saves a caller the making of an event. */
  has(name: string): boolean {
    return this.table.has(name);
  }

  /**
   * Calls the hooks one after the other. One that throws is logged and counted and harms neither the next nor the caller.
   * @returns a promise if one of them is asynchronous; it never rejects
   */
  run(name: string, ...args: unknown[]): void | Promise<void> {
    const hooks = this.table.get(name);
    if (hooks !== undefined) return this.runFrom(hooks, 0, args);
  }

  /**
   * Asks the hooks one after the other, each after the answer of the one before.
   * @param signal nobody is asked once it is aborted
   * @returns false if one of them returned that
   * @throws what the first one threw
   */
  async ask(name: string, signal: AbortSignal, ...args: unknown[]): Promise<boolean> {
    for (const hook of this.table.get(name) ?? []) {
      signal.throwIfAborted();
      if ((await hook.call(args)) === false) return false;
    }
    return true;
  }

  private runFrom(hooks: readonly Hook[], start: number, args: unknown[]): void | Promise<void> {
    for (let at = start; at < hooks.length; at++) {
      const hook = hooks[at] as Hook;
      try {
        const result = hook.call(args);
        if (isThenable(result)) {
          return Promise.resolve(result)
            .catch((error: unknown) => this.failed(hook, error))
            .then(() => this.runFrom(hooks, at + 1, args));
        }
      } catch (error) {
        this.failed(hook, error);
      }
    }
  }

  private failed({ name, handler }: Hook, error: unknown): void {
    this.metrics.hookErrors.inc();
    this.logger.error({ msg: 'hook failed', hook: name, handler, err: error });
  }

  private hooksOf(instance: object, isGateway: boolean): Hook[] {
    const methods = instance as Record<string, (...args: unknown[]) => unknown>;
    return this.scanner.getAllMethodNames(Object.getPrototypeOf(instance) as object).flatMap((key) => {
      const method = methods[key];
      if (typeof method !== 'function') return [];
      const names = [...((Reflect.getMetadata(HOOKS_METADATA, method) ?? []) as string[])];
      if (isGateway && Object.hasOwn(GATEWAY_HOOKS, key))
        names.unshift(GATEWAY_HOOKS[key as keyof typeof GATEWAY_HOOKS]);
      return names.map((name) => ({
        name,
        handler: `${instance.constructor.name}.${key}`,
        call: (args: unknown[]) => method.apply(instance, args),
      }));
    });
  }

  private add(hook: Hook): void {
    const hooks = this.table.get(hook.name);
    if (hooks === undefined) this.table.set(hook.name, [hook]);
    else hooks.push(hook);
  }
}
