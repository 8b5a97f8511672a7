import type { DirectMessage, Member, ReplyData, Room as RoomData, RoomMessage } from '@hubbub/protocol';
import type { CommandError } from './command-error.js';
import type { ClientState, LeaveReason } from './events.js';
import type { HubbubClient } from './hubbub-client.js';
import type { OutboxEntry } from './outbox-entry.js';
import type { Room } from './room.js';
import type { JoinOptions, SendOptions } from './room-host.js';

/** What frameworks show of a client: snapshots that never change, and a word when there is another. */
export interface View<T> {
  /** The same object until something has changed. */
  readonly get: () => T;
  /** Calls `changed` at every change. @returns what ends it */
  readonly subscribe: (changed: () => void) => () => void;
}

export interface ClientSnapshot {
  readonly state: ClientState;
  /** Null before the first connection, and while there is none. */
  readonly userId: string | null;
  /** What ended the connection, with `offline` and `closed`. */
  readonly error: CommandError | null;
}

export interface RoomSnapshot {
  readonly state: 'joining' | 'joined' | 'left';
  /** As last heard of. */
  readonly room: RoomData | null;
  /** Oldest first, your own among them once they are stored. */
  readonly messages: readonly RoomMessage[];
  /** Your own that are not stored yet, or have failed. */
  readonly sending: readonly OutboxEntry[];
  /** None where the gateway withholds them; `memberCount` is always right. */
  readonly members: readonly Member[];
  readonly memberCount: number;
  /** Whether there are older messages, for `loadOlder`. */
  readonly hasOlder: boolean;
  /** With `left`: why, and what the join was refused with. */
  readonly reason: LeaveReason | null;
  readonly error: CommandError | null;
}

export interface DirectSnapshot {
  /** Oldest first, both sides'. */
  readonly messages: readonly DirectMessage[];
  readonly sending: readonly OutboxEntry[];
  readonly hasOlder: boolean;
  /** Why they could not be read. */
  readonly error: CommandError | null;
}

export interface ViewOptions extends JoinOptions {
  /** Most messages that are kept; older ones can be loaded again. @default 1000 */
  readonly keep?: number | undefined;
}

const KEEP = 1000;
const PAGE = 50;

/** Something that begins with the first subscriber and ends after the last. */
abstract class LiveView<T> implements View<T> {
  private readonly listeners = new Set<() => void>();
  private ends: (() => unknown)[] | null = null;

  constructor(protected snapshot: T) {}

  readonly get = (): T => this.snapshot;

  readonly subscribe = (changed: () => void): (() => void) => {
    const listener = () => changed();
    this.listeners.add(listener);
    this.ends ??= this.begin();
    return () => {
      this.listeners.delete(listener);
      // Not at once: whoever is taken down may be put up again in the same breath.
      setTimeout(() => {
        if (this.listeners.size > 0 || this.ends === null) return;
        for (const end of this.ends) end();
        this.ends = null;
      });
    };
  };

  /** @returns what ends it */
  protected abstract begin(): (() => unknown)[];

  protected set(change: Partial<T>): void {
    this.snapshot = { ...this.snapshot, ...change };
    for (const listener of [...this.listeners]) listener();
  }
}

class ClientView extends LiveView<ClientSnapshot> {
  constructor(private readonly client: HubbubClient) {
    super({ state: client.state, userId: client.session?.user_id ?? null, error: null });
  }

  protected begin(): (() => void)[] {
    const { client } = this;
    const look = (error: CommandError | null) =>
      this.set({ state: client.state, userId: client.session?.user_id ?? null, error });
    // What happened since it was made.
    if (client.state !== this.snapshot.state) look(null);
    return [client.on('state', ({ error = null }) => look(error))];
  }
}

export class RoomView extends LiveView<RoomSnapshot> {
  private readonly room: Room;
  /** Joined by this view, which leaves it. */
  private isOurs = false;
  /** Ends the wait for what is still to be sent before it is left. */
  private stay = () => {};

