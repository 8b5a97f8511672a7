import { oddObject, oddValue } from './odd-values.js';
import type { Random } from './random.js';

/** A handler of the application under test that answers with a stream. */
export const STREAM = 'count_down';

export interface GeneratedFrame {
  readonly payload: string | Buffer;
  /** Its answer carries this id; none where none could be read. */
  readonly id: string | number | undefined;
  /** Its answer may come later than those of the commands after it. */
  readonly isStream: boolean;
}

const SMALL_IDS = [0, 1, 'a', 'é'.repeat(64), Number.MAX_SAFE_INTEGER];
const ROLES = ['moderator', 'member', 'invited', 'banned', 'none', 'owner', 'king'];

/** Frames of one user: about half of them commands that could work, the rest odd or broken. */
export class FrameGenerator {
  private count = 0;

  constructor(
    private readonly random: Random,
    private readonly users: readonly string[],
    private readonly rooms: readonly string[],
    private readonly tokens: readonly string[],
    /** Makes ids that no other generator makes. */
    private readonly name: string,
  ) {}

  /** @param maxBytes the largest frame that the connection may send */
  next(maxBytes: number): GeneratedFrame {
    for (;;) {
      const frame = this.any();
      if (Buffer.byteLength(frame.payload) <= maxBytes && !isWithoutId(frame.payload)) return frame;
    }
  }

  private any(): GeneratedFrame {
    const { random } = this;
    const kind = random.below(100);
    if (kind < 50) return this.command(this.plainData());
    if (kind < 62) return this.command(this.oddData());
    if (kind < 72)
      return this.frame(
        this.envelope(`"${random.pick(['nothing', '__proto__', 'constructor', 'a.b:c-d'])}"`, oddValue(random)),
      );
    if (kind < 80) return this.frame(this.brokenEnvelope());
    if (kind < 88) return this.frame(this.truncated());
    if (kind < 92) return this.frame(random.bytes(1 + random.below(300)));
    if (kind < 95) return this.frame(Buffer.from(this.text(this.plainData())));
    if (kind < 98) return this.frame(this.twice());
    return this.stream();
  }

  private command([type, data]: readonly [string, string]): GeneratedFrame {
    return this.frame(this.envelope(`"${type}"`, data));
  }

  private text([type, data]: readonly [string, string]): string {
    return this.envelope(`"${type}"`, data);
  }

  private envelope(type: string, data: string): string {
    const extra = this.random.oneIn(8) ? `,"request_id":9,"client_id":"x","timestamp":${oddValue(this.random, 4)}` : '';
    return `{"message_type":${type},"message_id":${JSON.stringify(this.id())},"data":${data}${extra}}`;
  }

  private id(): string | number {
    if (this.random.oneIn(20)) return this.random.pick(SMALL_IDS);
    return this.random.oneIn(2) ? ++this.count : `${this.name}-${++this.count}`;
  }

  private frame(payload: string | Buffer): GeneratedFrame {
    return { payload, id: idOf(payload), isStream: false };
  }

  private stream(): GeneratedFrame {
    const id = `${this.name}-stream-${++this.count}`;
    return { payload: `{"message_type":"${STREAM}","message_id":"${id}"}`, id, isStream: true };
  }

  /** A command with data that its schema takes, about things that mostly exist. */
  private plainData(): [string, string] {
    const { random } = this;
    const room_id = random.pick(this.rooms);
    const user_id = random.pick(this.users);
    const content = random.oneIn(5) ? 'x'.repeat(random.below(2000)) : random.below(1000);
    const seq = random.below(50);
    const commands: [string, object][] = [
      ['ping', { ts: seq }],
      [
        'create_room',
        { room_id, max_clients: random.pick([0, 0, 5]), visibility: random.oneIn(9) ? 'private' : 'public' },
      ],
      ['create_room', { room_id, history: 'none' }],
      ['update_room', { room_id, name: 'name', metadata: { seq } }],
      ['list_rooms', { joined: random.oneIn(2), limit: 1 + seq }],
      ['join_room', { room_id, history: seq }],
      ['join_room', { room_id, since: { epoch: 'x', seq } }],
      ['join_room', { room_id }],
      ['join_room', { room_id, history: 0 }],
      ['leave_room', { room_id }],
      ['room_message', { room_id, content }],
      ['room_message', { room_id, content: { content } }],
      ['room_message', { room_id, content, idempotency_key: `k${seq}` }],
      ['room_message', { room_id, content, ephemeral: true }],
      ['room_history', { room_id, before: seq, limit: 1 + seq }],
      ['room_members', { room_id }],
      ['direct_message', { target_id: user_id, content }],
      ['inbox', { since: seq, limit: 20 }],
      ['mark_read', { room_id, seq }],
      ['set_presence', { room_id, state: { seq } }],
      ['set_presence', { state: {} }],
      ['watch_online', { enabled: random.oneIn(2) }],
      ['redact_message', { room_id, seq }],
      ['block_user', { user_id, blocked: random.oneIn(3) }],
      ['authenticate', { token: random.pick(this.tokens) }],
      ['cancel', { request_id: `${this.name}-stream-${this.count}` }],
      ['explode', {}],
    ];
    // What empties rooms is rare, or nothing would ever happen in them.
    const rare: [string, object][] = [
      ['delete_room', { room_id }],
      ['kick_member', { room_id, user_id, reason: 'r' }],
      ['set_member', { room_id, user_id, role: random.pick(ROLES) }],
    ];
    const [type, data] = random.pick(random.oneIn(40) ? rare : commands);
    return [type, JSON.stringify(data)];
  }

