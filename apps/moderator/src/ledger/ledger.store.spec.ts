import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Decision, EFFECTS, type Effect, type Heard } from '../decision.js';
import type { Rules } from '../escalation.js';
import { sketchOf } from '../text/sketch.js';
import { Ledger } from './ledger.store.js';

const RULES: Rules = {
  repeatsWindowMs: 1000,
  repeatsLikeness: 0.75,
  kickAt: 3,
  banAt: 4,
  offencesWindowMs: 60_000,
};
const DAY_MS = 24 * 60 * 60 * 1000;

const message = (seq: number, more: Partial<Heard> = {}): Heard => ({
  room_id: 'r',
  epoch: 'e',
  seq,
  sender_id: 'alice',
  sender_name: 'Alice',
  timestamp: 100_000 + seq,
  ...more,
});

describe('Ledger', () => {
  let folder: string;
  let ledger: Ledger;
  const file = () => join(folder, 'sub', 'ledger.sqlite');
  /** As after the process was killed. */
  const reopen = () => {
    ledger.close();
    ledger = new Ledger(file(), RULES);
  };
  /** How many like it there were; null for what was heard before. */
  const say = (heard: Heard, text: string) => {
    let counted: number | null = null;
    ledger.hear(heard, sketchOf(text), (alike) => {
      counted = alike;
      return undefined;
    });
    return counted;
  };
  const accuse = (heard: Heard) => ledger.hear(heard, sketchOf('text'), () => 'word');
  const decideNext = (): Decision => ledger.decide(ledger.nextAccusation()!, 5);
  const decide = (heard: Heard): Decision => {
    accuse(heard);
    return decideNext();
  };
  const perform = (kind: Effect, only = Number.POSITIVE_INFINITY): number[] => {
    const done: number[] = [];
    for (let due = ledger.nextEffect(kind); due && done.length < only; due = ledger.nextEffect(kind)) {
      done.push(due.decision.seq);
      ledger.done(due);
    }
    return done;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hubbub-ledger-'));
    ledger = new Ledger(file(), RULES);
  });
  afterEach(() => {
    ledger.close();
    rmSync(folder, { recursive: true });
  });

  it('counts like texts of one user in one room within the window', () => {
    expect(say(message(1), 'buy my watches')).toBe(1);
    expect(say(message(2), 'BUY my watches!')).toBe(2);
    expect(say(message(3), 'something else')).toBe(1);
    expect(say(message(4, { sender_id: 'bob' }), 'buy my watches')).toBe(1);
    expect(say(message(5, { epoch: 'another' }), 'buy my watches')).toBe(1);
    expect(say(message(6, { timestamp: 101_001 }), 'buy my watches')).toBe(2);
    expect(say(message(7, { timestamp: 200_000 }), 'buy my watches')).toBe(1);
  });

  it('hears a message once, also after what followed it and after a restart', () => {
    const texts = [1, 2, 3].map((seq) => say(message(seq), 'hi'));
    accuse(message(4));
    reopen();
    expect([...texts, ...[1, 2, 3, 4].map((seq) => say(message(seq), 'hi'))]).toEqual([
      1,
      2,
      3,
      null,
      null,
      null,
      null,
    ]);
    expect(say(message(5), 'hi')).toBe(4);
    accuse(message(4));
    expect([ledger.nextAccusation()?.heard.seq, ledger.count()]).toEqual([4, 1]);
  });

  it('keeps accusations in their order until they are dropped or decided', () => {
    for (const seq of [3, 1, 2]) accuse(message(seq));
    reopen();
    const first = ledger.nextAccusation()!;
    expect([first.heard, first.rule]).toEqual([message(3), 'word']);
    ledger.drop(first);
    expect([decideNext().seq, decideNext().seq, ledger.nextAccusation()]).toEqual([1, 2, undefined]);
  });

  it('escalates over all rooms, and forgets what is older than the window', () => {
    const offences = [
      message(1),
      message(2, { epoch: 'another', room_id: 'other' }),
      message(3),
      message(4, { sender_id: 'bob' }),
      message(5),
      message(6, { timestamp: 200_000 }),
    ];
    expect(offences.map((heard) => decide(heard).action)).toEqual([
      ...['redacted', 'redacted', 'kicked', 'redacted', 'banned', 'redacted'],
    ]);
  });

  it('decides about a message once, though it came again long after', () => {
    const first = decide(message(1));
    const due = ledger.count();
    say(message(2, { timestamp: 100_000 + DAY_MS }), 'what makes the first one forgotten');
    accuse(message(1));
    reopen();
    expect([ledger.decide(ledger.nextAccusation()!, 6), ledger.nextAccusation(), ledger.count()]).toEqual([
      ...[first, undefined, due],
    ]);
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
  });

  it('has each effect due until it is done, in the order of the decisions', () => {
    for (const seq of [1, 2, 3]) decide(message(seq));
    expect(ledger.count()).toBe(10);
    expect(perform('redact', 2)).toEqual([1, 2]);
    reopen();
    expect(EFFECTS.map((kind) => perform(kind))).toEqual([[3], [3], [1, 2, 3], [1, 2, 3]]);
    expect(ledger.count()).toBe(0);
  });

  it('keeps what may still count, come again or is due, and nothing else', () => {
    decide(message(1));
    for (const kind of EFFECTS) perform(kind);
    decide(message(2));
    decide(message(3, { timestamp: 100_000 + 8 * DAY_MS }));
    const reader = new Sqlite(file(), { readonly: true });
    const ids = (sql: string) => reader.prepare(sql).pluck().all();
    expect([ids('SELECT id FROM decision'), ids('SELECT seq FROM said')]).toEqual([['e:2', 'e:3'], [3]]);
    reader.close();
  });

  it('does not touch the file of a later version', () => {
    const later = new Sqlite(file());
    later.pragma('user_version = 2');
    later.close();
    expect(() => new Ledger(file(), RULES)).toThrow('is of version 2, not 1');
  });
});