  constructor(
    private readonly client: HubbubClient,
    roomId: string,
    private readonly options: ViewOptions,
  ) {
    super(EMPTY_ROOM);
    this.room = client.room(roomId);
  }

  readonly send = (content: unknown, options?: SendOptions): Promise<ReplyData<'room_message'>> =>
    this.room.send(content, options);

  /** Puts the messages before those that are there. */
  readonly loadOlder = async (limit = PAGE): Promise<void> => {
    const first = this.snapshot.messages.find(({ seq }) => seq !== undefined)?.seq;
    const page = await this.room.history({ ...(first !== undefined && { before: first }), limit });
    const isCurrent = this.snapshot.messages.find(({ seq }) => seq !== undefined)?.seq === first;
    if (isCurrent) this.set({ messages: [...page.messages, ...this.snapshot.messages], hasOlder: page.has_more });
  };

  protected begin(): (() => unknown)[] {
    const { room, client, options } = this;
    const { members, count } = room.presence;
    this.stay();
    this.set({ ...EMPTY_ROOM, members: [...members.values()], memberCount: count, sending: this.sending() });
    const ends = [
      room.on('joined', ({ reply, resumed }) => this.joined(reply, resumed)),
      room.on('room_message', (message) => this.arrived(message)),
      room.on('message_redacted', ({ seq }) => this.redacted(seq)),
      room.presence.on('change', ({ members, count }) =>
        this.set({ members: [...members.values()], memberCount: count }),
      ),
      room.on('room_updated', () => this.set({ room: room.info })),
      room.on('left', ({ reason, error = null }) => this.set({ state: 'left', reason, error })),
      client.on('state', () => {
        if (this.snapshot.state !== 'left') this.set({ state: room.isJoined ? 'joined' : 'joining' });
      }),
      client.on('outbox', ({ entry }) => {
        if (entry.target === room.id && entry.type === 'room_message') this.set({ sending: this.sending() });
      }),
    ];
    // Joined by the application itself, it is the application's to leave.
    if (room.isJoined) void this.takeOver();
    else if (room.isOut) {
      this.isOurs = true;
      room.join(options).catch((error: CommandError) => this.set({ state: 'left', reason: 'refused', error }));
    }
    return [...ends, () => this.isOurs && this.leave()];
  }

  /** Leaves, once what waits is stored: it would fail. Unless the room is shown again before. */
  private leave(): void {
    const { client, room } = this;
    const leaveIfDone = () => {
      if (this.sending().some(({ state }) => state !== 'failed')) return;
      this.stay();
      this.isOurs = false;
      room.leave().catch(() => {});
    };
    const stop = client.on('outbox', leaveIfDone);
    this.stay = stop;
    leaveIfDone();
  }

  /** What came before this view was there. */
  private async takeOver(): Promise<void> {
    const { room } = this;
    try {
      const page = await room.history({ limit: this.options.history ?? PAGE });
      const { messages } = this.snapshot;
      const known = new Set(messages.map(({ seq }) => seq));
      const earlier = page.messages.filter(({ seq }) => !known.has(seq));
      this.set({ state: 'joined', room: room.info, messages: [...earlier, ...messages], hasOlder: page.has_more });
    } catch (error) {
      this.set({ error: error as CommandError });
    }
  }

  private joined({ messages }: ReplyData<'join_room'>, resumed: boolean): void {
    const hasOlder = resumed ? this.snapshot.hasOlder : (messages[0]?.seq ?? 1) > 1;
    this.set({ state: 'joined', room: this.room.info, hasOlder, error: null });
  }

  private arrived(message: RoomMessage): void {
    const { keep = KEEP } = this.options;
    const messages = [...this.snapshot.messages, message];
    if (messages.length > keep) this.set({ messages: messages.slice(-keep), hasOlder: true });
    else this.set({ messages });
  }

