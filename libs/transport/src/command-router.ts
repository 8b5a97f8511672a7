import { HubbubConfig } from '@hubbub/config';
import { Metrics } from '@hubbub/observability';
import { type Envelope, EnvelopeError, HubbubError } from '@hubbub/protocol';
import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit, Optional } from '@nestjs/common';
import { Command, type Session } from './command.js';
import { CommandAnswers } from './command-answers.js';
import type { CommandConnection, ConnectionEnd } from './command-connection.js';
import { CommandLane } from './command-lane.js';
import type { CommandObserver } from './command-observer.js';
import { CommandTable, type Route, unhandled } from './command-table.js';
import { Conduct } from './conduct.js';
import { Deadlines } from './deadlines.js';
import { Deferred } from './deferred.js';
import { toHubbubError } from './error-mapping.js';
import { isThenable } from './handler-chain.js';
import { Hooks } from './hooks.js';
import { Standing } from './standing.js';
import { Streams } from './streams.js';

/** Unread commands of a connection at which its socket is paused, and down to which they must fall to read on. */
export const PAUSE_AT = 64;
export const RESUME_AT = 16;

const NO_ENVELOPE: Envelope = { messageType: '', messageId: undefined, data: {}, source: '' };
const UNKNOWN_TYPE = new HubbubError('UnknownType');
const UNAUTHORIZED = new HubbubError('Unauthorized');

/**
 * Takes the frames of all connections to the handlers and gives every command its one answer. Where nothing on the way is
 * asynchronous, the answer is queued before `handle` returns.
 */
