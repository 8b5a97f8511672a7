import { answered, completed, type Database, type Factory, type Locks } from './indexed-db.js';
import { idOf, type KeptMessage, type OutboxStore } from './outbox-store.js';

export interface IndexedDbOutboxOptions {
  /** Of the database. @default 'hubbub-outbox' */
  readonly name?: string;
  /** For tests. @default the page's */
  readonly indexedDB?: Factory | undefined;
  /** For tests. @default the page's; pages without TLS have none */
  readonly locks?: Locks | undefined;
}

/** A message as the database has it. */
interface Row {
  readonly id: string;
  /** The store that sends it. */
  readonly owner: string;
  readonly message: KeptMessage;
}

/** The database while it is open, under the name that the others know this store by. */
interface Opened {
  readonly database: Database;
  readonly owner: string;
  readonly letGo: () => void;
}

const TABLE = 'messages';
const BY_USER = 'user';

/**
 * An outbox in the browser's database. Any number of tabs share it: a message is with the tab that it was written in, and
 * once that is gone, as its Web Lock tells, with another. Where there are no Web Locks, who begins takes all that is there:
 * two tabs may send one message, which its key makes harmless. Where there is no database, whatever it is asked rejects.
 */
export function indexedDbOutbox(options: IndexedDbOutboxOptions = {}): OutboxStore {
  const page = globalThis as { indexedDB?: Factory; navigator?: { locks?: Locks } };
  const { name = 'hubbub-outbox', indexedDB = page.indexedDB } = options;
  return new IndexedDbOutbox(name, indexedDB, 'locks' in options ? options.locks : page.navigator?.locks);
}

class IndexedDbOutbox implements OutboxStore {
  /** Another after each end: what was let go of is then as that of anybody who is gone. */
  private owner = newId();
  private opening: Promise<Opened> | null = null;
  /** Others that were alive when they were met. */
  private readonly watched = new Set<string>();
  /** Of whom all was taken, where no lock tells who is alive. */
  private readonly served = new Set<string>();

  constructor(
    private readonly name: string,
    private readonly factory: Factory | undefined,
    private readonly locks: Locks | undefined,
  ) {}

  async take(userId: string, more: () => void): Promise<readonly KeptMessage[]> {
    const opened = await this.open();
    const owners = new Set((await this.rows(opened.database, userId)).map(({ owner }) => owner));
    owners.delete(opened.owner);
    const taken: KeptMessage[] = [];
    for (const owner of owners) {
      const claim = () => this.claim(opened, userId, owner);
      taken.push(...(await (this.locks ? this.ifGone(this.locks, owner, claim, more) : this.once(userId, claim))));
    }
    this.served.add(userId);
    return taken.sort((a, b) => a.order - b.order);
  }

  async write(put: readonly KeptMessage[], remove: readonly KeptMessage[]): Promise<void> {
    const { database, owner } = await this.open();
    const transaction = database.transaction(TABLE, 'readwrite');
    const table = transaction.objectStore(TABLE);
    for (const message of put) table.put(rowOf(message, owner));
    for (const message of remove) table.delete(idOf(message));
    await completed(transaction);
  }

  async close(): Promise<void> {
    const { opening } = this;
    this.opening = null;
    this.owner = newId();
    this.served.clear();
    const opened = await opening?.catch(() => null);
    opened?.database.close();
    opened?.letGo();
  }

  private async rows(database: Database, userId: string): Promise<Row[]> {
    const table = database.transaction(TABLE, 'readonly').objectStore(TABLE);
    return (await answered(table.index(BY_USER).getAll(userId))) as Row[];
  }

  /** Makes what another store had this one's, unless a third was quicker. */
  private async claim({ database, owner }: Opened, userId: string, former: string): Promise<KeptMessage[]> {
    const transaction = database.transaction(TABLE, 'readwrite');
    const written = completed(transaction);
    // Told by the read too, which is waited for first.
    written.catch(() => {});
    const table = transaction.objectStore(TABLE);
    const rows = (await answered(table.index(BY_USER).getAll(userId))) as Row[];
    const messages = rows.filter((row) => row.owner === former).map(({ message }) => message);
    for (const message of messages) table.put(rowOf(message, owner));
    await written;
    return messages;
  }

  /** While one has the lock of another's, nobody else takes what that one had. */
  private ifGone(locks: Locks, owner: string, claim: () => Promise<KeptMessage[]>, more: () => void) {
    return locks.request(this.lockOf(owner), { ifAvailable: true }, (lock) => {
      if (lock !== null) return claim();
      if (!this.watched.has(owner)) {
        this.watched.add(owner);
        void locks.request(this.lockOf(owner), {}, () => this.watched.delete(owner)).then(more, () => {});
      }
      return [];
    });
  }

  private async once(userId: string, claim: () => Promise<KeptMessage[]>): Promise<KeptMessage[]> {
    return this.served.has(userId) ? [] : claim();
  }

  private open(): Promise<Opened> {
    this.opening ??= this.connect().catch((error: unknown) => {
      this.opening = null;
      throw error;
    });
    return this.opening;
  }

  private async connect(): Promise<Opened> {
    const { owner } = this;
    if (!this.factory) throw new Error('there is no IndexedDB here');
    const request = this.factory.open(this.name, 1);
    request.addEventListener('upgradeneeded', () => {
      request.result.createObjectStore(TABLE, { keyPath: 'id' }).createIndex(BY_USER, 'message.userId');
    });
    const database = await answered(request);
    let letGo = () => {};
    // The browser may close it, and somebody may want to delete it: the next that is asked opens it again.
    const forget = () => {
      if (this.owner === owner) this.opening = null;
      letGo();
    };
    database.addEventListener('close', forget);
    database.addEventListener('versionchange', () => {
      forget();
      database.close();
    });
    letGo = await this.hold(owner);
    return { database, owner, letGo };
  }

  /** Says to the others that this one is alive, until it lets go or its page is gone. */
  private hold(owner: string): Promise<() => void> {
    const { locks } = this;
    return new Promise((held, failed) => {
      const work = () => new Promise<void>((letGo) => held(letGo));
      if (locks) locks.request(this.lockOf(owner), {}, work).catch(failed);
      else held(() => {});
    });
  }

  private lockOf(owner: string): string {
    return `${this.name}:${owner}`;
  }
}

function rowOf(message: KeptMessage, owner: string): Row {
  return { id: idOf(message), owner, message };
}

function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join('');
}