  private redacted(seq: number): void {
    const erase = (message: RoomMessage): RoomMessage =>
      message.seq === seq ? { ...message, content: null, redacted: true } : message;
    this.set({ messages: this.snapshot.messages.map(erase) });
  }

  private sending(): readonly OutboxEntry[] {
    return entriesTo(this.client, 'room_message', this.room.id);
  }
}

export class DirectView extends LiveView<DirectSnapshot> {
  constructor(
    private readonly client: HubbubClient,
    private readonly peerId: string,
  ) {
    super({ messages: [], sending: [], hasOlder: false, error: null });
  }

  readonly send = (content: unknown, options?: Omit<SendOptions, 'ephemeral'>): Promise<ReplyData<'direct_message'>> =>
    this.client.sendDirect(this.peerId, content, options);

  /** Puts the messages before those that are there. */
  readonly loadOlder = async (limit = PAGE): Promise<void> => {
    const { client, peerId } = this;
    const first = this.snapshot.messages[0]?.seq;
    const before = first === undefined ? {} : { before: first };
    const page = await client.command('inbox', { peer_id: peerId, limit, ...before });
    const { messages } = this.snapshot;
    const earlier = page.messages.filter(({ seq }) => messages[0] === undefined || seq < messages[0].seq);
    this.set({ messages: [...earlier, ...messages], hasOlder: page.has_more, error: null });
  };

  protected begin(): (() => void)[] {
    const { client, peerId } = this;
    this.set({ messages: [], sending: entriesTo(client, 'direct_message', peerId) });
    const load = () => void this.loadOlder().catch((error: CommandError) => this.set({ error }));
    load();
    return [
      client.on('state', ({ state }) => {
        if (state === 'open' && this.snapshot.error !== null) load();
      }),
      client.on('direct_message', (message) => {
        const isWithHim = message.sender_id === peerId || message.target_id === peerId;
        // A note to oneself is no message with him.
        const isOurs = message.sender_id !== message.target_id || peerId === client.session?.user_id;
        if (isWithHim && isOurs) this.set({ messages: [...this.snapshot.messages, message] });
      }),
      client.on('outbox', ({ entry }) => {
        if (entry.target === peerId && entry.type === 'direct_message') {
          this.set({ sending: entriesTo(client, 'direct_message', peerId) });
        }
      }),
    ];
  }
}

const EMPTY_ROOM: RoomSnapshot = {
  state: 'joining',
  room: null,
  messages: [],
  sending: [],
  members: [],
  memberCount: 0,
  hasOlder: false,
  reason: null,
  error: null,
};

function entriesTo(client: HubbubClient, type: OutboxEntry['type'], target: string): readonly OutboxEntry[] {
  return client.outbox.entries().filter((entry) => entry.type === type && entry.target === target);
}

interface Views {
  readonly client: ClientView;
  readonly rooms: Map<string, RoomView>;
  readonly directs: Map<string, DirectView>;
}

const views = new WeakMap<HubbubClient, Views>();

function viewsOf(client: HubbubClient): Views {
  let found = views.get(client);
  if (found === undefined) {
    views.set(client, (found = { client: new ClientView(client), rooms: new Map(), directs: new Map() }));
  }
  return found;
}

export function clientView(client: HubbubClient): View<ClientSnapshot> {
  return viewsOf(client).client;
}

/** One for all that show the room: it is joined with the first and left after the last. @param options of the first */
export function roomView(client: HubbubClient, roomId: string, options: ViewOptions = {}): RoomView {
  const { rooms } = viewsOf(client);
  let view = rooms.get(roomId);
  if (view === undefined) rooms.set(roomId, (view = new RoomView(client, roomId, options)));
  return view;
}

export function directView(client: HubbubClient, peerId: string): DirectView {
  const { directs } = viewsOf(client);
  let view = directs.get(peerId);
  if (view === undefined) directs.set(peerId, (view = new DirectView(client, peerId)));
  return view;
}
