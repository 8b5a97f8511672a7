import { CommandError, type HubbubClient, type LeaveReason } from '@hubbub/client';
import {
  type CommandData,
  type DirectMessage,
  type GivenRole,
  type Permission,
  PermissionSet,
  type ReplyData,
  type Room,
  type RoomRole,
} from '@hubbub/protocol';
import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { Api } from '../../shared/api.js';
import type { Session } from '../../shared/session.js';
import { harmlessLine } from '../conversation/markdown/harmless.js';
import { Activity } from './activity.js';
import { type ConnectionView, viewConnection } from './connection-view.js';
import { Directs } from './directs.js';
import type { DirectEntry, Me, OpenConversation, OwnState, RoomEntry } from './entries.js';
import { knownRooms } from './known-rooms.js';
import { OwnPresence, stateOf } from './own-presence.js';
import { type Actor, mayActOn } from './roles.js';
import { RoomBook } from './room-book.js';
import { RoomDirectory } from './room-directory.js';
import { StoredSet } from './stored-set.js';
import { isSame, keyOf, type Target } from './target.js';

export type { ConnectionView } from './connection-view.js';

/** What happens to this person without his doing, and should be said. */
export type News =
  | { readonly kind: 'invited'; readonly room: Room }
  | {
      readonly kind: 'out';
      readonly roomId: string;
      readonly name: string;
      readonly reason: LeaveReason;
      readonly why?: string;
    }
  | { readonly kind: 'role'; readonly name: string; readonly role: RoomRole }
  | { readonly kind: 'direct'; readonly name: string }
  | { readonly kind: 'broadcast'; readonly message: unknown };

export interface ChatOptions<C extends OpenConversation> {
  readonly client: HubbubClient;
  readonly session: Session;
  readonly api: Api;
  readonly open: (client: HubbubClient, target: Target, me: Me) => C;
  readonly tell: (news: News) => void;
}

/** Rooms that are entered again at once after a load; of the others each waits for one before it, to keep within the gateway's rate. */
const AT_ONCE = 4;
const PROBE_EVERY_MS = 30_000;

/** Everything that the page shows of one person's chat, kept current by the pushes of the gateway. */
export class Chat<C extends OpenConversation = OpenConversation> {
  readonly client: HubbubClient;
  readonly session: Session;
  readonly api: Api;
  readonly me: Me;
  readonly presence: OwnPresence;
  readonly book = new RoomBook();
  readonly directory: RoomDirectory;
  readonly people: Directs;
  readonly connection: ReadonlySignal<ConnectionView>;
  /** On the screen; null for none. */
  readonly selected = signal<Target | null>(null);
  /** Entered rooms, by name. */
  readonly rooms: ReadonlySignal<readonly RoomEntry[]>;
  readonly directs: ReadonlySignal<readonly DirectEntry[]>;
  /** Private rooms that this person may enter and has not. */
  readonly invitations: ReadonlySignal<readonly Room[]>;
  /** Unread messages of everything entered. */
  readonly unread: ReadonlySignal<number>;
  readonly permissions: ReadonlySignal<PermissionSet>;
  /** Ids of the rooms entered in this browser, which its tabs share. */
  private readonly entered: StoredSet;
  /** Ids of rooms that this person was invited to: among thousands he would not come upon them. */
  private readonly invited: StoredSet;
  /** Ids of people blocked in this browser: the gateway does not tell whom one has blocked. */
  readonly blocked: StoredSet;
  private readonly activity = new Activity();
  private readonly open = signal<ReadonlyMap<string, C>>(new Map());
  /** Whether somebody can see this page. */
  private readonly visible = signal(document.visibilityState === 'visible');
  private readonly present = computed(() => {
    const members = [...this.open.value.values()].flatMap((conversation) => conversation.members.value);
    return new Map(members.map((member) => [member.user_id, member] as const));
  });
  /** Everybody that this page knows of, but oneself. */
  readonly known = computed(() => {
    const names = new Map(
      [...this.present.value.values()].map(({ user_id, username }) => [user_id, username] as const),
    );
    for (const { userId, username } of this.directs.value) names.set(userId, names.get(userId) ?? username);
    names.delete(this.me.userId);
    return [...names].map(([userId, username]) => ({ userId, username }));
  });
  private readonly granted = signal<readonly string[] | null>(null);
  /** Rooms whose leaving is told of already. */
  private readonly followed = new Set<string>();
  private readonly leaving = new Set<string>();
  private readonly stop: (() => void)[] = [];

