import type { CommandData, DirectMessage, ReplyData, Session } from '@hubbub/protocol';
import type { Clock } from '../clock.js';
import type { InboundFrame } from '../command-entry.js';
import { Connection, type Ending } from '../connection.js';
import type { WebSocketConstructor } from '../socket.js';
import { TokenSource } from '../token-source.js';
import { Calls, errorFrame } from './calls.js';
import { claimsOf } from './claims.js';
import { Rooms } from './rooms.js';
import type { Tab } from './tab.js';
import { type Command, fieldsOf } from './wire.js';

export interface UpstreamOptions {
  readonly WebSocket: WebSocketConstructor;
  readonly clock: Clock;
  /** How long opening may take, in ms. */
  readonly connectTimeoutMs: number;
  /** How long a silent connection has to answer a ping, in ms. */
  readonly pingTimeoutMs: number;
}

/** What an id of ours may take in a frame, in bytes: as much less of it is for the tabs. */
const ID_BYTES = 32;
const LOST = 1006;
const NORMAL = 1000;
const INVALID_FORMAT = errorFrame(1001, 'InvalidFormat', 'The frame is no envelope.');
/** Codes of errors that say that a token is worth nothing here. */
const REFUSED_TOKEN: ReadonlySet<number> = new Set([2001, 2002, 2003]);

/**
 * One real connection and the tabs that share it. What a tab says goes out under an id of its own, what is pushed goes to the
 * tabs that are due it, and what one tab posted to the others, as it would to other connections of the user.
 */
export class Upstream {
  private readonly connection: Connection;
  private readonly rooms: Rooms;
  private session: Session | null = null;
  private readonly tabs = new Set<Tab>();
  /** Those that wait for the connection. */
  private readonly arriving = new Set<Tab>();
  private readonly watchers = new Set<Tab>();
  private readonly calls: Calls;
  private verifying: unknown;
  /** Up to where the tabs have been handed the inbox. */
  private inboxSeq = 0;

  /** @param ended it is not to be shared any more */
  constructor(
    url: string,
    private token: string,
    private readonly options: UpstreamOptions,
    private readonly ended: () => void,
  ) {
    this.calls = new Calls(
      (frame) => this.connection.send(frame),
      () => this.session?.max_message_bytes ?? 0,
    );
    this.rooms = new Rooms({
      calls: this.calls,
      later: (then, ms) => options.clock.setTimeout(then, ms),
      sender: () => this.sender(),
      all: () => this.tabs,
    });
    this.connection = new Connection(
      url,
      { ...options, tokens: new TokenSource(token) },
      {
        opened: (session) => this.opened(session),
        frame: (frame) => (frame.request_id === undefined ? this.pushed(frame) : this.calls.received(frame)),
        ended: (ending) => this.end(ending),
      },
    );
    void this.connection.open();
  }

  /** Another tab: welcomed once it is sure that the connection lives and the tab's token is no worse than ours. */
  add(tab: Tab): void {
    if (this.session === null) this.arriving.add(tab);
    else this.admit(tab);
  }

  /** The tab has ended. @param code undefined if it gave the connection up, or is gone */
  remove(tab: Tab, code: number | undefined): void {
    this.arriving.delete(tab);
    this.tabs.delete(tab);
    if (this.tabs.size + this.arriving.size === 0) return this.stop(code);
    this.rooms.forget(tab);
    this.calls.forget(tab);
    if (this.watchers.delete(tab) && this.watchers.size === 0) this.ask('watch_online', { enabled: false }, () => {});
    if (code === undefined) this.verify();
  }

  /** What a tab says. */
  receive(tab: Tab, text: string): void {
    const command = parse(text);
    if (command === null) return tab.answer({ message_type: '' }, INVALID_FORMAT);
    switch (command.message_type) {
      case 'join_room':
        return this.rooms.join(tab, command);
      case 'leave_room':
        return this.rooms.leave(tab, command);
      case 'room_message':
        return this.rooms.send(tab, command);
      case 'direct_message':
        return this.sendDirect(tab, command);
      case 'mark_read':
        return this.markRead(tab, command);
      case 'watch_online':
        return this.watchOnline(tab, command);
      case 'authenticate':
        return this.authenticate(tab, command);
      case 'cancel':
        return this.calls.cancel(tab, command, fieldsOf(command.data)['request_id']);
      case 'close':
        return this.close(tab);
      default:
        return this.calls.forward(tab, command);
    }
  }

  private sendDirect(tab: Tab, command: Command): void {
    this.calls.forward(tab, command, (answer) => {
      const { seq = 0, timestamp } = fieldsOf(answer.data) as Partial<ReplyData<'direct_message'>>;
      // The repeat of one that they have, or no answer with a place.
      if (answer.message_type !== 'direct_message_sent' || seq <= this.inboxSeq) return answer;
      this.inboxSeq = seq;
      const { target_id, content } = command.data as CommandData<'direct_message'>;
      this.tellOthers(tab, 'direct_message', { ...this.sender(), target_id, content, seq, timestamp });
      return answer;
    });
  }

  private markRead(tab: Tab, command: Command): void {
    this.calls.forward(tab, command, (answer) => {
      if (answer.message_type === 'marked_read') this.tellOthers(tab, 'marked_read', answer.data);
      return answer;
    });
  }

