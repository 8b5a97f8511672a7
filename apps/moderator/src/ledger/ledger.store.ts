import { type Decision, decisionId, type Effect, effectsOf, type Heard, type Rule } from '../decision.js';
import { actionFor, type Rules } from '../escalation.js';
import { likeness, type Sketch } from '../text/sketch.js';
import { LedgerFile } from './ledger-file.store.js';

/** Rooms are heard side by side: one may be behind another by so much and still find its window whole. */
const LAG_MS = 60 * 60 * 1000;
/** As long as the gateways' stream may bring a message again. */
const STREAM_MS = 7 * 24 * 60 * 60 * 1000;
/** Of one user in one room that are compared: who sends faster than that is the rate limit's business. */
const COMPARED = 100;

/** A message that breaks a rule, until it is known whether its sender may. */
export interface Accusation {
  readonly number: number;
  readonly heard: Heard;
  readonly rule: Rule;
}

/** An effect that is due. */
export interface Due {
  readonly number: number;
  readonly decision: Decision;
}

/**
 * What the moderator remembers: what was said lately (not in words), who is accused, what was decided, and which effects are
 * due. Each change is one transaction and known by its message: to hear or decide it again changes nothing.
 */
export class Ledger {
  private readonly file: LedgerFile;

  /** @throws Error if the file is of a later version, or no database */
  constructor(
    path: string,
    private readonly rules: Rules,
  ) {
    this.file = new LedgerFile(path);
  }

  /**
   * Notes a message, and accuses its sender if it breaks a rule.
   * @param judge told how many texts like it he has sent to the room by then, this one included
   * @returns whether there is an accusation by it
   */
  hear(heard: Heard, sketch: Sketch, judge: (alike: number) => Rule | undefined): boolean {
    const { epoch, seq, sender_id: sender, timestamp: at } = heard;
    return this.file.transaction(() => {
      const isNew = this.file.run('INSERT OR IGNORE INTO said VALUES (?, ?, ?, ?, ?)', [
        ...[epoch, seq, sender, at, bytesOf(sketch)],
      ]);
      if (!isNew) return false;
      const rule = judge(1 + this.countAlike(heard, sketch));
      this.file.run('DELETE FROM said WHERE at < ?', [at - this.rules.repeatsWindowMs - LAG_MS]);
      if (rule === undefined) return false;
      return this.file.run('INSERT INTO accusation (rule, heard) VALUES (?, ?)', [rule, JSON.stringify(heard)]);
    });
  }

  /** The first accusation that is neither dropped nor decided. */
  nextAccusation(): Accusation | undefined {
    const sql = 'SELECT number, rule, heard FROM accusation ORDER BY number LIMIT 1';
    const row = this.file.get<{ number: number; rule: Rule; heard: string }>(sql, []);
    return row && { ...row, heard: JSON.parse(row.heard) as Heard };
  }

  drop({ number }: Accusation): void {
    this.file.run('DELETE FROM accusation WHERE number = ?', [number]);
  }

  /** Decides what follows, and makes the effects due. What was decided about the message before, stays. */
  decide(accusation: Accusation, now: number): Decision {
    const { heard, rule } = accusation;
    const { room_id, epoch, seq, sender_id: user_id, sender_name: username, timestamp: at } = heard;
    const id = decisionId(heard);
    return this.file.transaction(() => {
      this.drop(accusation);
      const known = this.find(id);
      if (known !== undefined) return known;
      this.forget(at);
      const offence = 1 + this.countOffences(user_id, at);
      const action = actionFor(offence, this.rules);
      const decision = { id, timestamp: now, room_id, epoch, seq, user_id, username, rule, action, offence };
      this.file.run('INSERT INTO decision VALUES (?, ?, ?, ?)', [id, user_id, at, JSON.stringify(decision)]);
      for (const kind of effectsOf(action)) {
        this.file.run('INSERT INTO effect (kind, decision_id) VALUES (?, ?)', [kind, id]);
      }
      return decision;
    });
  }

  /** The first effect of a kind that is due. */
  nextEffect(kind: Effect): Due | undefined {
    const row = this.file.get<{ number: number; json: string }>(
      'SELECT number, json FROM effect JOIN decision ON id = decision_id WHERE kind = ? ORDER BY number LIMIT 1',
      [kind],
    );
    return row && { number: row.number, decision: JSON.parse(row.json) as Decision };
  }

  done({ number }: Due): void {
    this.file.run('DELETE FROM effect WHERE number = ?', [number]);
  }

  /** Accusations and effects that are due. */
  count(): number {
    const sql = 'SELECT (SELECT COUNT(*) FROM accusation) + (SELECT COUNT(*) FROM effect) AS count';
    return this.file.get<{ count: number }>(sql, [])?.count ?? 0;
  }

  close(): void {
    this.file.close();
  }

  private find(id: string): Decision | undefined {
    const row = this.file.get<{ json: string }>('SELECT json FROM decision WHERE id = ?', [id]);
    return row && (JSON.parse(row.json) as Decision);
  }

  private countAlike({ epoch, seq, sender_id: sender, timestamp: at }: Heard, sketch: Sketch): number {
    const { repeatsWindowMs, repeatsLikeness } = this.rules;
    const before = this.file.all<{ sketch: Buffer }>(
      'SELECT sketch FROM said WHERE epoch = ? AND sender_id = ? AND seq < ? AND at > ? ORDER BY seq DESC LIMIT ?',
      [epoch, sender, seq, at - repeatsWindowMs, COMPARED],
    );
    return before.filter((one) => likeness(sketchFrom(one.sketch), sketch) >= repeatsLikeness).length;
  }

  private countOffences(userId: string, at: number): number {
    const sql = 'SELECT COUNT(*) AS count FROM decision WHERE user_id = ? AND at > ?';
    return this.file.get<{ count: number }>(sql, [userId, at - this.rules.offencesWindowMs])?.count ?? 0;
  }

  /** What neither counts any more nor can come again, unless something of it is due. */
  private forget(at: number): void {
    this.file.run(
      'DELETE FROM decision WHERE at < ? AND NOT EXISTS (SELECT 1 FROM effect WHERE decision_id = decision.id)',
      [at - Math.max(this.rules.offencesWindowMs, STREAM_MS) - LAG_MS],
    );
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: Sketch): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function sketchFrom(bytes: Buffer): Sketch {
  // A copy, as the bytes may begin anywhere.
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}