  constructor(private readonly options: ChatOptions<C>) {
    const { client, session, api } = options;
    this.client = client;
    this.session = session;
    this.api = api;
    const { userId, username } = session;
    this.entered = new StoredSet(`rooms:${userId}`);
    this.blocked = new StoredSet(`blocked:${userId}`);
    this.invited = new StoredSet(`invited:${userId}`);
    this.presence = new OwnPresence(`presence:${userId}`, this.activity.isIdle, (state) => this.setPresence(state));
    this.me = { userId, username, state: () => ({ ...this.presence.state.peek() }) };
    this.directory = this.newDirectory();
    this.people = new Directs({
      userId,
      inbox: (query) => client.command('inbox', query),
      countUnread: async (peer_id) => (await client.command('mark_read', { peer_id, seq: 0 })).unread,
      unreadOf: (id) => this.open.value.get(keyOf({ kind: 'direct', id }))?.unread.value,
    });
    this.connection = viewConnection(client);
    this.permissions = computed(() => new PermissionSet(this.granted.value ?? session.permissions.value));
    this.rooms = computed(() =>
      this.entered.list.value.map((id) => this.entryOf(id)).sort((a, b) => a.room.name.localeCompare(b.room.name)),
    );
    this.directs = this.people.entries;
    this.invitations = computed(() =>
      [...this.book.rooms.value.values()].filter(
        ({ id, visibility, owner_id }) =>
          visibility === 'private' &&
          owner_id !== userId &&
          this.book.role(id, userId) !== 'banned' &&
          !this.entered.list.value.includes(id) &&
          !this.seesAllRooms,
      ),
    );
    this.unread = computed(() => sum(this.rooms.value) + sum(this.directs.value));
    this.listen();
  }

  /** Connects, and enters again what was entered. */
  start(): void {
    void this.client.connect().catch(() => {});
    void this.directory.more();
    void this.people.load().catch(() => {});
    void this.enterAgain();
    for (const id of this.invited.list.peek()) {
      void this.look(id).catch((error: unknown) => {
        if (error instanceof CommandError && !error.retryable) this.invited.remove(id);
      });
    }
  }

  /** Ends the connection and forgets what is shown; what is kept in this browser stays. */
  dispose(): void {
    for (const stop of this.stop) stop();
    for (const conversation of this.open.value.values()) conversation.dispose();
    this.presence.dispose();
    this.activity.dispose();
    this.entered.dispose();
    this.blocked.dispose();
    this.invited.dispose();
    this.client.close();
  }

  /** The conversation of a target: opened with the first call, and kept until it is left. */
  conversation(target: Target): C {
    const key = keyOf(target);
    const known = this.open.peek().get(key);
    if (known !== undefined) return known;
    const conversation = this.options.open(this.client, target, this.me);
    this.open.value = new Map([...this.open.peek(), [key, conversation]]);
    if (target.kind === 'room') this.follow(target.id);
    conversation.open().catch(() => {});
    return conversation;
  }

  isEntered(roomId: string): boolean {
    return this.entered.has(roomId);
  }

  /** Enters a room, now and whenever the page is opened. @throws CommandError */
  async enter(roomId: string): Promise<void> {
    if (this.entered.has(roomId)) return;
    const conversation = this.conversation({ kind: 'room', id: roomId });
    try {
      await conversation.open();
      if (conversation.error.value !== null) throw conversation.error.value;
      this.entered.add(roomId);
      this.invited.remove(roomId);
    } catch (error) {
      this.drop({ kind: 'room', id: roomId });
      throw error;
    }
  }

  /** Leaves a room; it is not entered again by itself. */
  async leave(roomId: string): Promise<void> {
    this.leaving.add(roomId);
    this.entered.remove(roomId);
    try {
      await this.client.room(roomId).leave();
    } finally {
      this.leaving.delete(roomId);
      this.drop({ kind: 'room', id: roomId });
    }
  }

