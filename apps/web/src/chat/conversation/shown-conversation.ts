import type { CommandError, LeaveReason } from '@hubbub/client';
import type { Member } from '@hubbub/protocol';
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Entry } from './entries.js';
import type { Message } from './message.js';

/** Why nothing more comes of a conversation. */
export interface Ended {
  readonly reason: LeaveReason;
  readonly error?: CommandError;
}

/** A message of another that came live, for whoever listens to the page. */
export interface News {
  /** How many, since the page was drawn last. */
  readonly count: number;
  readonly last: Message;
}

/** What is on the screen of a conversation, as signals that a view reads. */
export abstract class ShownConversation {
  protected readonly shown = {
    entries: signal<readonly Entry[]>([]),
    members: signal<readonly Member[]>([]),
    memberCount: signal(0),
    typing: signal<readonly string[]>([]),
    unread: signal(0),
    hasOlder: signal(false),
    hasNewer: signal(false),
    loading: signal<'older' | 'newer' | null>(null),
    error: signal<CommandError | null>(null),
    ended: signal<Ended | null>(null),
    ready: signal(false),
    news: signal<News | null>(null),
    missedBelow: signal(0),
  };

  /** Messages in their order, own ones on their way, and what stands between them. */
  get entries(): ReadonlySignal<readonly Entry[]> {
    return this.shown.entries;
  }

  /** Of a room, by their names, as far as they are told of: in large rooms only `memberCount` is. */
  get members(): ReadonlySignal<readonly Member[]> {
    return this.shown.members;
  }

  get memberCount(): ReadonlySignal<number> {
    return this.shown.memberCount;
  }

  /** User ids of others who are typing. */
  get typing(): ReadonlySignal<readonly string[]> {
    return this.shown.typing;
  }

  /** Messages of others that were not on the screen of any device yet. */
  get unread(): ReadonlySignal<number> {
    return this.shown.unread;
  }

  get hasOlder(): ReadonlySignal<boolean> {
    return this.shown.hasOlder;
  }

  get hasNewer(): ReadonlySignal<boolean> {
    return this.shown.hasNewer;
  }

  /** Which end is being read. */
  get loading(): ReadonlySignal<'older' | 'newer' | null> {
    return this.shown.loading;
  }

  /** What went wrong when it was opened or read; null once it went well. */
  get error(): ReadonlySignal<CommandError | null> {
    return this.shown.error;
  }

  /** Out of it, and not coming back by itself. `open` tries again. */
  get ended(): ReadonlySignal<Ended | null> {
    return this.shown.ended;
  }

  /** Whether it was entered once: before, nothing is known. */
  get ready(): ReadonlySignal<boolean> {
    return this.shown.ready;
  }

  /** What others wrote just now, for who listens; null until then. */
  get news(): ReadonlySignal<News | null> {
    return this.shown.news;
  }

  /** Messages that came since the end of the conversation was on the screen. */
  get missedBelow(): ReadonlySignal<number> {
    return this.shown.missedBelow;
  }
}
