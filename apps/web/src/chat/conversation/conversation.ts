import { CommandError, type HubbubClient, type LeaveReason, type Loss } from '@hubbub/client';
import type { Member } from '@hubbub/protocol';
import { batch } from '@preact/signals';
import type { Me, OpenConversation } from '../state/entries.js';
import { keyOf, type Target } from '../state/target.js';
import { Entries } from './entries.js';
import { KeptTexts } from './kept-texts.js';
import type { Message } from './message.js';
import { messageBytes } from './message-size.js';
import { OutgoingMessages } from './outgoing.js';
import { ReadMarker } from './read-marker.js';
import { ShownConversation } from './shown-conversation.js';
import { type MembersChange, type Source, sourceOf } from './source.js';
import { Timeline } from './timeline.js';
import { OthersTyping, OwnTyping } from './typing.js';

const PAGE = 50;
/** The most that the history gives at once. */
const MAX_PAGE = 200;

/** What a conversation can be given for tests. */
export interface ConversationOptions {
  readonly texts?: KeptTexts;
  /** When what has changed is shown: once for all that comes at a time. @default the next turn of the event loop */
  readonly schedule?: (show: () => void) => void;
}

/** One conversation, a room or what one has with another person, as it is on the screen. */
export class Conversation extends ShownConversation implements OpenConversation {
  readonly texts: KeptTexts;
  private readonly timeline = new Timeline();
  private readonly lines = new Entries();
  private readonly source: Source;
  private readonly outgoing: OutgoingMessages;
  private readonly marker: ReadMarker;
  private readonly ownTyping = new OwnTyping((typing) => this.tellTyping(typing));
  private readonly othersTyping = new OthersTyping(() => this.changed());
  private readonly people = new Map<string, Member>();
  private count = 0;
  /** Above which the line of the unread stands; null for none. */
  private lineAfter: number | null = null;
  private isActive = false;
  private visible = true;
  private following = true;
  private isMarkerLoaded = false;
  private membersChanged = false;
  private opening: Promise<void> | null = null;
  private scheduled = false;
  private disposed = false;
  private newCount = 0;
  private lastNew: Message | null = null;
  private readonly schedule: (show: () => void) => void;

  constructor(
    private readonly client: HubbubClient,
    readonly target: Target,
    readonly me: Me,
    { texts, schedule = (show) => setTimeout(show) }: ConversationOptions = {},
  ) {
    super();
    this.schedule = schedule;
    this.texts = texts ?? new KeptTexts(`${me.userId} ${keyOf(target)}`);
    this.outgoing = new OutgoingMessages(client, target, this.texts, () => this.changed());
    this.source = sourceOf(client, target, {
      message: (message) => this.arrived(message),
      lost: (loss) => this.lost(loss),
      entered: (how) => this.entered(how),
      left: (reason, error) => this.left(reason, error),
      redacted: (seq) => {
        this.timeline.redact(seq);
        this.changed();
      },
      members: (change) => this.learn(change),
      read: (mark) => this.marker.heard(mark),
    });
    this.marker = new ReadMarker(
      (seq) => this.source.mark(seq),
      () => this.changed(),
    );
  }

  /** Whether it is the one on the screen. The line of the unread is drawn when it becomes so, and stays. */
  get active(): boolean {
    return this.isActive;
  }

  set active(active: boolean) {
    if (active === this.isActive) return;
    this.isActive = active;
    if (active) this.drawLine();
    else this.ownTyping.stop();
    this.changed();
  }

  /** Whether somebody can see the page: told by the view. Who comes back finds the line above what came meanwhile. */
  setVisible(visible: boolean): void {
    if (visible === this.visible) return;
    this.visible = visible;
    if (visible && this.isActive && this.marker.unread > 0) this.drawLine();
    this.changed();
  }

  /** Whether the end is on the screen: told by the view. Then what comes is seen, and the window moves with it. */
  follow(following: boolean): void {
    if (following === this.following) return;
    this.following = following;
    if (following) this.shown.missedBelow.value = 0;
    this.changed();
  }

  /** Joins the room, or reads what was written; again only after it failed or ended. Never rejects: see `error`. */
  open(): Promise<void> {
    this.opening ??= this.enter();
    return this.opening;
  }

  /** It is off the screen. */
  close(): void {
    this.active = false;
  }

