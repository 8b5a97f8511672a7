/**
 * An address for a room of this name: what people can say and type, and what a search by its beginning finds. Empty where
 * the name has no letters of an address; the gateway makes one then.
 */
export function roomIdFor(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^a-z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 64);
}
