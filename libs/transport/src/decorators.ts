import type { Envelope } from '@hubbub/protocol';
import type { ExecutionContext } from '@nestjs/common';
import { createParamDecorator, SetMetadata } from '@nestjs/common';

export const PIPELINED_METADATA = 'hubbub:pipelined';
export const ALLOW_UNIDENTIFIED_METADATA = 'hubbub:allow_unidentified';

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
