/** What can be on the screen: a room, or what one has with another person. */
export type Target = { readonly kind: 'room'; readonly id: string } | { readonly kind: 'direct'; readonly id: string };

const PLACES = { room: 'room', direct: 'user' } as const;

/** One text for each target, as a key. */
export function keyOf({ kind, id }: Target): string {
  return `${kind} ${id}`;
}

/** The address within the page: `#/room/lobby`, `#/user/bob`. Null is the page without a target. */
export function hashOf(target: Target | null): string {
  return target === null ? '#/' : `#/${PLACES[target.kind]}/${encodeURIComponent(target.id)}`;
}

/** @returns null for whatever is no address of a target */
export function targetOf(hash: string): Target | null {
  const [, place, encoded] = /^#\/(room|user)\/([^/?]+)$/.exec(hash) ?? [];
  if (place === undefined || encoded === undefined) return null;
  try {
    return { kind: place === 'room' ? 'room' : 'direct', id: decodeURIComponent(encoded) };
  } catch {
    return null;
  }
}

export function isSame(one: Target | null, other: Target | null): boolean {
  return one?.kind === other?.kind && one?.id === other?.id;
}
