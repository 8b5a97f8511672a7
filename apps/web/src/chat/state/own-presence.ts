import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { onStored, readStored, writeStored } from '../../shared/stored.js';
import { harmlessLine } from '../conversation/markdown/harmless.js';
import type { OwnState } from './entries.js';

const ONLINE: OwnState = { status: 'online' };
const ONCE_IN_MS = 2000;

/** How a person shows himself: what he chose, and `away` by itself while nobody is there. The same in all tabs. */
export class OwnPresence {
  private readonly picked = signal<OwnState>(ONLINE);
  private readonly stop: (() => void)[] = [];
  private lastContradicted = 0;

  /** What others are shown. */
  readonly state: ReadonlySignal<OwnState> = computed(() => {
    const { picked } = this;
    const isAway = picked.value.status === 'online' && this.isIdle.value;
    return isAway ? { ...picked.value, status: 'away', idle: true } : picked.value;
  });

  /** @param key in the store @param send tells the gateway */
  constructor(
    private readonly key: string,
    private readonly isIdle: ReadonlySignal<boolean>,
    private readonly send: (state: OwnState) => void,
  ) {
    const read = () => {
      this.picked.value = readStored<OwnState>(key) ?? ONLINE;
    };
    read();
    this.stop.push(onStored(key, read));
    let told = JSON.stringify(ONLINE);
    this.stop.push(
      effect(() => {
        const text = JSON.stringify(this.state.value);
        if (text === told) return;
        told = text;
        send(this.state.value);
      }),
    );
  }

  get chosen(): ReadonlySignal<OwnState> {
    return this.picked;
  }

  /** What others are shown by now: a device of his on which nobody is calls him away, and he is here. */
  heard(state: unknown, now = Date.now()): void {
    const { idle } = (state ?? {}) as { readonly idle?: unknown };
    // Each room tells of it.
    if (idle !== true || this.isIdle.peek() || now - this.lastContradicted < ONCE_IN_MS) return;
    this.lastContradicted = now;
    this.send(this.state.peek());
  }

  choose(state: OwnState): void {
    const text = state.text?.trim();
    this.picked.value = { status: state.status, ...(text ? { text } : {}) };
    writeStored(this.key, this.picked.value);
  }

  dispose(): void {
    for (const stop of this.stop) stop();
  }
}

/** Of the state that a member's entry carries, whatever other clients put into it. */
export function stateOf(state: unknown): OwnState {
  const { status, text } = (state ?? {}) as Record<string, unknown>;
  return {
    status: status === 'away' || status === 'busy' ? status : 'online',
    ...(typeof text === 'string' && text !== '' ? { text: harmlessLine(text.slice(0, 140)) } : {}),
  };
}
