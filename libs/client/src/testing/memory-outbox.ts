import { idOf, type KeptMessage, type OutboxStore } from '../outbox-store.js';

/** Ground that outlives the stores on it, as a database does. */
export type MemoryGround = Map<string, KeptMessage>;

/** A store whose content stays when it is thrown away. What is kept is copied: nothing of the run that wrote it lives on. */
export function memoryOutbox(ground: MemoryGround): OutboxStore {
  const known = new Set<string>();
  return {
    async take(userId) {
      const taken = [...ground].filter(([id, message]) => message.userId === userId && !known.has(id));
      for (const [id] of taken) known.add(id);
      return taken.map(([, message]) => message).sort((a, b) => a.order - b.order);
    },
    async write(put, remove) {
      for (const message of put) {
        ground.set(idOf(message), JSON.parse(JSON.stringify(message)) as KeptMessage);
        known.add(idOf(message));
      }
      for (const message of remove) ground.delete(idOf(message));
    },
    async close() {
      known.clear();
    },
  };
}
