import { RoomRecord } from './room-record.js';

type Frames = { message_type: string; request_id?: number; data: Record<string, unknown>; timestamp: number }[];

const room = { room_id: 'lobby', epoch: 'e' };
const frame = (message_type: string, data: object, request_id?: number) => ({
  message_type,
  data: { ...room, ...data },
  timestamp: 0,
  ...(request_id === undefined ? {} : { request_id }),
});
const joined = (seq = 0, more: object = {}, id = 1) =>
  frame('room_joined', { seq, recovered: false, messages: [], ...more }, id);
const push = (seq: number, content: unknown = seq) => frame('room_message', { seq, content });
const reply = (seq: number, more: object = {}) => frame('room_message_sent', { seq, ...more }, 100 + seq);

/** A client that got these frames; what it sent under id 100 + n had the content n. */
function client(name: string, frames: Frames, more: { ending?: unknown; since?: number } = {}) {
  const sent = Array.from({ length: 20 }, (_, n) => [100 + n, { data: { ...room, content: n } }] as const);
  const join = { data: { ...room, ...(more.since === undefined ? {} : { since: { seq: more.since } }) } };
  return { name, frames, posted: new Map<number, { data: unknown }>([[1, join], ...sent]), ending: more.ending };
}
const faultsOf = (...clients: ReturnType<typeof client>[]) => new RoomRecord('lobby', clients).faults();

describe('the record of a room', () => {
  it('is right where everybody has everything after his join, own messages as replies', () => {
    const alice = client('alice', [joined(), reply(1), push(2), reply(3)]);
    const bob = client('bob', [joined(1), push(2), push(3)]);
    expect(faultsOf(alice, bob)).toEqual([]);
  });

  it('names who misses what, also where only its sender knows of it', () => {
    const alice = client('alice', [joined(), reply(1), reply(2), reply(3), reply(4)]);
    expect(faultsOf(alice, client('bob', [joined(), push(1), push(3)]), client('cid', [joined()]))).toEqual([
      'bob in lobby misses 2, 4 of 4',
      'cid in lobby misses 1–4 of 4',
    ]);
  });

  it('names what came again, and what came late', () => {
    const frames = [joined(), push(2), push(1), push(1), push(3), push(3)];
    expect(faultsOf(client('bob', frames))).toEqual([
      'bob in lobby got 1, 3 again',
      'bob in lobby got 1 after a higher one',
    ]);
  });

  it('names who got another content than was sent', () => {
    const alice = client('alice', [joined(), reply(1)]);
    expect(faultsOf(alice, client('bob', [joined(), push(1, 'other')]))).toEqual([
      'bob in lobby has "other" at 1, where others have 1',
    ]);
    const erased = frame('room_message', { seq: 1, content: null, redacted: true });
    expect(faultsOf(alice, client('bob', [joined(), erased]))).toEqual([]);
  });

  it('does not know the content of a frame that a test has written itself, but its number', () => {
    const { posted: _, ...alice } = client('alice', [joined(), reply(1), reply(2)]);
    const raw = { ...alice, posted: new Map<number, never>() };
    const bob = client('bob', [joined(), push(1), push(2)]);
    expect(faultsOf(raw, bob)).toEqual([]);
    expect(faultsOf(bob, raw)).toEqual([]);
    expect(faultsOf(client('bob', [joined(), push(1)]), raw)).toEqual(['bob in lobby misses 2 of 2']);
    const back = joined(2, { recovered: true, missed: 1, messages: [push(2).data] });
    expect(faultsOf(bob, { ...raw, frames: [back] })).toEqual([]);
  });

  it('counts a repeat of a key as the first, for everybody else too', () => {
    const alice = client('alice', [joined(), reply(1), { ...reply(1, { duplicate: true }), request_id: 101 }]);
    expect(faultsOf(alice, client('bob', [joined()]))).toEqual(['bob in lobby misses 1 of 1']);
  });

  it('owes those who have gone nothing more, but no holes either', () => {
    const others = client('alice', [joined(), ...[1, 2, 3, 4].map((seq) => reply(seq))]);
    const kicked = [{ ...frame('connected', {}), data: { user_id: 'u' } }, joined(), push(1)];
    for (const gone of [
      client('bob', [joined(), push(1), frame('room_left', {})]),
      client('bob', [joined(), push(1)], { ending: { code: 1006 } }),
      client('bob', [...kicked, frame('member_kicked', { user_id: 'u' })]),
    ]) {
      expect(faultsOf(others, gone)).toEqual([]);
    }
    const holed = client('bob', [joined(), push(1), push(3), frame('room_left', {})]);
    expect(faultsOf(others, holed)).toEqual(['bob in lobby misses 2 of 3']);
    const stays = client('bob', [...kicked, frame('member_kicked', { user_id: 'another' })]);
    expect(faultsOf(others, stays)).toEqual(['bob in lobby misses 2–4 of 4']);
  });

  it('counts what a return brought, from where it was', () => {
    const others = client('alice', [joined(), ...[1, 2, 3].map((seq) => reply(seq))]);
    const historic = [2, 3].map((seq) => push(seq).data);
    const back = (messages: object[]) => client('bob', [joined(3, { recovered: true, messages })], { since: 1 });
    expect(faultsOf(others, back(historic))).toEqual([]);
    expect(faultsOf(others, back(historic.slice(1)))).toEqual(['bob in lobby misses 2 of 3']);
    const toldThatItCannot = client('bob', [joined(3, { messages: historic })], { since: 1 });
    expect(faultsOf(others, toldThatItCannot)).toEqual([]);
  });

  it('knows rooms made again under the same id by their epoch, and looks at no other room', () => {
    const second = { epoch: 'e2' };
    const frames = [
      joined(),
      push(1),
      frame('room_deleted', {}),
      joined(0, second),
      frame('room_message', { ...second, seq: 1 }),
    ];
    const elsewhere = frame('room_message', { room_id: 'other', seq: 9 });
    expect(faultsOf(client('bob', [...frames, elsewhere]))).toEqual([]);
  });

  it('names who was never there, and knows a room where nothing was said', () => {
    const alice = client('alice', [joined(), reply(1)]);
    expect(faultsOf(alice, client('bob', [push(1)]))).toEqual(['bob has not joined lobby']);
    expect(new RoomRecord('lobby', [alice]).isSilent).toBe(false);
    expect(new RoomRecord('lobby', [client('bob', [joined(7)])]).isSilent).toBe(true);
  });

  it('says when a client has all that is known of', () => {
    const frames: Frames = [joined(), push(1)];
    const bob = client('bob', frames);
    const record = new RoomRecord('lobby', [client('alice', [joined(), reply(1), reply(2)]), bob]);
    expect(record.hasHead(bob)).toBe(false);
    frames.push(push(2));
    expect(record.hasHead(bob)).toBe(true);
  });
});
