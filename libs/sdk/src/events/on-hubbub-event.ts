import { EVENTS, type EventData, type EventType } from '@hubbub/protocol';
import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/internal';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { EventFilter } from './event-address.js';
import { FailureInterceptor } from './failure.interceptor.js';

type OfRoom<T extends EventType> = (typeof EVENTS)[T]['scope'] extends 'room'
  ? {
      /** Which rooms: an id, or a pattern in which `*` stands for any characters. @default all */
      readonly room?: string;
    }
  : { readonly room?: never };

/** Heard while one is there: at most once, by one instance of the service unless it says otherwise. */
export type HeardOptions<T extends EventType> = OfRoom<T> & {
  readonly durable?: false;
  /** Each instance of the service hears each event, not one of them. */
  readonly everyInstance?: boolean;
  /** With what nothing keeps: `room_message` without a number. */
  readonly ephemeral?: T extends 'room_message' ? boolean : never;
};

/** Read from the stream by `HubbubEventsStrategy`: at least once, from where this service stopped. In controllers only. */
export type DurableOptions<T extends EventType> = OfRoom<T> & { readonly durable: true };

export type OnHubbubEventOptions<T extends EventType> = HeardOptions<T> | DurableOptions<T>;

/** A handler's first parameter is the data, the second its context, unless decorators say otherwise. */
type HandlerOf<T extends EventType> = <M extends (data: EventData<T>, ...rest: never[]) => unknown>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/** What the decorator keeps of a handler that is not durable. */
export interface HeardEvent extends EventFilter {
  readonly everyInstance: boolean;
  readonly ephemeral: boolean;
}

export const HEARD_EVENTS = 'hubbub:heard-events';
export const DURABLE_EVENTS = 'hubbub:durable-events';
/** Marks durable handlers: they are for no other transport of the application. */
export const EVENTS_TRANSPORT = Symbol('hubbub events');

/** Makes a method a handler of an event of the gateways (docs/services.md has all of them and their data). */
export function OnHubbubEvent<T extends EventType>(type: T, options: OnHubbubEventOptions<T> = {}): HandlerOf<T> {
  if (!Object.hasOwn(EVENTS, type)) throw new TypeError(`there is no event ${type}`);
  const { room } = options;
  if (options.durable === true) return durable({ type, room });
  const heard: HeardEvent = {
    type,
    room,
    everyInstance: options.everyInstance ?? false,
    ephemeral: options.ephemeral ?? false,
  };
  return applyDecorators(withArguments, SetMetadata(HEARD_EVENTS, heard));
}

/** A handler of Nest, whose pattern is unique: Nest would run those of one pattern as one, which fails as one. */
function durable(filter: EventFilter) {
  return (target: object, key: string | symbol, descriptor: PropertyDescriptor): void => {
    const name = `${target.constructor.name}.${String(key)}`;
    const pattern = encodeDurablePattern(filter, name);
    const asHandler = [SetMetadata(DURABLE_EVENTS, filter), UseInterceptors(FailureInterceptor)];
    applyDecorators(withArguments, ...asHandler)(target, key, descriptor);
    EventPattern(pattern, EVENTS_TRANSPORT)(target, key, descriptor);
  };
}

export function encodeDurablePattern({ type, room = '*' }: EventFilter, name: string): string {
  return `${type}@${room}#${name}`;
}

export function decodeDurablePattern(pattern: string): EventFilter & { readonly name: string } {
  const [, type, room, name] = /^(.*?)@(.*)#(.*)$/.exec(pattern) ?? [];
  return { type: type as EventType, ...(room === '*' ? {} : { room }), name: name ?? pattern };
}

/** `(data, context)` for parameters that no decorator says anything of. */
const withArguments: MethodDecorator = (target, key) => {
  const name = key as string;
  const known = (Reflect.getMetadata(ROUTE_ARGS_METADATA, target.constructor, name) ?? {}) as Record<
    string,
    { index: number }
  >;
  const decorated = new Set(Object.values(known).map(({ index }) => index));
  if (!decorated.has(0)) Payload()(target, name, 0);
  if (!decorated.has(1)) Ctx()(target, name, 1);
};