  dispose(): void {
    this.disposed = true;
    this.ownTyping.stop();
    this.othersTyping.dispose();
    this.marker.dispose();
    this.outgoing.dispose();
    this.source.dispose();
  }

  /** Sends a text: kept over reloads from here on. */
  send(text: string): void {
    this.ownTyping.stop();
    this.outgoing.send(text);
    if (this.timeline.hasNewer) void this.loadLatest();
  }

  /** By how many bytes a text is more than the gateway takes; 0 or less if it fits. */
  excess(text: string): number {
    const most = this.client.session?.max_message_bytes ?? Number.POSITIVE_INFINITY;
    return messageBytes(this.target, text) - most;
  }

  retry(key: string): void {
    this.outgoing.retry(key);
  }

  discard(key: string): void {
    this.outgoing.discard(key);
  }

  /** Reads the page above. Nothing happens while one is read, or where there is none. */
  loadOlder(): Promise<void> {
    return this.read('older', this.timeline.hasOlder, async () => {
      const before = this.timeline.firstHeld;
      const page = await this.source.page({ limit: PAGE, ...(before !== undefined && { before }) });
      this.timeline.prepend(page);
    });
  }

  /** Reads the page below, where the window is not at the end. */
  loadNewer(): Promise<void> {
    return this.read('newer', this.timeline.hasNewer, async () => {
      const page = await this.source.page({ limit: PAGE, after: this.timeline.lastHeld ?? 0 });
      this.timeline.extend(page);
    });
  }

  /** Goes to the end. */
  loadLatest(): Promise<void> {
    return this.read('newer', this.timeline.hasNewer, async () => {
      this.timeline.latest(await this.source.page({ limit: PAGE }));
    });
  }

  /** Looks in the history for what was lost. @param key of the entry that says so */
  recover(key: string): Promise<void> {
    const lost = this.timeline.items.find((item) => item.key === key);
    if (lost?.type !== 'lost' || lost.from === undefined) return Promise.resolve();
    const after = lost.from - 1;
    return this.read('newer', true, async () => {
      const { messages } = await this.source.page({ limit: MAX_PAGE, after });
      this.timeline.recover(key, messages);
    });
  }

  /** All that is there is read. */
  markRead(): void {
    this.marker.seen(this.timeline.lastSeq);
  }

  /** Erases a message of a room for all. Rejects with the gateway's error. */
  async redact(seq: number): Promise<void> {
    await this.client.command('redact_message', { room_id: this.target.id, seq });
    this.timeline.redact(seq);
    this.changed();
  }

  /** A key was pressed. */
  setTyping(): void {
    this.ownTyping.touch();
  }

  /** Nothing is being written any more. */
  stopTyping(): void {
    this.ownTyping.stop();
  }

  private async enter(): Promise<void> {
    this.shown.ended.value = null;
    this.shown.error.value = null;
    try {
      await this.source.open();
    } catch (error) {
      this.opening = null;
      if (this.disposed) return;
      // The outbox says what becomes of what was written meanwhile.
      this.outgoing.resume();
      this.shown.error.value = asCommandError(error);
      this.shown.ended.value = { reason: 'refused', error: asCommandError(error) };
    }
  }

  private entered({ isAnew, hasOlder }: { isAnew: boolean; hasOlder: boolean }): void {
    const isFirst = !this.shown.ready.value;
    if (isAnew) this.timeline.clear(hasOlder);
    this.shown.ended.value = null;
    this.shown.error.value = null;
    this.shown.ready.value = true;
    if (isFirst) {
      this.outgoing.resume();
      void this.loadMarker();
    } else if (!isAnew) void this.refresh();
    this.changed();
  }

  private async loadMarker(): Promise<void> {
    try {
      await this.marker.load(this.timeline.lastSeq);
      if (this.isActive && this.lineAfter === null) this.drawLine();
    } catch {
      // Without rights to read, or offline: nothing is counted until something is.
    }
    this.isMarkerLoaded = true;
    this.changed();
  }

  /** What was redacted while this was away. */
  private async refresh(): Promise<void> {
    const { lastHeld, items } = this.timeline;
    if (this.target.kind !== 'room' || lastHeld === undefined) return;
    try {
      const page = await this.source.page({ before: lastHeld + 1, limit: Math.min(items.length, MAX_PAGE) });
      this.timeline.refresh(page.messages);
      this.changed();
    } catch {
      // The next connection tries again.
    }
  }

