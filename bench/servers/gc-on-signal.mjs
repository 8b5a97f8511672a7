/** Preloaded into every server: the load generator asks for a collection, so that garbage is not counted as memory of a connection. */
process.on('SIGUSR2', () => globalThis.gc());
