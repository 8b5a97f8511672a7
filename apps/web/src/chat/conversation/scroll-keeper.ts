/** So near the end, it counts as reached, px. */
const NEAR_END = 48;
/** So many screens before an end of what is there, more is asked for. */
const AHEAD = 1.5;

export interface ScrollKeeperHost {
  /** Whether what is there goes to the end of the conversation. */
  hasEnd(): boolean;
  /** The end was reached, or left. */
  following(isFollowing: boolean): void;
  /** An end of what is there is near. */
  near(end: 'older' | 'newer'): void;
}

/**
 * Keeps what somebody reads where it is, whatever is put in or taken out above and below it, and the end in sight for whoever
 * is there. By hand: `overflow-anchor` is not in every browser, and does not help at the top edge.
 */
export class ScrollKeeper {
  private following = true;
  private lastTop = 0;
  /** The first message that can be seen, and how far below the upper edge it is. */
  private anchor: { element: Element; offset: number } | null = null;
  private readonly observer: ResizeObserver;
  private lastHeight = 0;
  private readonly scrolled = () => {
    // Where what is there has become shorter, and longer again, the browser has moved it and nobody went up.
    if (this.following && this.scroller.scrollHeight !== this.lastHeight) this.restore();
    else this.remember();
  };

  /** @param content the only child of `scroller`, with one element for each entry; those of messages have `data-key` */
  constructor(
    private readonly scroller: HTMLElement,
    private readonly content: HTMLElement,
    private readonly host: ScrollKeeperHost,
  ) {
    this.observer = new ResizeObserver(() => this.restore());
    this.observer.observe(scroller);
    this.observer.observe(content);
    scroller.addEventListener('scroll', this.scrolled, { passive: true });
    this.restore();
  }

  get isFollowing(): boolean {
    return this.following;
  }

  /** Before anything changes: whoever scrolls is further by now than at the last event. */
  capture(): void {
    if (this.following) return;
    this.anchor = this.findAnchor();
    this.lastTop = this.scroller.scrollTop;
  }

  /** After anything changed: puts back what was at its place. */
  restore(): void {
    const { scroller, anchor } = this;
    if (this.following) scroller.scrollTop = scroller.scrollHeight;
    else if (anchor?.element.isConnected) {
      // What somebody has scrolled since the anchor was taken is his wish.
      const scrolled = scroller.scrollTop - this.lastTop;
      const moved = this.offsetOf(anchor.element) - (anchor.offset - scrolled);
      if (Math.abs(moved) >= 1) scroller.scrollTop += moved;
    }
    this.remember();
  }

  toEnd(): void {
    this.setFollowing(true);
    this.restore();
  }

  /** Puts an element at the upper edge. */
  show(element: Element): void {
    this.setFollowing(false);
    this.scroller.scrollTop += this.offsetOf(element) - 8;
    this.remember();
  }

  dispose(): void {
    this.observer.disconnect();
    this.scroller.removeEventListener('scroll', this.scrolled);
  }

  private remember(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const rest = scrollHeight - clientHeight - scrollTop;
    // What grows at the end carries it away from under whoever is there; only going up means to leave it.
    if (!this.host.hasEnd()) this.setFollowing(false);
    else if (rest <= NEAR_END) this.setFollowing(true);
    else if (scrollTop < this.lastTop - 1) this.setFollowing(false);
    this.lastTop = scrollTop;
    this.lastHeight = scrollHeight;
    this.anchor = this.findAnchor();
    if (scrollTop < clientHeight * AHEAD) this.host.near('older');
    if (rest < clientHeight * AHEAD) this.host.near('newer');
  }

  private setFollowing(following: boolean): void {
    if (following === this.following) return;
    this.following = following;
    this.host.following(following);
  }

  private findAnchor(): { element: Element; offset: number } | null {
    const element = this.firstSeen();
    return element && { element, offset: this.offsetOf(element) };
  }

  /** By halves, as each look at a place costs. */
  private firstSeen(): Element | null {
    const { children } = this.content;
    let low = 0;
    let high = children.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const element = children[middle] as Element;
      if (this.offsetOf(element) + element.clientHeight > 0) high = middle;
      else low = middle + 1;
    }
    // A day that is not the first any more loses its mark; messages stay.
    let element = children[low] ?? null;
    while (element !== null && !element.matches('[data-key]')) element = element.nextElementSibling;
    return element;
  }

  private offsetOf(element: Element): number {
    return element.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
  }
}
