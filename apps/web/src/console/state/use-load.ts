import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Load, Poll } from './poll.js';

/**
 * What a view shows of the gateway, asked while the view is there.
 * @param key what the question is about: another key asks another question, and shows the old answer until there is one
 */
export function useLoad<T>(load: Load<T>, key: string, everyMs: number | null = null): Poll<T> {
  const before = useRef<Poll<T> | null>(null);
  const poll = useMemo(() => new Poll(load, { everyMs, initial: before.current?.data.peek() ?? null }), [key]);
  before.current = poll;
  useEffect(() => poll.start(), [poll]);
  return poll;
}

export interface Pages<T> {
  readonly poll: Poll<T>;
  /** From 1. */
  readonly page: number;
  /** Null where there is none. */
  readonly next: (() => void) | null;
  readonly previous: (() => void) | null;
}

/** A list by pages of a cursor; the page holds one of them at a time. @param filter another one begins at its first page */
export function usePages<T extends { readonly next_cursor?: string }>(
  load: (cursor: string | undefined, signal: AbortSignal) => Promise<T>,
  filter: string,
  everyMs: number | null = null,
): Pages<T> {
  const [trail, setTrail] = useState<{ filter: string; cursors: readonly string[] }>({ filter, cursors: [] });
  const cursors = trail.filter === filter ? trail.cursors : [];
  const cursor = cursors.at(-1);
  const poll = useLoad<T>((signal) => load(cursor, signal), JSON.stringify([filter, cursor]), everyMs);
  const nextCursor = poll.data.value?.next_cursor;
  const isNew = nextCursor !== undefined && nextCursor !== cursor && !poll.loading.value;
  return {
    poll,
    page: cursors.length + 1,
    next: isNew ? () => setTrail({ filter, cursors: [...cursors, nextCursor] }) : null,
    previous: cursors.length > 0 ? () => setTrail({ filter, cursors: cursors.slice(0, -1) }) : null,
  };
}