  /** Ends with the last tab that watches; the server says the same to one that begins and one that ends. */
  private watchOnline(tab: Tab, command: Command): void {
    const { enabled } = fieldsOf(command.data);
    if (typeof enabled !== 'boolean') return this.calls.forward(tab, command);
    if (enabled) this.watchers.add(tab);
    else this.watchers.delete(tab);
    this.calls.forward(tab, command, (answer) => answer, { enabled: this.watchers.size > 0 });
  }

  private authenticate(tab: Tab, command: Command): void {
    this.calls.forward(tab, command, (answer) => {
      if (answer.message_type !== 'authenticated') return answer;
      this.renewed(answer.data as Session, (command.data as CommandData<'authenticate'>).token);
      return { ...answer, data: this.describe(tab) };
    });
  }

  private close(tab: Tab): void {
    tab.hold();
    this.ask('ping', {}, () => tab.close(NORMAL, 'closed as asked'));
  }

  private opened(session: Session): void {
    this.learn(session);
    const [first, ...others] = this.arriving;
    this.arriving.clear();
    // It came with the first one's token; that one may be gone.
    if (first) this.welcome(first);
    for (const tab of others) this.admit(tab);
  }

  private admit(tab: Tab): void {
    this.arriving.add(tab);
    const welcome = () => {
      if (this.arriving.delete(tab) && tab.isOpen) this.welcome(tab);
    };
    const expiry = (token: string) => claimsOf(token)?.expiresAt ?? 0;
    if (expiry(tab.token) <= expiry(this.token)) return this.verify(welcome);
    this.ask('authenticate', { token: tab.token }, ({ message_type: type, data }) => {
      if (type === 'authenticated') this.renewed(data as Session, tab.token);
      // As the upgrade would have been refused.
      if (type === 'error' && REFUSED_TOKEN.has((data as { code: number }).code)) tab.close(LOST, 'token refused');
      else welcome();
    });
  }

  private welcome(tab: Tab): void {
    this.tabs.add(tab);
    tab.send(JSON.stringify({ message_type: 'connected', data: this.describe(tab), timestamp: this.now() }));
    tab.release();
  }

  /** The session as a tab is to see it. */
  private describe(tab: Tab): Session {
    const session = this.session as Session;
    return {
      ...session,
      connection_id: `${session.connection_id}~${tab.number}`,
      inbox_seq: this.inboxSeq,
      max_message_bytes: session.max_message_bytes - ID_BYTES,
    };
  }

  private learn(session: Session): void {
    this.session = session;
    this.inboxSeq = Math.max(this.inboxSeq, session.inbox_seq);
  }

  private renewed(session: Session, token: string): void {
    this.learn(session);
    this.token = token;
  }

  /** Asks for a sign of life; without one, the connection is given up. */
  private verify(then: () => void = () => {}): void {
    const { clock, pingTimeoutMs } = this.options;
    const giveUp = () => this.connection.drop('The server stopped answering.');
    this.verifying ??= clock.setTimeout(giveUp, pingTimeoutMs);
    this.ask('ping', {}, () => {
      clock.clearTimeout(this.verifying);
      this.verifying = undefined;
      then();
    });
  }

  private ask(type: string, data: unknown, answer: (frame: InboundFrame) => void): void {
    this.calls.ask(type, data, answer);
  }

  private pushed(frame: InboundFrame): void {
    const { message_type: type, data } = frame;
    // The answer to the connection's own ping.
    if (type === 'pong') return;
    const text = JSON.stringify(frame);
    if (this.rooms.push(frame, text)) return;
    if (type === 'direct_message') this.inboxSeq = Math.max(this.inboxSeq, (data as DirectMessage).seq);
    for (const tab of type === 'online' ? this.watchers : this.tabs) tab.send(text);
    // Those who come now are better off with another one.
    if (type === 'draining') this.ended();
  }

  private sender(): { sender_id: string; sender_name: string } {
    return { sender_id: this.session?.user_id ?? '', sender_name: this.session?.username ?? '' };
  }

  private now(): number {
    return this.options.clock.now();
  }

  private tellOthers(tab: Tab, type: string, data: unknown): void {
    const text = JSON.stringify({ message_type: type, data, timestamp: this.now() });
    for (const other of this.tabs) if (other !== tab) other.send(text);
  }

  /** Nobody is left. */
  private stop(code: number | undefined): void {
    this.ended();
    this.options.clock.clearTimeout(this.verifying);
    if (code === NORMAL) this.connection.close();
    // No goodbye: they may be back in a moment, all of them or one.
    else this.connection.drop('The last tab is gone.');
  }

  private end(ending: Ending): void {
    this.ended();
    this.options.clock.clearTimeout(this.verifying);
    const code = ending.how === 'closed' ? ending.code : LOST;
    for (const tab of [...this.arriving, ...this.tabs]) tab.close(code, ending.error.message);
  }
}

/** Null if it is no envelope. */
function parse(text: string): Command | null {
  try {
    const { message_type, message_id, data } = fieldsOf(JSON.parse(text)) as Partial<Command>;
    const isId = message_id === undefined || typeof message_id === 'string' || Number.isSafeInteger(message_id);
    return typeof message_type === 'string' && isId ? { message_type, message_id, data } : null;
  } catch {
    return null;
  }
}
