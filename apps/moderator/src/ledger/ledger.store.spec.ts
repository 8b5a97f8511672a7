import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { EFFECTS, type StoredMessage } from '../decision.js';
import type { Rules } from '../escalation.js';
import { sketchOf } from '../text/sketch.js';
import { Ledger } from './ledger.store.js';

const RULES: Rules = {
  repeats: 3,
  repeatsWindowMs: 1000,
  repeatsLikeness: 0.75,
  kickAt: 3,
  banAt: 4,
  offencesWindowMs: 60_000,
};
const DAY_MS = 24 * 60 * 60 * 1000;

const message = (seq: number, more: Partial<StoredMessage> = {}): StoredMessage => ({
  room_id: 'r',
  epoch: 'e',
  seq,
  sender_id: 'alice',
  sender_name: 'Alice',
  content: 'text',
  timestamp: 100_000 + seq,
  ...more,
});

describe('Ledger', () => {
  let folder: string;
  let ledger: Ledger;
  const open = () => new Ledger(join(folder, 'sub', 'ledger.sqlite'), RULES);
  const say = (seq: number, text: string, more?: Partial<StoredMessage>) =>
    ledger.remember(message(seq, more), sketchOf(text));
  const actionOn = (of: StoredMessage) => ledger.decide(of, 'word', 5).action;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hubbub-ledger-'));
    ledger = open();
  });
  afterEach(() => {
    ledger.close();
    rmSync(folder, { recursive: true });
  });

  it('counts like texts of one user in one room within the window', () => {
    expect(say(1, 'buy my watches')).toBe(1);
    expect(say(2, 'BUY my watches!')).toBe(2);
    expect(say(3, 'something else')).toBe(1);
    expect(say(4, 'buy my watches', { sender_id: 'bob' })).toBe(1);
    expect(say(5, 'buy my watches', { epoch: 'another' })).toBe(1);
    expect(say(6, 'buy my watches', { timestamp: 101_001 })).toBe(2);
    expect(say(7, 'buy my watches', { timestamp: 200_000 })).toBe(1);
  });

  it('counts the same again for a message that comes again, also after what followed it and after a restart', () => {
    const counts = [1, 2, 3, 4].map((seq) => say(seq, 'hi'));
    ledger.close();
    ledger = open();
    expect([counts, [1, 2, 3, 4].map((seq) => say(seq, 'hi'))]).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3, 4],
    ]);
  });

  it('escalates over all rooms, and forgets what is older than the window', () => {
    const decided = [
      message(1),
      message(2, { epoch: 'another', room_id: 'other' }),
      message(3),
      message(4, { sender_id: 'bob' }),
      message(5),
      message(6, { timestamp: 200_000 }),
    ];
    expect(decided.map(actionOn)).toEqual(['redacted', 'redacted', 'kicked', 'redacted', 'banned', 'redacted']);
  });

  it('decides about a message once', () => {
    const first = ledger.decide(message(1), 'word', 5);
    const due = ledger.due;
    ledger.close();
    ledger = open();
    expect([ledger.decide(message(1), 'repeat', 6), ledger.find('e:1'), ledger.due]).toEqual([first, first, due]);
    expect(first).toEqual({
      id: 'e:1',
      timestamp: 5,
      room_id: 'r',
      epoch: 'e',
      seq: 1,
      user_id: 'alice',
      username: 'Alice',
      rule: 'word',
      action: 'redacted',
      offence: 1,
    });
    expect(ledger.find('e:2')).toBeUndefined();
  });

  it('has each effect due until it is done, in the order of the decisions', () => {
    for (const seq of [1, 2, 3]) ledger.decide(message(seq), 'word', 5);
    const take = (kind: (typeof EFFECTS)[number]) => {
      const taken: number[] = [];
      for (let due = ledger.next(kind); due; due = ledger.next(kind)) {
        taken.push(due.decision.seq);
        ledger.done(due);
        ledger.done(due);
      }
      return taken;
    };
    expect(ledger.due).toBe(10);
    expect(EFFECTS.map(take)).toEqual([[1, 2, 3], [3], [1, 2, 3], [1, 2, 3]]);
    expect(ledger.due).toBe(0);
  });

  it('keeps no more than it needs, and what is still due', () => {
    ledger.decide(message(1), 'word', 5);
    ledger.decide(message(2), 'word', 5);
    for (const kind of EFFECTS)
      for (let due = ledger.next(kind); due?.decision.seq === 1; due = ledger.next(kind)) ledger.done(due);
    say(3, 'hi');
    const later = message(4, { timestamp: 100_000 + 8 * DAY_MS });
    ledger.decide(later, 'word', 5);
    ledger.remember(later, sketchOf('hi'));
    const file = new Sqlite(join(folder, 'sub', 'ledger.sqlite'), { readonly: true });
    const ids = (sql: string) => file.prepare(sql).pluck().all();
    expect([ids('SELECT id FROM decision'), ids('SELECT seq FROM said')]).toEqual([['e:2', 'e:4'], [4]]);
    file.close();
  });

  it('does not touch the file of a later version', () => {
    ledger.close();
    const file = new Sqlite(join(folder, 'sub', 'ledger.sqlite'));
    file.pragma('user_version = 2');
    file.close();
    expect(open).toThrow('is of version 2, not 1');
    ledger = new Ledger(join(folder, 'new.sqlite'), RULES);
  });
});
