/** What is used of a page: the browser's window and document. */
export interface PageLike {
  readonly document: {
    readonly visibilityState: string;
    addEventListener(type: string, listener: () => void): void;
    removeEventListener(type: string, listener: () => void): void;
  };
  addEventListener(type: string, listener: (event: { persisted?: boolean }) => void): void;
  removeEventListener(type: string, listener: (event: { persisted?: boolean }) => void): void;
}

export interface PageEvents {
  /** The page is seen again, the network is back, or the browser lets it run on. */
  wake(): void;
  /** The browser believes that there is no network. */
  offline(): void;
  /** The page is put aside as it is, to be shown again perhaps: one with a connection open could not be. */
  suspend(): void;
}

/** The page that this runs in; undefined where there is none: in Node, in a worker. */
export function thisPage(): PageLike | undefined {
  const { document, addEventListener } = globalThis as Partial<PageLike>;
  return document && addEventListener ? (globalThis as unknown as PageLike) : undefined;
}

/** Follows the life of a page. @returns what ends it */
export function watchPage(page: PageLike, events: PageEvents): () => void {
  const { document } = page;
  const wake = () => events.wake();
  const seen = () => {
    if (document.visibilityState === 'visible') wake();
  };
  const listeners = [
    [document, 'visibilitychange', seen],
    // Chromium stops pages that were hidden for long.
    [document, 'resume', wake],
    [page, 'online', wake],
    [page, 'offline', () => events.offline()],
    [page, 'pagehide', ({ persisted }: { persisted?: boolean }) => persisted && events.suspend()],
    [page, 'pageshow', ({ persisted }: { persisted?: boolean }) => persisted && wake()],
  ] as const;
  for (const [target, type, listener] of listeners) target.addEventListener(type, listener as () => void);
  return () => {
    for (const [target, type, listener] of listeners) target.removeEventListener(type, listener as () => void);
  };
}
