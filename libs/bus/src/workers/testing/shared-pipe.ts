import type { Channel, Pipe } from '../channel.js';

/** What a channel of many sends by a pipe. */
interface Labelled {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** One of several channels that share a pipe, so that a test can be several workers of a primary that is another process. */
export function sharedChannel(pipe: Pipe, name: string): Channel {
  return {
    send: (bytes, sent) => void pipe.send({ name, bytes } satisfies Labelled, undefined, {}, () => sent()),
    onBytes: (listener) => {
      pipe.on('message', (message) => {
        const { name: to, bytes } = message as Labelled;
        if (to === name) listener(bytes);
      });
    },
    onClose: (listener) => void pipe.on('disconnect', listener),
  };
}

/** Calls `attach` with a channel of each name that is heard of. */
export function sharedChannels(pipe: Pipe, attach: (channel: Channel) => void): void {
  const listeners = new Map<string, (bytes: Uint8Array) => void>();
  pipe.on('message', (message) => {
    const { name, bytes } = message as Labelled;
    if (!listeners.has(name)) {
      attach({ ...sharedChannel(pipe, name), onBytes: (listener) => void listeners.set(name, listener) });
    }
    listeners.get(name)?.(bytes);
  });
}