  /** Makes a room, and enters it. @throws CommandError RoomAlreadyExists, TooManyRooms, Forbidden … */
  async create(room: CommandData<'create_room'>): Promise<Room> {
    const { room: made } = await this.client.command('create_room', room);
    this.book.learn([made]);
    await this.enter(made.id);
    void this.directory.refresh();
    return made;
  }

  /** @throws CommandError */
  async update(patch: CommandData<'update_room'>): Promise<void> {
    const { room } = await this.client.command('update_room', patch);
    this.book.learn([room]);
  }

  /** Deletes a room with its messages, for everybody. @throws CommandError */
  async remove(roomId: string): Promise<void> {
    this.leaving.add(roomId);
    try {
      await this.client.command('delete_room', { room_id: roomId });
      this.forget(roomId);
    } finally {
      this.leaving.delete(roomId);
    }
  }

  /** What is known of a room, asked for where nothing is. @throws CommandError RoomNotFound, Forbidden */
  async look(roomId: string): Promise<Room> {
    const room = await this.api.get<ReplyData<'list_rooms'>['rooms'][number]>(`/rooms/${encodeURIComponent(roomId)}`);
    this.book.learn([room]);
    return room;
  }

  /** Gives a role, or takes it (`none`): an invitation is the role `invited`, a ban `banned`. @throws CommandError */
  async setRole(roomId: string, userId: string, role: GivenRole, reason = ''): Promise<void> {
    await this.client.command('set_member', { room_id: roomId, user_id: userId, role, ...(reason && { reason }) });
    this.book.setRole(roomId, userId, role);
  }

  /** Takes a person out of a room; he may come back. @throws CommandError */
  async kick(roomId: string, userId: string, reason = ''): Promise<void> {
    await this.client.command('kick_member', { room_id: roomId, user_id: userId, ...(reason && { reason }) });
  }

  /** @throws CommandError */
  async block(userId: string, blocked: boolean): Promise<void> {
    await this.client.command('block_user', { user_id: userId, blocked });
    if (blocked) this.blocked.add(userId);
    else this.blocked.remove(userId);
  }

  /** Reads who has which role in a room; without an answer, only the owner is known. */
  async readRoles(roomId: string): Promise<void> {
    const { role: own, roles } = await this.api.get<{ role: RoomRole; roles: { user_id: string; role: RoomRole }[] }>(
      `/rooms/${encodeURIComponent(roomId)}/roles`,
    );
    this.book.setRoles(roomId, new Map(roles.map(({ user_id, role }) => [user_id, role])));
    this.book.setRole(roomId, this.me.userId, own);
  }

  may(permission: Permission, roomId?: string): boolean {
    return this.permissions.value.has(permission, roomId);
  }

  /** This person in a room. */
  actor(roomId: string): Actor {
    return { role: this.book.role(roomId, this.me.userId), admin: this.may('admin:room', roomId) };
  }

  mayRedact(roomId: string, senderId: string): boolean {
    if (senderId === this.me.userId) return true;
    const actor = this.actor(roomId);
    return actor.role === 'owner' || actor.admin || mayActOn(actor, this.book.role(roomId, senderId));
  }

  /** Another look at all rooms: with a search of its own. */
  newDirectory(): RoomDirectory {
    return new RoomDirectory(this.book, (query) => this.client.command('list_rooms', query));
  }

  /** By the rooms that are entered, direct messages, or nothing but the id. */
  nameOf(userId: string): string {
    if (userId === this.me.userId) return harmlessLine(this.me.username);
    return harmlessLine(this.people.nameOf(userId) ?? this.present.value.get(userId)?.username ?? userId);
  }

  /** How somebody is who is in one of the entered rooms; undefined for others, of whom nothing is told. */
  statusOf(userId: string): OwnState | undefined {
    if (userId === this.me.userId) return this.presence.state.value;
    const member = this.present.value.get(userId);
    return member && stateOf(member.state);
  }

  /** Whether somebody is in an entered room. */
  isHere(roomId: string, userId: string): boolean {
    const conversation = this.open.value.get(keyOf({ kind: 'room', id: roomId }));
    return conversation?.members.value.some(({ user_id }) => user_id === userId) ?? false;
  }

