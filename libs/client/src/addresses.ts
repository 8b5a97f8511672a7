interface Address {
  readonly url: string;
  /** Unix ms. */
  notBefore: number;
  /** Said at the last attempt that it is no gateway. */
  unfit: boolean;
}

/** The addresses of one cluster: where the next connection goes, and not before when. */
export class Addresses {
  /** Those tried last are at the end. */
  private readonly queue: Address[];

  /** @param random as `Math.random`: clients with the same list begin at different places of it */
  constructor(urls: readonly string[], random: () => number) {
    this.queue = [...new Set(urls)].map((url) => ({ url, notBefore: 0, unfit: false }));
    for (let at = this.queue.length - 1; at > 0; at--) {
      const other = Math.min(at, Math.floor(random() * (at + 1)));
      [this.queue[at], this.queue[other]] = [this.queue[other] as Address, this.queue[at] as Address];
    }
  }

  get count(): number {
    return this.queue.length;
  }

  /** Whether none of them is a gateway. */
  get isHopeless(): boolean {
    return this.queue.every(({ unfit }) => unfit);
  }

  /** How long it takes until one of them may be tried, in ms. */
  waitMs(now: number): number {
    return Math.max(0, Math.min(...this.queue.map(({ notBefore }) => notBefore)) - now);
  }

  /** The one to try: whichever may be tried first, and of several the one that was longest not tried. */
  take(now: number): string {
    const due = (address: Address) => Math.max(address.notBefore, now);
    const best = this.queue.reduce((first, address) => (due(address) < due(first) ? address : first));
    this.queue.splice(this.queue.indexOf(best), 1);
    this.queue.push(best);
    best.unfit = false;
    return best.url;
  }

  /** Not to be tried before `time` (Unix ms), unless all others ask for longer. */
  avoid(url: string, time: number): void {
    const address = this.find(url);
    if (address) address.notBefore = time;
  }

  /** Is no gateway, for all one can see. */
  reject(url: string): void {
    const address = this.find(url);
    if (address) address.unfit = true;
  }

  private find(url: string): Address | undefined {
    return this.queue.find((address) => address.url === url);
  }
}
