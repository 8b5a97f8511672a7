import { HubbubError } from '@hubbub/protocol';
import { Logger } from '@nestjs/common';
import type { Command } from './command.js';
import type { Deadlines } from './deadlines.js';
import { encodeError, toHubbubError } from './error-mapping.js';
import { encodeData, NoReply, namedReply } from './raw-json-reply.js';
import { ReplyQueue } from './reply-queue.js';
import { discardStream, isStream, type StreamEnd, type StreamSource, type Streams } from './streams.js';

/** Gives every command its one answer, in the order in which the commands of a connection were received. */
export class CommandAnswers {
  private readonly logger = new Logger('CommandRouter');

  constructor(
    private readonly streams: Streams,
    private readonly deadlines: Deadlines<Command>,
    /** Told of every error that a client is answered. */
    private readonly onFailed: (command: Command, error: HubbubError) => void = () => undefined,
  ) {}

  /** From now on it has a place among the answers of its connection, and a time limit. */
  track(command: Command): void {
    if (command.reserved || command.answered) return;
    this.reserve(command);
    this.deadlines.add(command);
  }

  /** Answers with what the handler returned. Ignored once it has been answered. */
  complete(command: Command, result: unknown): void {
    if (isStream(result)) {
      if (command.answered) return discardStream(result);
      command.stream = result;
      watched(command, 0);
      return this.finish(command);
    }
    if (command.answered) return;
    if (result !== NoReply) {
      try {
        const named = namedReply(result);
        command.replyData = encodeData(named === null ? result : named.data);
        command.replyType = named === null ? command.route.replyType : named.event;
      } catch (error) {
        return this.fail(command, error);
      }
    }
    command.route.stats.answered(0);
    watched(command, 0);
    command.release();
    this.finish(command);
  }

  /** Answers with an error. Ignored once it has been answered. */
  fail(command: Command, error: unknown): void {
    const known = this.explain(command, error);
    if (command.answered) return;
    command.replyType = 'error';
    command.replyData = encodeError(known);
    command.route.stats.answered(known.code);
    this.onFailed(command, known);
    watched(command, known.code);
    command.release();
    this.finish(command);
  }

  private reserve(command: Command): ReplyQueue<Command> {
    const { session } = command;
    session.replies ??= new ReplyQueue(this.leave);
    if (!command.reserved) session.replies.reserve(command);
    command.reserved = true;
    return session.replies;
  }

  /** What the client is told. Something unforeseen is logged, here and nowhere else. */
  private explain({ route, session, isAborted }: Command, error: unknown): HubbubError {
    const known = toHubbubError(error);
    if (known.name === 'Unknown' && !isAborted) {
      const err = known.cause ?? known;
      this.logger.error({ msg: 'command failed', type: route.type, connectionId: session.connection.id, err });
    }
    return known;
  }

  /** The answer is known: it leaves now, or behind those of earlier commands. */
  private finish(command: Command): void {
    command.route.stats.took(performance.now() - command.startedAt);
    const { replies } = command.session;
    if (!command.reserved && (replies === null || replies.size === 0)) {
      command.answered = true;
      return this.leave(command);
    }
    this.deadlines.remove(command);
    this.reserve(command).settle(command);
  }

  private readonly leave = (command: Command): void => {
    const { session, replyType, replyData, requestId, stream } = command;
    command.left = true;
    if (stream !== null) this.startStream(command, stream);
    else if (replyType !== '') session.connection.reply(replyType, replyData, requestId);
    command.deferred?.depart();
  };

  /** Items and the answer of a stream leave once the answers of earlier commands have left. */
  private startStream(command: Command, source: StreamSource): void {
    const { session, route, requestId } = command;
    if (!session.connection.isOpen) return discardStream(source);
    const onEnd = (end: StreamEnd) => this.endStream(command, end);
    const itemType = `${route.type}_item`;
    try {
      this.streams.start({ connection: session.connection, itemType, requestId, source, onEnd });
    } catch (error) {
      onEnd({ error });
    }
  }

  private endStream(command: Command, end: StreamEnd): void {
    const { session, route, requestId } = command;
    if ('error' in end) {
      const known = this.explain(command, end.error);
      route.stats.answered(known.code);
      this.onFailed(command, known);
      session.connection.reply('error', encodeError(known), requestId);
    } else {
      route.stats.answered(0);
      session.connection.reply('done', end.cancelled ? '{"cancelled":true}' : '{}', requestId);
      if (end.cancelled) command.abort(new Error('the stream was cancelled'));
    }
    command.release();
  }
}

function watched({ session: { connection }, envelope }: Command, code: number): void {
  if (connection.watcher) connection.watcher.answered(connection, envelope, code);
}