@Injectable()
export class CommandRouter implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger('CommandRouter');
  private readonly sessions = new Map<CommandConnection, Session>();
  private readonly unknown: Route;
  private readonly deadlines: Deadlines<Command>;
  private readonly answers: CommandAnswers;
  private routes = new Map<string, Route>();
  private observer: CommandObserver | null = null;
  private onRelieved: (connection: CommandConnection) => void = () => undefined;
  private readonly stopListening: () => void;
  /** Handlers that went on after their time was up: each is named once. */
  private readonly overdue = new Set<string>();

  constructor(
    private readonly table: CommandTable,
    private readonly hooks: Hooks,
    private readonly streams: Streams,
    private readonly config: HubbubConfig,
    private readonly metrics: Metrics,
    @Optional() private readonly standing?: Standing,
  ) {
    this.unknown = unhandled(metrics);
    this.deadlines = new Deadlines({
      limitMs: () => this.config.limits.commandTimeoutMs,
      now: () => performance.now(),
      expire: (command) => this.expire(command),
      schedule: (callback, ms) => {
        const timer = setTimeout(callback, ms);
        timer.unref();
        return () => clearTimeout(timer);
      },
    });
    this.answers = new CommandAnswers(streams, this.deadlines, ({ session, envelope }, error) =>
      this.observer?.failed(session.connection, envelope.messageType, error),
    );
    this.stopListening = config.onChange((changed) => {
      if (changed.some((key) => key.startsWith('limits.'))) this.useNewLimits();
    });
  }

  onModuleInit(): void {
    this.routes = this.table.build();
  }

  onModuleDestroy(): void {
    this.stopListening();
    this.deadlines.close();
  }

  /** Calls `listener` when a connection is not full any more. */
  listenToRelief(listener: (connection: CommandConnection) => void): void {
    this.onRelieved = listener;
  }

  /** Tells `observer` of all commands from now on; there is one. */
  observe(observer: CommandObserver): void {
    this.observer = observer;
  }

  /**
   * To be called once when a connection is open, before its first frame: runs the connect hooks.
   * @param args further arguments of gateways' `handleConnection`: the upgrade request
   */
  open(connection: CommandConnection, ...args: unknown[]): void {
    if (!connection.isOpen || !this.hooks.has('connect')) return;
    const session = this.sessionOf(connection);
    session.lane.holds++;
    session.isOpening = true;
    const opening = this.hooks.run('connect', connection, ...args);
    if (opening !== undefined) {
      void opening.then(() => this.opened(session));
      return;
    }
    this.opened(session);
    // Nothing has come yet, and an idle connection should cost nothing here.
    this.sessions.delete(connection);
  }

  /** Takes one inbound frame. Never throws. */
  handle(connection: CommandConnection, text: string): void {
    if (!connection.isOpen) return;
    const session = this.sessionOf(connection);
    const now = performance.now();
    const command = this.receive(session, text, now);
    this.holdIfDoubtful(session, now);
    if (session.lane.admit(command)) this.start(command, now);
    else if (session.lane.queued >= PAUSE_AT) session.full = true;
    if (session.misconduct !== null) connection.close(session.misconduct);
  }

  /**
   * Counts a ping or pong, which nothing but silence answers: against the rate of commands, and for the closing of who
   * stays over it. Returns whether it is within the rate. Never throws.
   */
  admitControl(connection: CommandConnection): boolean {
    if (!connection.isOpen) return false;
    const { conduct } = this.sessionOf(connection);
    const now = performance.now();
    if (conduct.take(now) === 0) return true;
    this.metrics.rateLimited.inc();
    if (conduct.isOverTooLong(now)) connection.close('RateLimited');
    return false;
  }

  /** Commands received and not started. */
  queued(connection: CommandConnection): number {
    return this.sessions.get(connection)?.lane.queued ?? 0;
  }

  /** Whether its socket should not be read on for now: from `PAUSE_AT` unread commands down to `RESUME_AT`. */
  isFull(connection: CommandConnection): boolean {
    return this.sessions.get(connection)?.full ?? false;
  }

  /** The connection has ended: what has not started never does, signals are aborted, streams closed, disconnect hooks run. */
  end(connection: CommandConnection, end: ConnectionEnd): void {
    const session = this.sessions.get(connection);
    this.sessions.delete(connection);
    if (session !== undefined) {
      session.lane.clear();
      for (const command of session.signalled ?? []) command.abort(new Error('the connection has ended'));
    }
    this.streams.end(connection);
    // No hook sees the end of a connection before all have seen its beginning.
    if (session?.isOpening) session.end = end;
    else void this.hooks.run('disconnect', connection, end);
  }

  private opened(session: Session): void {
    session.lane.holds--;
    session.isOpening = false;
    if (session.end !== null) void this.hooks.run('disconnect', session.connection, session.end);
    else this.drain(session);
  }

  private sessionOf(connection: CommandConnection): Session {
    let session = this.sessions.get(connection);
    if (session === undefined) {
      session = {
        connection,
        lane: new CommandLane(),
        conduct: new Conduct(this.config.limits, performance.now()),
        replies: null,
        signalled: null,
        end: null,
        misconduct: null,
        full: false,
        isOpening: false,
        isDoubtful: false,
      };
      this.sessions.set(connection, session);
    }
    return session;
  }

  private useNewLimits(): void {
    this.deadlines.refresh();
    const now = performance.now();
    for (const { conduct } of this.sessions.values()) conduct.configure(this.config.limits, now);
  }

  private receive(session: Session, text: string, now: number): Command {
    const { conduct } = session;
    let envelope = NO_ENVELOPE;
    let requestId = undefined;
    let refusal: HubbubError | null = null;
    try {
      envelope = session.connection.dialect.decode(text);
      requestId = envelope.messageId;
    } catch (error) {
      refusal = toHubbubError(error);
      if (error instanceof EnvelopeError) requestId = error.messageId;
      if (conduct.addMalformed(now)) session.misconduct = 'MalformedFrames';
    }
    const retryAfterMs = conduct.take(now);
    if (retryAfterMs > 0) {
      this.metrics.rateLimited.inc();
      refusal = new HubbubError('RateLimited', { retryAfterMs });
      if (conduct.isOverTooLong(now)) session.misconduct ??= 'RateLimited';
    }
    if (refusal === null && this.observer !== null) this.observer.received(session.connection, envelope.messageType);
    const route = this.routes.get(envelope.messageType) ?? this.unknown;
    return new Command(session, route, requestId, envelope, refusal);
  }

  private start(command: Command, now: number): void {
    const { session, route, envelope, refusal } = command;
    command.startedAt = now;
    if (refusal !== null) return this.answers.fail(command, refusal);
    if (session.connection.identity === null && !route.allowUnidentified)
      return this.answers.fail(command, UNAUTHORIZED);
    if (route.chain === null) return this.answers.fail(command, UNKNOWN_TYPE);
    let result: unknown;
    try {
      result = route.chain([session.connection, envelope.data, command, envelope.messageType]);
    } catch (error) {
      return this.answers.fail(command, error);
    }
    if (isThenable(result)) this.awaitHandler(command, result);
    else if (result instanceof Deferred) this.awaitDeferred(command, result);
    else this.answers.complete(command, result);
  }

  /** Keeps a connection's commands back until this node knows that it was not taken for dead while it was stopped. */
  private holdIfDoubtful(session: Session, now: number): void {
    if (this.standing === undefined || now < this.standing.servesUntil || session.isDoubtful) return;
    session.isDoubtful = true;
    session.lane.holds++;
    void this.standing.confirm().then(() => {
      session.isDoubtful = false;
      session.lane.holds--;
      this.drain(session);
    });
  }

  private drain(session: Session): void {
    const { lane, connection } = session;
    if (!connection.isOpen) lane.clear();
    if (lane.queued > 0) this.holdIfDoubtful(session, performance.now());
    for (let command = lane.next(); command !== undefined; command = lane.next()) {
      this.start(command, performance.now());
    }
    if (session.full && lane.queued <= RESUME_AT) {
      session.full = false;
      this.onRelieved(connection);
    }
  }

  /** The handler is at work until its promise settles. */
  private awaitHandler(command: Command, handler: PromiseLike<unknown>): void {
    const { session } = command;
    session.lane.atWork = command;
    this.answers.track(command);
    const over = () => {
      if (session.lane.atWork === command) session.lane.atWork = null;
    };
    handler.then(
      (result) => {
        over();
        if (result instanceof Deferred) this.awaitDeferred(command, result);
        else this.answers.complete(command, result);
        this.drain(session);
      },
      (error: unknown) => {
        over();
        this.answers.fail(command, error);
        this.drain(session);
      },
    );
  }

  /**
   * The handler has done its part; somebody else will settle its answer. Only pipelined commands let others pass
   * meanwhile: what follows a join must find its sender in the room.
   */
  private awaitDeferred(command: Command, deferred: Deferred<unknown>): void {
    command.deferred = deferred;
    if (deferred.isSettled) return deferred.onSettled((error, value) => this.answerDeferred(command, error, value));
    const { session } = command;
    const { lane } = session;
    if (command.pipelined) lane.outstanding++;
    else lane.atWork = command;
    this.answers.track(command);
    deferred.onSettled((error, value) => {
      if (command.pipelined) lane.outstanding--;
      else if (lane.atWork === command) lane.atWork = null;
      this.answerDeferred(command, error, value);
      // Not here: whoever settles is in the middle of something, and many may be settled in one turn.
      if (lane.queued > 0) queueMicrotask(() => this.drain(session));
    });
  }

  private answerDeferred(command: Command, error: unknown, value: unknown): void {
    if (error === undefined) this.answers.complete(command, value);
    else this.answers.fail(command, error);
    if (!command.left) command.deferred?.delay();
  }

  private expire(command: Command): void {
    const { session, route } = command;
    this.answers.fail(command, new HubbubError('Timeout'));
    command.deferred?.abandon();
    const aborted = command.abort(new HubbubError('Timeout'));
    if (session.lane.atWork !== command) return;
    if (aborted) {
      session.lane.atWork = null;
      this.drain(session);
    } else if (!this.overdue.has(route.type)) {
      this.overdue.add(route.type);
      this.logger.warn({ msg: 'handler goes on after its time-out and holds up its connection', type: route.type });
    }
  }
}
