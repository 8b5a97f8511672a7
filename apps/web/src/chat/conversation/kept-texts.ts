/** What a tab keeps over a reload, at once: `sessionStorage`, or nothing where there is none. */
export interface TabStorage {
  getItem(name: string): string | null;
  setItem(name: string, text: string): void;
  removeItem(name: string): void;
}

/** A text that was sent, and that the outbox has not said it keeps. */
export interface Handed {
  /** Its `idempotency_key`. */
  readonly key: string;
  readonly text: string;
  /** Unix ms. */
  readonly at: number;
}

/**
 * What somebody wrote in one conversation, until the outbox keeps it: the draft, and what was sent this moment. The outbox
 * writes to its store in its own time; without this, a reload right after Enter would lose the text.
 */
export class KeptTexts {
  private memory: Handed[];

  /** @param name of the conversation and the user */
  constructor(
    private readonly name: string,
    private readonly storage: TabStorage | null = tabStorage(),
  ) {
    this.memory = this.read();
  }

  get draft(): string {
    return this.attempt((storage) => storage.getItem(`hubbub:draft:${this.name}`)) ?? '';
  }

  set draft(text: string) {
    this.put(`hubbub:draft:${this.name}`, text);
  }

  get handed(): readonly Handed[] {
    return this.memory;
  }

  /** From the draft to those that were sent. */
  hand(one: Handed): void {
    this.memory.push(one);
    this.write();
    this.draft = '';
  }

  /** The outbox keeps it, or it is done with. */
  drop(key: string): void {
    const rest = this.memory.filter((one) => one.key !== key);
    if (rest.length === this.memory.length) return;
    this.memory = rest;
    this.write();
  }

  private write(): void {
    this.put(`hubbub:handed:${this.name}`, this.memory.length === 0 ? '' : JSON.stringify(this.memory));
  }

  private read(): Handed[] {
    try {
      const found: unknown = JSON.parse(
        this.attempt((storage) => storage.getItem(`hubbub:handed:${this.name}`)) ?? '[]',
      );
      return Array.isArray(found) ? found.filter(isHanded) : [];
    } catch {
      return [];
    }
  }

  private put(name: string, text: string): void {
    this.attempt((storage) => (text === '' ? storage.removeItem(name) : storage.setItem(name, text)));
  }

  /** A full or forbidden storage is as none: what was written is on the screen still. */
  private attempt<T>(use: (storage: TabStorage) => T): T | undefined {
    try {
      return this.storage === null ? undefined : use(this.storage);
    } catch {
      return undefined;
    }
  }
}

function isHanded(value: unknown): value is Handed {
  const { key, text, at } = (value ?? {}) as Partial<Handed>;
  return typeof key === 'string' && typeof text === 'string' && typeof at === 'number';
}

function tabStorage(): TabStorage | null {
  try {
    return globalThis.sessionStorage ?? null;
  } catch {
    return null;
  }
}