  private arrived(message: Message): void {
    const isOthers = message.sender_id !== this.me.userId;
    const isNew = isOthers && !isHistoric(message) && (message.seq ?? Number.POSITIVE_INFINITY) > this.timeline.lastSeq;
    this.timeline.append(message, this.following);
    if (isNew && this.shown.ready.value) this.isNews(message);
    this.changed();
  }

  private isNews(message: Message): void {
    if (!this.isOnScreen) {
      if ((message.seq ?? Number.POSITIVE_INFINITY) > this.marker.seq) this.marker.arrived();
      this.shown.missedBelow.value += 1;
    }
    if (this.isActive) {
      this.newCount++;
      this.lastNew = message;
    }
  }

  private get isOnScreen(): boolean {
    return this.isActive && this.visible && this.following && !this.timeline.hasNewer;
  }

  private lost(loss: Loss): void {
    this.timeline.lose(loss);
    this.changed();
  }

  private left(reason: LeaveReason, error?: CommandError): void {
    this.opening = null;
    this.shown.ended.value = error ? { reason, error } : { reason };
    this.people.clear();
    this.count = 0;
    this.ownTyping.stop();
    this.changed();
  }

  private learn({ all, put = [], gone = [], count }: MembersChange): void {
    if (all) this.people.clear();
    for (const member of [...(all ?? []), ...put]) this.people.set(member.user_id, member);
    for (const userId of gone) this.people.delete(userId);
    this.count = count;
    this.membersChanged = true;
    this.changed();
  }

  private drawLine(): void {
    this.lineAfter = this.marker.unread > 0 ? this.marker.seq : null;
    // The view goes there first, and says then whether the end is in sight.
    if (this.lineAfter !== null) this.following = false;
  }

  private tellTyping(typing: number | null): void {
    // Nobody sees it in what one has with one person only; and what cannot be said now is old news later.
    if (this.target.kind !== 'room' || this.client.state !== 'open' || this.shown.ended.value) return;
    const state = { ...this.me.state(), ...(typing !== null && { typing }) };
    this.client.command('set_presence', { room_id: this.target.id, state }).catch(() => {});
  }

  private async read(end: 'older' | 'newer', isThere: boolean, load: () => Promise<void>): Promise<void> {
    if (!isThere || this.shown.loading.value !== null) return;
    this.shown.loading.value = end;
    try {
      await load();
      this.shown.error.value = null;
    } catch (error) {
      this.shown.error.value = asCommandError(error);
    } finally {
      // In one with what was read, so that nobody takes the end of loading for a call to load again.
      this.show();
      this.shown.loading.value = null;
    }
  }

  private changed(): void {
    if (this.scheduled || this.disposed) return;
    this.scheduled = true;
    this.schedule(() => {
      this.scheduled = false;
      if (!this.disposed) this.show();
    });
  }

  private show(): void {
    const { timeline, shown, marker } = this;
    if (this.isOnScreen && this.isMarkerLoaded) marker.seen(timeline.lastSeq);
    batch(() => {
      const outgoing = this.outgoing.list((seq) => timeline.isPast(seq));
      shown.entries.value = this.lines.build({
        items: timeline.items,
        outgoing: timeline.hasNewer ? [] : outgoing,
        me: this.me,
        readUpTo: this.lineAfter,
        sentKeys: this.outgoing.sentKeys,
      });
      if (this.membersChanged) shown.members.value = [...this.people.values()].sort(byName);
      this.membersChanged = false;
      shown.memberCount.value = this.count;
      const others = [...this.people.values()].filter(({ user_id }) => user_id !== this.me.userId);
      const typing = this.othersTyping.among(others);
      if (typing.join('\n') !== shown.typing.value.join('\n')) shown.typing.value = typing;
      shown.unread.value = marker.unread;
      shown.hasOlder.value = timeline.hasOlder;
      shown.hasNewer.value = timeline.hasNewer;
      if (this.lastNew) shown.news.value = { count: this.newCount, last: this.lastNew };
      this.lastNew = null;
      this.newCount = 0;
    });
  }
}

function isHistoric(message: Message): boolean {
  return (message as { historic?: true }).historic === true;
}

function byName(one: Member, other: Member): number {
  return one.username.localeCompare(other.username);
}

function asCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  return new CommandError('Unknown', { message: String(error), cause: error });
}
