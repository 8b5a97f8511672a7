import { effect, type ReadonlySignal, signal, untracked } from '@preact/signals';
import type { OpenConversation } from './entries.js';
import { keyOf, type Target } from './target.js';

/** The conversations that this page holds: opened with the first look at each, and kept until it is left. */
export class OpenConversations<C extends OpenConversation> {
  private readonly open = signal<ReadonlyMap<string, { readonly target: Target; readonly conversation: C }>>(new Map());
  /** Whether somebody can see this page. */
  private readonly visible = signal(document.visibilityState === 'visible');
  private readonly stop: readonly (() => void)[];

  /** @param selected on the screen; null for none */
  constructor(
    private readonly selected: ReadonlySignal<Target | null>,
    private readonly make: (target: Target) => C,
  ) {
    this.stop = [this.watchVisibility(), effect(() => this.activate())];
  }

  obtain(target: Target): C {
    const known = this.open.peek().get(keyOf(target));
    if (known !== undefined) return known.conversation;
    const conversation = this.make(target);
    this.open.value = new Map([...this.open.peek(), [keyOf(target), { target, conversation }]]);
    conversation.open().catch(() => {});
    return conversation;
  }

  /** Only if it is open. */
  get(target: Target): C | undefined {
    return this.open.value.get(keyOf(target))?.conversation;
  }

  get all(): readonly C[] {
    return [...this.open.value.values()].map(({ conversation }) => conversation);
  }

  /** Ids of the rooms among them. */
  get roomIds(): readonly string[] {
    return [...this.open.peek().values()].flatMap(({ target }) => (target.kind === 'room' ? [target.id] : []));
  }

  drop(target: Target): void {
    const open = new Map(this.open.peek());
    open.get(keyOf(target))?.conversation.dispose();
    if (open.delete(keyOf(target))) this.open.value = open;
  }

  dispose(): void {
    for (const stop of this.stop) stop();
    for (const { conversation } of this.open.value.values()) conversation.dispose();
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
      for (const [key, { conversation }] of open) conversation.active = selected !== null && key === keyOf(selected);
    });
  }
}
