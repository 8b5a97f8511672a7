/** A way for bytes between a worker and its primary: in order, whole, never lost while both live. */
export interface Channel {
  /** @param sent called when the bytes have left this process, or never will */
  send(bytes: Uint8Array, sent: () => void): void;
  onBytes(listener: (bytes: Uint8Array) => void): void;
  onClose(listener: () => void): void;
}

/** Told apart from what an application sends by the same pipe, and from Node's own. */
interface Parcel {
  readonly hubbubBus: Uint8Array;
}

/** What a process, a child process and a worker of a cluster have in common. */
export interface Pipe {
  send(message: object, handle: undefined, options: object, sent: () => void): boolean;
  on(event: string, listener: (message: unknown) => void): unknown;
}

/** The pipe between a primary and its worker; both need `serialization: 'advanced'`, which carries bytes as they are. */
export function pipeChannel(pipe: Pipe): Channel {
  return {
    // A pipe that is closed tells so by its event.
    send: (hubbubBus, sent) => void pipe.send({ hubbubBus } satisfies Parcel, undefined, {}, () => sent()),
    onBytes: (listener) => {
      pipe.on('message', (message) => {
        const bytes = (message as Partial<Parcel> | null)?.hubbubBus;
        if (bytes instanceof Uint8Array) listener(bytes);
      });
    },
    onClose: (listener) => void pipe.on('disconnect', listener),
  };
}

/** Two ends in one process. */
export function memoryChannels(): [Channel, Channel] {
  const listeners: ((bytes: Uint8Array) => void)[][] = [[], []];
  const end = (own: number): Channel => ({
    send: (bytes, sent) => {
      setImmediate(() => {
        sent();
        for (const listener of listeners[1 - own] ?? []) listener(bytes);
      });
    },
    onBytes: (listener) => void listeners[own]?.push(listener),
    onClose: () => {},
  });
  return [end(0), end(1)];
}