  /** A command that exists, one of its members odd, or all of its data. */
  private oddData(): [string, string] {
    const { random } = this;
    const [type, text] = this.plainData();
    if (random.oneIn(3)) return [type, random.oneIn(2) ? oddValue(random) : oddObject(random)];
    const data = JSON.parse(text) as Record<string, unknown>;
    const keys = [...Object.keys(data), 'extra', '__proto__'];
    const odd = random.pick(keys);
    const members = Object.entries(data).filter(([key]) => key !== odd);
    const plain = members.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
    return [type, `{${[...plain, `${JSON.stringify(odd)}:${oddValue(random)}`].join()}}`];
  }

  /** JSON, but no envelope, or one with an odd member. */
  private brokenEnvelope(): string {
    const { random } = this;
    const id = JSON.stringify(this.id());
    return random.pick([
      () => oddValue(random),
      () => oddObject(random),
      () => `{"message_type":${oddValue(random)},"message_id":${id}}`,
      () => `{"message_type":"ping","message_id":${oddValue(random)}}`,
      () => `{"message_id":${id},"data":{}}`,
      () => '{"message_type":"ping"}',
      () => `{"message_type":"${'x'.repeat(65)}","message_id":${id}}`,
      () => `{"message_type":"ping","message_id":"${'x'.repeat(65)}"}`,
      () => `{"__proto__":{"message_type":"ping"},"message_id":${id}}`,
      () => `[{"message_type":"ping","message_id":${id}}]`,
      () => `${' '.repeat(random.below(500))}{"message_type":"ping","message_id":${id}}\r\n\t `,
      () => `\ufeff{"message_type":"ping","message_id":${id}}`,
    ])();
  }

  /** A frame with a piece missing, or one character of it changed. */
  private truncated(): string {
    const { random } = this;
    const text = this.text(this.plainData());
    const at = random.below(text.length);
    if (random.oneIn(2)) return text.slice(0, at);
    if (random.oneIn(2)) return text.slice(0, at) + text.slice(at + 1 + random.below(10));
    return text.slice(0, at) + String.fromCharCode(random.below(128)) + text.slice(at + 1);
  }

  /** Keys that come twice: the last one counts. */
  private twice(): string {
    const id = JSON.stringify(this.id());
    return this.random.pick([
      `{"message_type":"nothing","message_id":-1,"message_type":"ping","message_id":${id}}`,
      `{"message_type":"ping","message_id":${id},"data":7,"data":{"ts":1,"ts":2}}`,
      `{"message_type":"ping","message_id":${id},"message_type":"no such type"}`,
      `{"message_type":"ping","message_id":${id},"message_id":null}`,
    ]);
  }
}

/** Whether it may be a command without an id: its reply could not be told from a push of the same type. */
function isWithoutId(payload: string | Buffer): boolean {
  const value = parse(payload) as Record<string, unknown> | null | undefined;
  if (typeof value !== 'object' || value === null || value['message_id'] !== undefined) return false;
  return typeof value['message_type'] === 'string' && value['message_type'] !== 'ping';
}

/** The id that the answer carries by PROTOCOL §2. */
function idOf(payload: string | Buffer): string | number | undefined {
  const value = parse(payload);
  if (Array.isArray(value) || typeof value !== 'object') return undefined;
  const id = (value as Record<string, unknown> | null)?.['message_id'];
  if (typeof id === 'number') return Number.isInteger(id) && id >= 0 && id < 2 ** 53 ? id : undefined;
  return typeof id === 'string' && id.length > 0 && id.length <= 64 ? id : undefined;
}

/** Undefined if it is not JSON. */
function parse(payload: string | Buffer): unknown {
  try {
    const decoder = new TextDecoder('utf8', { fatal: true, ignoreBOM: true });
    return JSON.parse(typeof payload === 'string' ? payload : decoder.decode(payload));
  } catch {
    return undefined;
  }
}
