import type { SqliteJob } from '../sqlite-thread.worker.js';

export type NoteRequest =
  | { readonly add: string }
  /** Adds nothing before somebody wakes it. */
  | { readonly add: string; readonly asleep: Int32Array }
  /** Adds it, and cannot answer: the thread breaks down. */
  | { readonly add: string; readonly isLast: true };

const UNANSWERABLE = {
  get count(): number {
    throw new Error('broken');
  },
};

/** Stores notes by their ids, and answers how many there are. */
export const job: SqliteJob<null, NoteRequest, number> = (db) => {
  const insert = db.prepare<[string]>("INSERT INTO note VALUES (?, '')");
  const count = db.prepare<[], number>('SELECT count(*) FROM note').pluck();
  return (request) => {
    if ('asleep' in request) Atomics.wait(request.asleep, 0, 0);
    insert.run(request.add);
    if ('isLast' in request) return UNANSWERABLE as unknown as number;
    return count.get() ?? 0;
  };
};