  private get seesAllRooms(): boolean {
    return this.may('admin:room');
  }

  private entryOf(id: string): RoomEntry {
    const room = this.book.rooms.value.get(id) ?? unknownRoom(id);
    const unread = this.open.value.get(keyOf({ kind: 'room', id }))?.unread.value ?? this.book.unread(id);
    return { room, entered: true, unread, role: this.book.role(id, this.me.userId) };
  }

  private listen(): void {
    const { client } = this;
    this.stop.push(
      client.on('connected', (session) => {
        this.granted.value = session.permissions;
        // The gateway forgets how somebody is when he is gone.
        const state = this.presence.state.peek();
        if (state.status !== 'online' || state.text !== undefined) this.setPresence(state);
        if (!this.entered.isKept) void this.takeUp().catch(() => {});
      }),
      client.on('state', ({ state, previous }) => {
        if (state === 'open' && previous === 'recovering') void this.directory.refresh();
        if (state === 'offline' && previous !== 'open') void this.probe();
        if (state === 'closed') void this.probe();
      }),
      client.on('presence', ({ room_id, member_count, updated }) => {
        this.book.setMemberCount(room_id, member_count);
        const own = updated.find(({ user_id }) => user_id === this.me.userId);
        if (own) this.presence.heard(own.state);
      }),
      client.on('room_updated', ({ room }) => this.book.learn([room])),
      client.on('room_deleted', ({ room_id }) => {
        // Of one that he is in the room itself tells, by its name.
        if (!this.entered.has(room_id)) this.book.forget(room_id);
      }),
      client.on('member_set', (act) => void this.roleSet(act)),
      client.on('member_kicked', ({ room_id, user_id, reason }) => {
        if (user_id === this.me.userId && reason) this.reasons.set(room_id, reason);
      }),
      client.on('direct_message', (message) => this.directCame(message)),
      client.on('marked_read', ({ room_id, peer_id, unread }) => {
        if (room_id !== undefined) this.book.count(room_id, unread);
        if (peer_id !== undefined) this.people.setUnread(peer_id, unread);
      }),
      client.on('broadcast', ({ message }) => this.options.tell({ kind: 'broadcast', message })),
      this.watchVisibility(),
      effect(() => this.activate()),
      this.entered.onOther(() => this.followOtherTabs()),
    );
  }

  /** Why somebody was taken out, told just before the room itself says that he is. */
  private readonly reasons = new Map<string, string>();
  private lastProbe = 0;

  private setPresence(state: object): void {
    if (this.client.session) void this.client.command('set_presence', { state: { ...state } }).catch(() => {});
  }

  /** What another tab has entered or left, this one does too. */
  private followOtherTabs(): void {
    for (const key of this.open.peek().keys()) {
      const [kind, id] = [key.slice(0, key.indexOf(' ')), key.slice(key.indexOf(' ') + 1)];
      if (kind === 'room' && !this.entered.has(id)) void this.leave(id).catch(() => {});
    }
    for (const id of this.entered.list.peek()) this.conversation({ kind: 'room', id });
  }

  private directCame(message: DirectMessage): void {
    this.people.receive(message);
    const { sender_id: id } = message;
    const isShown = isSame(this.selected.peek(), { kind: 'direct', id });
    if (id !== this.me.userId && !isShown) this.options.tell({ kind: 'direct', name: this.nameOf(id) });
  }

  private watchVisibility(): () => void {
    const seen = () => {
      this.visible.value = document.visibilityState === 'visible';
    };
    document.addEventListener('visibilitychange', seen);
    return () => document.removeEventListener('visibilitychange', seen);
  }

  /** Only the conversation on the screen counts as seen. */
  private activate(): void {
    const selected = this.visible.value ? this.selected.value : null;
    const open = this.open.value;
    untracked(() => {
      for (const [key, conversation] of open) conversation.active = selected !== null && key === keyOf(selected);
    });
  }

