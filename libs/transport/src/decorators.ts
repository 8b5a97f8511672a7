import type { Envelope } from '@hubbub/protocol';
import type { ExecutionContext } from '@nestjs/common';
import { createParamDecorator, SetMetadata, type Type } from '@nestjs/common';
import type { Observable } from 'rxjs';
import type { Static, TSchema } from 'typebox';
import type { Connection } from './connection.js';
import type { Deferred } from './deferred.js';
import type { RawJson } from './raw-json-reply.js';

export const PIPELINED_METADATA = 'hubbub:pipelined';
export const ALLOW_UNIDENTIFIED_METADATA = 'hubbub:allow_unidentified';
export const REPLIES_METADATA = 'hubbub:replies';
export const SUMMARY_METADATA = 'hubbub:summary';
/** Of a gateway or its method: the permissions that `@RequirePermissions` asks for. */
export const PERMISSIONS_METADATA = 'hubbub:permissions';

export const CHANGES_NOTHING_METADATA = 'hubbub:changes_nothing';

/** One run of a command: third argument of every handler, guard and filter (`context.getArgByIndex(2)`). */
export interface CommandCall {
  readonly envelope: Envelope;
  /** Aborted when the command's time is up or its connection ends; made at the first call. */
  signal(): AbortSignal;
}

/**
 * The command may start while Deferred answers of earlier pipelined commands of its connection are outstanding, as sends
 * do: one sender is then not limited to one commit a message. Answers keep their order. Every other command waits until
 * they have settled, and is waited for.
 */
export const Pipelined = (): MethodDecorator => SetMetadata(PIPELINED_METADATA, true);

/** The command is served on a connection that is not identified yet; all others are answered Unauthorized there. */
export const AllowUnidentified = (): MethodDecorator => SetMetadata(ALLOW_UNIDENTIFIED_METADATA, true);

/**
 * The command, or the route that is no GET, only reads: although it asks for `admin:system`, it is not in the audit log, where
 * all others are.
 */
export const ChangesNothing = (): MethodDecorator => SetMetadata(CHANGES_NOTHING_METADATA, true);

/** Of the factory of a param decorator: the field of the payload that it reads. */
export const FIELD_METADATA = 'hubbub:field';

export interface FieldMetadata {
  readonly name: string;
  readonly schema: TSchema;
}

/**
 * Says of the factory of a param decorator that it reads a field of the payload: documents name it, and a command whose
 * handler reads `room_id` is about that room.
 */
export function readsField(factory: object, name: string, schema: TSchema): void {
  Reflect.defineMetadata(FIELD_METADATA, { name, schema } satisfies FieldMetadata, factory);
}

export interface RepliesOptions {
  /** `message_type` of the reply. @default `<type>_reply` */
  readonly type?: string;
  /** What the reply is, for documents. */
  readonly description?: string;
}

export interface RepliesMetadata extends RepliesOptions {
  readonly schema: TSchema | Type;
  readonly stream?: boolean;
}

/** What a schema or class describes. */
export type Described<S> = S extends TSchema ? Static<S> : S extends Type<infer T> ? T : never;

/** What a handler may return whose reply is a `T`. */
export type Reply<T> = T | Promise<T> | Deferred<T> | RawJson | Promise<RawJson>;

/** What a handler may return whose answer is a stream of `T`. */
export type ReplyStream<T> = AsyncIterable<T> | Observable<T> | Promise<AsyncIterable<T> | Observable<T>>;

type HandlerDecorator<R> = <M extends (...args: never[]) => R>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

/**
 * Says what a command is answered with: `@Replies(Rolled)`, `@Replies(Rolled, { stream: true })`. Documents and clients read
 * it, and a method that returns something else does not compile. Replies are not checked while running.
 */
export function Replies<const S extends TSchema | Type>(
  schema: S,
  options: RepliesOptions & { readonly stream: true },
): HandlerDecorator<ReplyStream<Described<S>>>;
export function Replies<const S extends TSchema | Type>(
  schema: S,
  options?: RepliesOptions,
): HandlerDecorator<Reply<Described<S>>>;
export function Replies(schema: TSchema | Type, options: RepliesOptions & { readonly stream?: boolean } = {}) {
  return SetMetadata(REPLIES_METADATA, { schema, ...options } satisfies RepliesMetadata) as HandlerDecorator<unknown>;
}

/** What the command does, in one sentence, for documents. */
export const Summary = (text: string): MethodDecorator => SetMetadata(SUMMARY_METADATA, text);

const callOf = (context: ExecutionContext): CommandCall => context.getArgByIndex<CommandCall>(2);

/** The envelope: `rawMember(envelope.source, 'data', 'content')` is the exact text of a member. */
export const CurrentEnvelope = createParamDecorator(
  (_: unknown, context: ExecutionContext) => callOf(context).envelope,
);

/**
 * An AbortSignal that is aborted when `limits.command_timeout_ms` has passed or the connection ends. A handler that
 * takes it promises to stop then: the next command of the connection does not wait for it any longer.
 */
export const CommandSignal = createParamDecorator((_: unknown, context: ExecutionContext) => callOf(context).signal());

/** The Connection that asks; the typed form of `@ConnectedSocket()`. */
export const CurrentConnection = createParamDecorator((_: unknown, context: ExecutionContext) =>
  context.getArgByIndex<Connection>(0),
);
