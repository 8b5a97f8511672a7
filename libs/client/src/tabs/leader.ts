import type { HubOptions } from './hub.js';
import { hold, type LocksLike, watch } from './locks.js';
import { newName, type PortLike, TABS_VERSION } from './wire.js';

export type ChannelFactory = (name: string) => PortLike;

export interface LeadershipOptions {
  /** Tells applications of one origin apart. */
  readonly name: string;
  readonly locks: LocksLike;
  readonly channel: ChannelFactory;
  readonly hub: Omit<HubOptions, 'lock' | 'watch'>;
}

/** On the channel that all tabs listen to. */
type Notice =
  /** A hub is here. */
  | { readonly type: 'here' }
  /** A tab looks for a hub, and waits on the channel of this name. */
  | { readonly type: 'seek'; readonly channel: string };

/**
 * One tab of all leads: it has the hub. Whoever gets the lock is the leader, and is so until its page is left; the others
 * wait for the lock. A tab and the hub have a channel for themselves, also where they are in the same page.
 */
export class Leadership {
  private readonly prefix: string;
  /** Those of this page that no hub has answered yet, by the names of their channels. */
  private readonly seeking = new Set<string>();
  private notices: PortLike | null = null;
  /** Ends the wait for the lock; null while this page does not ask for it. */
  private candidacy: AbortController | null = null;
  /** Ends the hub of this page. */
  private resign: (() => void) | null = null;

  constructor(private readonly options: LeadershipOptions) {
    this.prefix = `hubbub.tabs.${TABS_VERSION}.${options.name}`;
  }

  get isLeader(): boolean {
    return this.resign !== null;
  }

  /** A port on which a hub will answer as soon as there is one. */
  connect(): PortLike {
    if (this.notices === null) {
      this.notices = this.options.channel(this.prefix);
      this.notices.addEventListener('message', ({ data }) => {
        if ((data as Notice).type === 'here') for (const name of this.seeking) this.seek(name);
      });
    }
    if (this.candidacy === null) void this.stand(false);
    const name = `${this.prefix}.${newName()}`;
    const port = this.options.channel(name);
    this.seeking.add(name);
    port.addEventListener('message', () => this.seeking.delete(name));
    this.seek(name);
    return {
      postMessage: (message) => port.postMessage(message),
      addEventListener: port.addEventListener.bind(port),
      close: () => {
        this.seeking.delete(name);
        port.close();
      },
    };
  }

  /** Leads instead of whoever does: that one does not answer. */
  takeOver(): void {
    if (this.isLeader) return;
    this.candidacy?.abort();
    void this.stand(true);
  }

  /** The page is being left: another one is to lead. */
  leave(): void {
    this.candidacy?.abort();
    this.candidacy = null;
    this.resign?.();
    this.notices?.close();
    this.notices = null;
  }

  private async stand(steal: boolean): Promise<void> {
    const candidacy = new AbortController();
    this.candidacy = candidacy;
    const options = steal ? { steal } : { signal: candidacy.signal };
    let leads = false;
    const lead = () => {
      leads = true;
      return this.lead();
    };
    // Refused to one who has left, and lost to one who takes over.
    await this.options.locks.request(this.prefix, options, lead).catch(() => leads && this.resign?.());
    if (this.candidacy === candidacy) this.candidacy = null;
  }

  /** Has the hub until it resigns. */
  private async lead(): Promise<void> {
    // Most pages never lead: there is a SharedWorker, or another tab does.
    const { Hub } = await import('./hub.js');
    if (this.notices === null) return; // Left meanwhile.
    const { locks, channel } = this.options;
    const lock = `${this.prefix}.hub.${newName()}`;
    const release = await hold(locks, lock);
    const hub = new Hub({ ...this.options.hub, lock, watch: (name, gone) => watch(locks, name, gone) });
    const notices = channel(this.prefix);
    const known = new Set<string>();
    notices.addEventListener('message', ({ data }) => {
      const notice = data as Notice;
      if (notice.type !== 'seek' || known.has(notice.channel)) return;
      known.add(notice.channel);
      hub.connect(channel(notice.channel));
    });
    this.say(notices, { type: 'here' });
    await new Promise<void>((resolve) => {
      this.resign = () => {
        this.resign = null;
        hub.close();
        notices.close();
        release();
        resolve();
      };
    });
  }

  private seek(name: string): void {
    if (this.notices) this.say(this.notices, { type: 'seek', channel: name });
  }

  private say(channel: PortLike, notice: Notice): void {
    channel.postMessage(notice);
  }
}
