/** What a connection costs: to open, with a token or without, and to hold. */
import { randomBytes } from 'node:crypto';
import { signToken } from '../token.mjs';
import { figuresOf, load, onFreshServer, trafficOf } from './work.mjs';

/** Asks a server on Node to collect its garbage (servers/gc-on-signal.mjs). */
const SIGUSR2 = '12';
const AT_ONCE = 64;
const USERS = 1000;
const PERMISSIONS = ['read:message', 'join:room', 'send:message'];

const handshakes = (key, title, { suits, options, args, values }) => ({
  key,
  title,
  unit: 'handshake',
  figures: ['cpu_us', 'per_s', 'p50_ms', 'p99_ms', 'bytes'],
  suits,
  measure: (peer, plan) =>
    onFreshServer(
      peer,
      async (server) =>
        figuresOf(
          await load(
            server,
            peer.wire,
            [
              '--mode',
              'connect',
              '--conns',
              String(AT_ONCE),
              ...trafficOf(plan),
              ...peer.wire.greet,
              ...args(peer.wire),
            ],
            values,
          ),
        ),
      options,
    ),
});

const secret = randomBytes(48).toString('hex');
const tokens = Array.from({ length: USERS }, (_, user) => signToken(secret, `user-${user}`, PERMISSIONS));

const idle = {
  key: 'D',
  title: 'idle connection',
  unit: 'connection',
  figures: ['kb'],
  connections: ({ idle }) => idle[1],
  suits: () => true,
  /** The slope between two numbers of connections, so that what the process needs anyway does not count. */
  async measure(peer, plan) {
    const memory = [];
    let last;
    for (const conns of plan.idle) {
      last = await onFreshServer(peer, (server) =>
        load(server, peer.wire, [
          ...['--mode', 'idle', '--conns', String(conns), '--hold', String(plan.hold), ...peer.wire.greet],
          ...(peer.packages === undefined ? ['--gc-signal', SIGUSR2] : []),
        ]),
      );
      memory.push(last.rss_kb.end);
    }
    const [few, many] = plan.idle;
    return { ...figuresOf(last), kb: (memory[1] - memory[0]) / (many - few) };
  },
};

export const connectionRows = [
  handshakes('H', `open, be greeted, close: ${AT_ONCE} at once`, { suits: () => true, args: () => [] }),
  handshakes('HT', 'open with a signed token, be greeted, close', {
    suits: ({ wire }) => wire.token !== undefined,
    options: { secret },
    args: ({ token }) => token,
    values: tokens,
  }),
  idle,
];
