export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | undefined;
}

/** Goes through pages, each read when one comes to it. */
export async function* pages<T>(read: (cursor: { cursor?: string }) => Promise<Page<T>>): AsyncGenerator<T> {
  for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
    const { items, next } = await read(cursor === undefined ? {} : { cursor });
    yield* items;
    cursor = next;
  }
}
