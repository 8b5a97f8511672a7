import type { HubbubClient } from '@hubbub/client';
import {
  type CommandData,
  type DirectMessage,
  type Permission,
  PermissionSet,
  type ReplyData,
  type Room,
} from '@hubbub/protocol';
import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Api } from '../../shared/api.js';
import type { Session } from '../../shared/session.js';
import { harmlessLine } from '../conversation/markdown/harmless.js';
import { Activity } from './activity.js';
import { type ConnectionView, viewConnection } from './connection-view.js';
import { Directs } from './directs.js';
import type { DirectEntry, Me, OpenConversation, OwnState, RoomEntry } from './entries.js';
import { Membership } from './membership.js';
import { Moderation } from './moderation.js';
import type { News } from './news.js';
import { OpenConversations } from './open-conversations.js';
import { OwnPresence, stateOf } from './own-presence.js';
import { type Actor, mayActOn } from './roles.js';
import { RoomBook } from './room-book.js';
import { RoomDirectory } from './room-directory.js';
import { isSame, type Target } from './target.js';
import { unknownRoom } from './unknown-room.js';

export type { ConnectionView } from './connection-view.js';

export interface ChatOptions<C extends OpenConversation> {
  readonly client: HubbubClient;
  readonly session: Session;
  readonly api: Api;
  readonly open: (client: HubbubClient, target: Target, me: Me) => C;
  readonly tell: (news: News) => void;
}

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
  readonly moderation: Moderation;
  /** Which rooms are entered, and how one gets in and out. */
  readonly membership: Membership;
  private readonly activity = new Activity();
  private readonly conversations: OpenConversations<C>;
  private readonly present = computed(() => {
    const members = this.conversations.all.flatMap((conversation) => conversation.members.value);
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
  private lastProbe = 0;
  private readonly stop: (() => void)[] = [];

  constructor(private readonly options: ChatOptions<C>) {
    const { client, session, api } = options;
    this.client = client;
    this.session = session;
    this.api = api;
    const { userId, username } = session;
    this.presence = new OwnPresence(`presence:${userId}`, this.activity.isIdle, (state) => this.setPresence(state));
    this.me = { userId, username, state: () => ({ ...this.presence.state.peek() }) };
    this.directory = this.newDirectory();
    this.moderation = new Moderation(client, api, this.book, userId);
    this.conversations = new OpenConversations(this.selected, (target) => {
      const conversation = options.open(client, target, this.me);
      if (target.kind === 'room') this.membership.follow(target.id);
      return conversation;
    });
    this.membership = new Membership({
      client,
      userId,
      book: this.book,
      conversations: this.conversations,
      selected: this.selected,
      look: (roomId) => this.look(roomId),
      tell: options.tell,
      joined: (roomId) => void this.moderation.readRoles(roomId).catch(() => {}),
      gone: () => void this.directory.refresh(),
    });
    this.people = new Directs({
      userId,
      inbox: (query) => client.command('inbox', query),
      countUnread: async (peer_id) => (await client.command('mark_read', { peer_id, seq: 0 })).unread,
      unreadOf: (id) => this.conversations.get({ kind: 'direct', id })?.unread.value,
    });
    this.connection = viewConnection(client);
    this.permissions = computed(() => new PermissionSet(this.granted.value ?? session.permissions.value));
    this.rooms = computed(() =>
      this.membership.roomIds.value
        .map((id) => this.entryOf(id))
        .sort((a, b) => a.room.name.localeCompare(b.room.name)),
    );
    this.directs = this.people.entries;
    this.invitations = computed(() =>
      [...this.book.rooms.value.values()].filter(
        ({ id, visibility, owner_id }) =>
          visibility === 'private' &&
          owner_id !== userId &&
          this.book.role(id, userId) !== 'banned' &&
          !this.membership.has(id) &&
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
    this.membership.start();
  }

  /** Ends the connection and forgets what is shown; what is kept in this browser stays. */
  dispose(): void {
    for (const stop of this.stop) stop();
    this.conversations.dispose();
    this.membership.dispose();
    this.moderation.dispose();
    this.presence.dispose();
    this.activity.dispose();
    this.client.close();
  }

  /** The conversation of a target: opened with the first call, and kept until it is left. */
  conversation(target: Target): C {
    return this.conversations.obtain(target);
  }

  /** Makes a room, and enters it. @throws CommandError RoomAlreadyExists, TooManyRooms, Forbidden … */
  async create(room: CommandData<'create_room'>): Promise<Room> {
    const { room: made } = await this.client.command('create_room', room);
    this.book.learn([made]);
    await this.membership.enter(made.id);
    void this.directory.refresh();
    return made;
  }

  /** @throws CommandError */
  async update(patch: CommandData<'update_room'>): Promise<void> {
    const { room } = await this.client.command('update_room', patch);
    this.book.learn([room]);
  }

  /** What is known of a room, asked for where nothing is. @throws CommandError RoomNotFound, Forbidden */
  async look(roomId: string): Promise<Room> {
    const room = await this.api.get<ReplyData<'list_rooms'>['rooms'][number]>(`/rooms/${encodeURIComponent(roomId)}`);
    this.book.learn([room]);
    return room;
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
    const conversation = this.conversations.get({ kind: 'room', id: roomId });
    return conversation?.members.value.some(({ user_id }) => user_id === userId) ?? false;
  }

  private get seesAllRooms(): boolean {
    return this.may('admin:room');
  }

  private entryOf(id: string): RoomEntry {
    const room = this.book.rooms.value.get(id) ?? unknownRoom(id);
    const unread = this.conversations.get({ kind: 'room', id })?.unread.value ?? this.book.unread(id);
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
        void this.membership.takeUp().catch(() => {});
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
        if (!this.membership.has(room_id)) this.book.forget(room_id);
      }),
      client.on('member_set', (act) => void this.membership.roleSet(act)),
      client.on('member_kicked', ({ room_id, user_id, reason }) => {
        if (user_id === this.me.userId) this.membership.takenOut(room_id, reason);
      }),
      client.on('direct_message', (message) => this.directCame(message)),
      client.on('marked_read', ({ room_id, peer_id, unread }) => {
        if (room_id !== undefined) this.book.count(room_id, unread);
        if (peer_id !== undefined) this.people.setUnread(peer_id, unread);
      }),
      client.on('broadcast', ({ message }) => this.options.tell({ kind: 'broadcast', message })),
    );
  }

  private setPresence(state: object): void {
    if (this.client.session) void this.client.command('set_presence', { state: { ...state } }).catch(() => {});
  }

  private directCame(message: DirectMessage): void {
    this.people.receive(message);
    const { sender_id: id } = message;
    const isShown = isSame(this.selected.peek(), { kind: 'direct', id });
    if (id !== this.me.userId && !isShown) this.options.tell({ kind: 'direct', name: this.nameOf(id) });
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
