/** A port of the loopback that nobody listens on, for a server that must be told one or comes back to its own. */
export function freePort(): Promise<number>;
