/** Who waits for one. */
interface Waiter<T> {
  readonly matches: (item: T) => boolean;
  readonly take: (item: T) => void;
  readonly fail: (why: string) => void;
  /** By what `matches` has thrown. */
  readonly refuse: (error: unknown) => void;
}

/** All of one kind. */
interface Kind<T> {
  readonly items: T[];
  /** All before this place were taken. */
  first: number;
  readonly waiters: Set<Waiter<T>>;
}

export interface Wanted<T> {
  /** @default any */
  readonly kind?: string | undefined;
  /** @default all of the kind */
  readonly matches?: (item: T) => boolean;
  /** For the words of a failure. */
  readonly what: string;
}

export interface ArrivalsOptions<T> {
  readonly kindOf: (item: T) => string;
  /** One item in a few words, for those of a failure. */
  readonly inWords: (item: T) => string;
  /** Who waits. */
  readonly name: string;
  /** Longest time that anybody waits. @default 4000, or what the environment variable TEST_PATIENCE_MS says */
  readonly patienceMs?: number | undefined;
}

/** Below the five seconds after which Jest and Vitest end a test without knowing what it waited for. */
const PATIENCE_MS = 4000;
const SHOWN = 12;
/** The real ones, also for a test that has put others in their place. */
const { setTimeout, clearTimeout } = globalThis;

/**
 * What comes in order, and is taken once by whoever waits for it. It costs the same for the first item as for the
 * ten thousandth: items and waiters of other kinds are not looked at. Who waits in vain is told what came instead.
 */
export class Arrivals<T extends object> {
  /** Everything so far. */
  readonly all: T[] = [];
  private readonly taken = new Set<T>();
  private readonly kinds = new Map<string, Kind<T>>();
  private readonly anyWaiters = new Set<Waiter<T>>();
  private readonly watchers = new Set<{ look: () => void; fail: (why: string) => void }>();
  private readonly patienceMs: number;
  private ended: string | undefined;

  constructor(private readonly options: ArrivalsOptions<T>) {
    this.patienceMs = options.patienceMs ?? Number(process.env['TEST_PATIENCE_MS'] ?? PATIENCE_MS);
  }

  /** Everything of a kind so far. */
  of(kind: string): readonly T[] {
    return this.kinds.get(kind)?.items ?? [];
  }

  add(item: T): void {
    this.all.push(item);
    const kind = this.kind(this.options.kindOf(item));
    kind.items.push(item);
    const waiter = find(kind.waiters, item) ?? find(this.anyWaiters, item);
    if (waiter !== undefined) {
      this.taken.add(item);
      waiter.take(item);
    }
    for (const { look } of this.watchers) look();
  }

  /** Nothing comes any more. @param why in words */
  end(why: string): void {
    this.ended = why;
    for (const { look } of this.watchers) look();
    const waiters = [...this.anyWaiters, ...this.watchers];
    for (const kind of this.kinds.values()) waiters.push(...kind.waiters);
    for (const { fail } of waiters) fail(why);
  }

  /** The first that nobody has taken yet, here or still to come. @throws Error that says what came instead */
  take({ kind: name, matches = () => true, what }: Wanted<T>): Promise<T> {
    const found = this.untaken(name, matches);
    if (found !== undefined) {
      this.taken.add(found);
      return Promise.resolve(found);
    }
    if (this.ended !== undefined) return Promise.reject(this.failure(what, this.ended, name));
    const waiters = name === undefined ? this.anyWaiters : this.kind(name).waiters;
    return this.patiently(what, name, (take, fail, refuse) => {
      const waiter = { matches, take, fail, refuse };
      waiters.add(waiter);
      return () => waiters.delete(waiter);
    });
  }

  /** Resolves once `condition` holds; looked at with every item and at the end. @throws Error that says what came instead */
  until(condition: () => boolean, what = 'what the test waits for'): Promise<void> {
    if (condition()) return Promise.resolve();
    if (this.ended !== undefined) return Promise.reject(this.failure(what, this.ended));
    return this.patiently<void>(what, undefined, (resolve, fail, refuse) => {
      const look = () => {
        if (holds(condition, refuse)) resolve();
      };
      const watcher = { look, fail };
      this.watchers.add(watcher);
      return () => this.watchers.delete(watcher);
    });
  }

  private untaken(name: string | undefined, matches: (item: T) => boolean): T | undefined {
    const isFree = (item: T) => !this.taken.has(item) && matches(item);
    if (name === undefined) return this.all.find(isFree);
    const kind = this.kind(name);
    const { items } = kind;
    while (kind.first < items.length && this.taken.has(items[kind.first] as T)) kind.first++;
    for (let at = kind.first; at < items.length; at++) if (isFree(items[at] as T)) return items[at];
    return undefined;
  }

  /** @param enlist puts a waiter on its list and returns what takes it off */
  private patiently<R>(
    what: string,
    kind: string | undefined,
    enlist: (resolve: (result: R) => void, fail: (why: string) => void, refuse: (error: unknown) => void) => () => void,
  ): Promise<R> {
    // Made here: its stack leads to the line that waits.
    const error = new Error();
    return new Promise((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        leave();
      };
      const fail = (why: string) => {
        settle();
        reject(this.failure(what, why, kind, error));
      };
      const timer = setTimeout(() => fail(`it did not come within ${this.patienceMs} ms`), this.patienceMs);
      // Who waits for nothing any more keeps no process.
      timer.unref();
      const leave = enlist(
        (result) => {
          settle();
          resolve(result);
        },
        fail,
        (thrown) => {
          settle();
          reject(thrown);
        },
      );
    });
  }

  private failure(what: string, why: string, kind?: string, error = new Error()): Error {
    const { name, inWords } = this.options;
    const others = kind === undefined ? [] : this.of(kind).filter((item) => !this.taken.has(item));
    const last = others.at(-1);
    const lines = [
      `${name} waited for ${what}, but ${why}.`,
      ...(last === undefined ? [] : [`${others.length} of that type did not match, the last: ${shortened(last)}`]),
      `It got ${this.all.length === 0 ? 'nothing' : listed(this.all.map(inWords))}.`,
    ];
    const at = error.stack?.slice(error.stack.indexOf('\n    at ')) ?? '';
    error.message = lines.join('\n');
    error.stack = `Error: ${error.message}${at}`;
    return error;
  }

  private kind(name: string): Kind<T> {
    let kind = this.kinds.get(name);
    if (kind === undefined) this.kinds.set(name, (kind = { items: [], first: 0, waiters: new Set() }));
    return kind;
  }
}

function find<T>(waiters: ReadonlySet<Waiter<T>>, item: T): Waiter<T> | undefined {
  for (const waiter of waiters) if (holds(() => waiter.matches(item), waiter.refuse)) return waiter;
  return undefined;
}

/** What a test has written may throw: that is told to the line that waits, not to the socket that brings the frame. */
function holds(condition: () => boolean, refuse: (error: unknown) => void): boolean {
  try {
    return condition();
  } catch (error) {
    refuse(error);
    return false;
  }
}

/** The last of them, and those that follow each other as one. */
function listed(words: readonly string[]): string {
  const runs: { word: string; times: number }[] = [];
  for (const word of words) {
    const last = runs.at(-1);
    if (last?.word === word) last.times++;
    else runs.push({ word, times: 1 });
  }
  const shown = runs.slice(-SHOWN).map(({ word, times }) => (times === 1 ? word : `${word} (${times} times)`));
  return `${runs.length > SHOWN ? '…, ' : ''}${shown.join(', ')}`;
}

function shortened(item: object): string {
  const text = JSON.stringify(item);
  return text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