  /** Another device has entered rooms, this browser none yet. */
  private async takeUp(): Promise<void> {
    const ids = await knownRooms(async (query: CommandData<'list_rooms'>) => {
      const reply = await this.client.command('list_rooms', query);
      this.book.learn(reply.rooms);
      return reply;
    });
    this.entered.addAll(ids);
    await this.enterAgain();
  }

  private async enterAgain(): Promise<void> {
    const selected = this.selected.peek();
    const ids = [...this.entered.list.peek()];
    if (selected?.kind === 'room') ids.sort((a, b) => Number(b === selected.id) - Number(a === selected.id));
    const next = async (): Promise<void> => {
      for (let id = ids.shift(); id !== undefined; id = ids.shift()) {
        const conversation = this.conversation({ kind: 'room', id });
        await conversation.open().catch(() => {});
        if (conversation.error.value !== null) this.enteringFailed(id, conversation.error.value);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  }

  /** Rooms that are no more, or not for this person any more, are not entered again at the next load. */
  private enteringFailed(roomId: string, error: CommandError): void {
    if (error.name !== 'RoomNotFound' && error.name !== 'Forbidden') return;
    this.out(roomId, error.name === 'RoomNotFound' ? 'deleted' : 'refused');
  }

  private follow(roomId: string): void {
    if (this.followed.has(roomId)) return;
    this.followed.add(roomId);
    const room = this.client.room(roomId);
    this.stop.push(
      room.on('joined', ({ reply }) => {
        this.book.learn([reply.room]);
        void this.readRoles(roomId).catch(() => {});
      }),
      room.on('left', ({ reason }) => {
        if (!this.leaving.has(roomId) && reason !== 'asked') this.out(roomId, reason);
      }),
    );
  }

  private out(roomId: string, reason: LeaveReason): void {
    const name = this.book.rooms.peek().get(roomId)?.name ?? roomId;
    const why = this.reasons.get(roomId);
    this.reasons.delete(roomId);
    if (reason === 'deleted') this.forget(roomId);
    else {
      this.entered.remove(roomId);
      this.drop({ kind: 'room', id: roomId });
    }
    this.options.tell({ kind: 'out', roomId, name, reason, ...(why === undefined ? {} : { why }) });
  }

  private forget(roomId: string): void {
    this.entered.remove(roomId);
    this.book.forget(roomId);
    this.drop({ kind: 'room', id: roomId });
    void this.directory.refresh();
  }

  private drop(target: Target): void {
    const key = keyOf(target);
    const open = new Map(this.open.peek());
    open.get(key)?.dispose();
    if (open.delete(key)) this.open.value = open;
  }

  private async roleSet({ room_id, user_id, role, reason }: CommandData<'set_member'>): Promise<void> {
    const before = this.book.role(room_id, user_id);
    this.book.setRole(room_id, user_id, role);
    if (user_id !== this.me.userId) return;
    if (role === 'banned') {
      if (reason) this.reasons.set(room_id, reason);
      return;
    }
    const isIn = this.entered.has(room_id);
    if (role === 'none' && !isIn) {
      const room = this.book.rooms.peek().get(room_id);
      if (room?.visibility === 'private') this.book.forget(room_id);
      return;
    }
    const room = await this.look(room_id).catch(() => null);
    this.book.setRole(room_id, user_id, role);
    if (room === null) return;
    if (!isIn && role !== 'none') {
      this.invited.add(room_id);
      this.options.tell({ kind: 'invited', room });
    } else if (role !== before) this.options.tell({ kind: 'role', name: room.name, role });
  }

  /** A browser is not told why a gateway refuses a connection: this asks whether the sign-in still lives, which ends the session if not. */
  private async probe(): Promise<void> {
    if (Date.now() - this.lastProbe < PROBE_EVERY_MS) return;
    this.lastProbe = Date.now();
    await this.api.get('/rooms', { limit: 1 }).catch(() => {});
  }
}

function sum(entries: readonly { readonly unread: number }[]): number {
  return entries.reduce((total, { unread }) => total + unread, 0);
}

/** An entered room that nothing was heard of yet. */
function unknownRoom(id: string): Room {
  return {
    id,
    name: id,
    visibility: 'public',
    history: 'durable',
    max_clients: 0,
    member_count: 0,
    metadata: {},
    created_at: 0,
  };
}
