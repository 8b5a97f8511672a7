import type { HubbubClient } from '@hubbub/client';
import { type ReadonlySignal, signal } from '@preact/signals';
import type { Api } from '../../shared/api.js';
import type { Session } from '../../shared/session.js';
import type { DirectEntry, Me, OpenConversation, RoomEntry } from './entries.js';
import { keyOf, type Target } from './target.js';

export interface ConnectionView {
  readonly state: HubbubClient['state'];
  /** With `offline`: when the next attempt begins, Unix ms. */
  readonly retryAt?: number;
}

export interface ChatOptions<C extends OpenConversation> {
  readonly client: HubbubClient;
  readonly session: Session;
  readonly api: Api;
  readonly open: (client: HubbubClient, target: Target, me: Me) => C;
}

/** Everything that the page shows of one person's chat, kept current by the pushes of the gateway. */
export class Chat<C extends OpenConversation = OpenConversation> {
  readonly client: HubbubClient;
  readonly session: Session;
  readonly api: Api;
  readonly me: Me;
  /** On the screen; null for none. */
  readonly selected: ReadonlySignal<Target | null>;
  readonly rooms: ReadonlySignal<readonly RoomEntry[]>;
  readonly directs: ReadonlySignal<readonly DirectEntry[]>;
  readonly connection: ReadonlySignal<ConnectionView>;
  private readonly conversations = new Map<string, C>();

  constructor(private readonly options: ChatOptions<C>) {
    this.client = options.client;
    this.session = options.session;
    this.api = options.api;
    const { userId, username } = options.session;
    this.me = { userId, username, state: () => ({}) };
    this.selected = signal(null);
    this.rooms = signal([]);
    this.directs = signal([]);
    this.connection = signal({ state: this.client.state });
  }

  /** The conversation of a target: opened with the first call, and kept while it is entered. */
  conversation(target: Target): C {
    const key = keyOf(target);
    let conversation = this.conversations.get(key);
    if (conversation === undefined) {
      this.conversations.set(key, (conversation = this.options.open(this.client, target, this.me)));
      void conversation.open();
    }
    return conversation;
  }
}
