import { Injectable } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/internal';
import { DiscoveryService, ExternalContextCreator, MetadataScanner, Reflector } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/internal';
import type { HubbubEventContext } from './hubbub-event.context.js';
import { DURABLE_EVENTS, HEARD_EVENTS, type HeardEvent } from './on-hubbub-event.js';

/** A handler that is not durable. */
export interface FoundHandler {
  /** As `Notifier.onMessage`. */
  readonly name: string;
  readonly event: HeardEvent;
  /** Through guards, pipes, interceptors and filters. */
  readonly call: (data: unknown, context: HubbubEventContext) => Promise<unknown>;
}

type Method = (...args: unknown[]) => unknown;

/** How Nest numbers the parameters of a handler of a message. Pinned by a test. */
const PAYLOAD = 3;

/** Finds what `@OnHubbubEvent` marks in the providers and controllers of the application. */
@Injectable()
export class EventHandlers {
  private readonly scanner = new MetadataScanner();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly reflector: Reflector,
    private readonly contexts: ExternalContextCreator,
  ) {}

  /** @throws Error for a handler that nothing could ever call */
  find(): FoundHandler[] {
    const controllers = this.discovery.getControllers();
    return [...controllers, ...this.discovery.getProviders()].flatMap((wrapper) =>
      this.methodsOf(wrapper).flatMap(([key, method]) => {
        const name = `${wrapper.metatype?.name}.${key}`;
        if (this.reflector.get<unknown>(DURABLE_EVENTS, method) && !controllers.includes(wrapper)) {
          throw new Error(`${name}: durable events are handled in controllers, as Nest's other messages are`);
        }
        const event = this.reflector.get<HeardEvent | undefined>(HEARD_EVENTS, method);
        if (event === undefined) return [];
        if (!wrapper.isDependencyTreeStatic()) {
          throw new Error(`${name}: there is no request that a provider of request scope could be made for`);
        }
        return [{ name, event, call: this.callerOf(wrapper.instance, method, key) }];
      }),
    );
  }

  private methodsOf({ metatype }: InstanceWrapper): [string, Method][] {
    const prototype = (metatype as { prototype?: Record<string, Method> } | null)?.prototype;
    if (prototype === undefined) return [];
    return this.scanner.getAllMethodNames(prototype).map((key) => [key, prototype[key] as Method]);
  }

  private callerOf(instance: InstanceWrapper['instance'], method: Method, key: string): FoundHandler['call'] {
    const params = {
      exchangeKeyForValue: (type: number, field: unknown, [data, context]: unknown[]) => {
        if (type !== PAYLOAD) return context;
        return typeof field === 'string' ? (data as Record<string, unknown>)[field] : data;
      },
    };
    const enhancers = { guards: true, interceptors: true, filters: false };
    const context = [key, ROUTE_ARGS_METADATA, params, undefined, undefined, enhancers, 'rpc'] as const;
    return this.contexts.create(instance, method, ...context);
  }
}
