/** The judge is judged: `node --test bench/load.test.mjs` (not in CI, as it needs a C compiler). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { before, test } from 'node:test';
import { WebSocketServer } from 'ws';
import { compileLoad, runLoad } from './load.mjs';

const MEMBERS = 5;
/** The delivery, counted over all of them, that goes wrong. */
const NTH = 42;
const FANOUT = [
  ...[
    '--mode',
    'fanout',
    '--conns',
    String(MEMBERS),
    '--rooms',
    '1',
    '--warmup',
    '0.1',
    '--secs',
    '0.2',
    '--drain',
    '0.3',
  ],
  ...['--settle', '0.05', '--window', '4', '--no-echo', '--pub', '%P', '--expect', 'hello'],
];

before(compileLoad);

/** A room whose `fault` decides what is sent instead of delivery number NTH; its `answer` goes to senders. */
async function load(fault, args = FANOUT, answer = () => undefined) {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  let deliveries = 0;
  const held = new Map();
  server.on('connection', (socket) => {
    socket.send('hello');
    socket.on('message', (frame) => {
      const text = String(frame);
      for (const member of server.clients) {
        if (member === socket) continue;
        const due = ++deliveries === NTH ? fault(text, member, held) : [text, ...(held.get(member) ?? [])];
        if (deliveries !== NTH) held.delete(member);
        for (const each of due) member.send(each);
      }
      const answered = answer(text);
      if (answered !== undefined) socket.send(answered);
    });
  });
  try {
    return await runLoad({ address: server.address(), pids: [process.pid] }, args);
  } finally {
    for (const client of server.clients) client.terminate();
    server.close();
  }
}

test('a server that does right is measured', async () => {
  const result = await load((text) => [text]);
  assert.ok(result.units > NTH, String(result.units));
  assert.equal(result.expected, result.delivered);
  assert.ok(result.bytes_per_unit > 128 && result.bytes_per_unit < 140, String(result.bytes_per_unit));
});

test('one lost delivery fails the run, also when later ones arrive', () =>
  assert.rejects(
    load(() => []),
    /lost: 1, gaps: 1/,
  ));

test('one repeated delivery fails the run', () =>
  assert.rejects(
    load((text) => [text, text]),
    /repeats: 1/,
  ));

test('two deliveries in the wrong order fail the run, though none is missing', () =>
  assert.rejects(
    load((text, member, held) => {
      held.set(member, [text]);
      return [];
    }),
    /gaps: 1, repeats: 1/,
  ));

test('a message of nobody fails the run', () =>
  assert.rejects(
    load((text) => [text.replace('"k":1000', '"k":1007')]),
    /strays: 1/,
  ));

test('an answer that does not come, or comes twice, fails the run', async () => {
  let n = 0;
  const acked = [...FANOUT, '--ack', 'ok'];
  await load(
    (text) => [text],
    acked,
    () => 'ok',
  );
  await assert.rejects(
    load(
      (text) => [text],
      acked,
      () => (++n === 7 ? undefined : 'ok'),
    ),
    /lost acks: 1/,
  );
});

test('a refusal fails the run', () =>
  assert.rejects(
    load(
      (text) => [text],
      [...FANOUT, '--refuse', 'error'],
      () => (Math.random() < 0.5 ? 'error' : undefined),
    ),
    /refusals/,
  ));

test('who was given a part of what he missed has not recovered', async () => {
  const stamp = (number) => `{"t":1000000000000001,"k":1000,"n":${100_000_000 + number},"p":""}`;
  const recover = async (numbers) => {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    await once(server, 'listening');
    server.on('connection', (socket) => socket.send(`[${numbers.map(stamp).join()}]`));
    const args = [
      '--mode',
      'idle',
      '--conns',
      '3',
      '--hold',
      '0',
      '--settle',
      '0',
      '--recover',
      '3-5',
      '--max-time',
      '2',
    ];
    try {
      return await runLoad({ address: server.address(), pids: [process.pid] }, args);
    } finally {
      for (const client of server.clients) client.terminate();
      server.close();
    }
  };
  assert.equal((await recover([3, 4, 5])).units, 3);
  await assert.rejects(recover([3, 5]), /gaps: 3/);
  await assert.rejects(recover([4, 3, 5]), /repeats: 3/);
  await assert.rejects(recover([3, 4]), /max-time|no progress/);
});
