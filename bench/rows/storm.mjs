/** A node has gone, and everybody comes at once to the next one, to be given what he missed. */
import { payload } from '../payload.mjs';
import { figuresOf, load, onFreshServer } from './work.mjs';

const ROOMS = 50;
const STORED = 120;
const MISSED = 100;

const CONTENTS = Array.from({ length: STORED }, (_, n) => payload(n + 1));

export const stormRows = [
  {
    key: 'R',
    title: `reconnect storm, ${MISSED} missed messages each`,
    unit: 'recovery',
    figures: ['cpu_us', 'per_s', 'p50_ms', 'p99_ms', 'bytes'],
    connections: ({ storm }) => storm,
    suits: ({ wire }) => wire.recover !== undefined,
    measure: (peer, { storm }) =>
      onFreshServer(peer, async (server) => {
        const epochs = await server.keep(ROOMS, CONTENTS);
        const result = await load(
          server,
          peer.wire,
          [
            ...[
              '--mode',
              'idle',
              '--hold',
              '0',
              '--conns',
              String(storm),
              '--inflight',
              String(storm),
              '--rooms',
              String(ROOMS),
            ],
            ...peer.wire.recover(STORED - MISSED + 1, STORED),
          ],
          epochs,
        );
        return figuresOf(result);
      }),
  },
];
