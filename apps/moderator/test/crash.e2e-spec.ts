import { describeWithBroker } from '@hubbub/bus/testing';
import { CommandError, type TestClient } from '@hubbub/testing';
import { Moderated, noticesOf, type Told } from './moderated.js';

const SEED = Number(process.env['TEST_SEED'] ?? 4711);
const ROOMS = ['north', 'south', 'west'];
const KILLS = 10;
const A_ROUND = 110;
const RULES = { words: 'darn', repeats: 3, kickAt: 4, banAt: 8 };
const USERS = 24;

type Kind = 'innocent' | 'near miss' | 'word' | 'repeat';

interface Planned {
  readonly user: string;
  readonly room: string;
  readonly kind: Kind;
  readonly content: unknown;
}

interface Said extends Planned {
  readonly epoch: string;
  readonly seq: number;
}

/** Numbers from 0 to below `end`, the same for one seed. */
function dice(seed: number): (end: number) => number {
  let state = seed >>> 0;
  return (end) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
}

/** Half of the users never offend; of the others some do now and then, and some all the time. Each is there for three rounds. */
function plan(round: number, roll: (end: number) => number): Planned[] {
  const letters = () => Array.from({ length: 24 }, () => String.fromCharCode(97 + roll(26))).join('');
  const contentOf: Record<Kind, (user: string) => unknown> = {
    innocent: () => letters(),
    'near miss': () => ({ text: `darned ${letters()}`, to: 'd arn' }),
    word: () => ['darn ', 'D.A.R.N ', 'dаrn ', 'd4rn '][roll(4)] + letters(),
    repeat: (user) => `buy the cheap watches of ${user}`,
  };
  return Array.from({ length: A_ROUND }, () => {
    const number = roll(USERS);
    const odds = number < 12 ? 0 : number < 20 ? 15 : 60;
    const kinds = roll(100) < odds ? (['word', 'word', 'repeat'] as const) : (['innocent', 'near miss'] as const);
    const kind = kinds[roll(kinds.length)]!;
    const user = `${Math.floor(round / 3)}-${number}`;
    return { user, room: roomsOf(user)[roll(roomsOf(user).length)]!, kind, content: contentOf[kind](user) };
  });
}

/** Each is in one room, but for the last, who is in all. */
function roomsOf(user: string): readonly string[] {
  const number = Number(user.split('-')[1]);
  return number === USERS - 1 ? ROOMS : [ROOMS[number % ROOMS.length]!];
}

/** What is to be decided about what was said; the offence only where it does not depend on which of several rooms came first. */
function expected(said: readonly Said[]): Map<string, { rule: string; user: string; offence: number | null }> {
  const decisions = new Map<string, { rule: string; user: string; offence: number | null }>();
  const counts = new Map<string, number>();
  const count = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1).get(key)!;
  for (const { user, room, kind, epoch, seq } of [...said].sort((a, b) => a.seq - b.seq)) {
    const repeats = kind === 'repeat' ? count(`${room} ${user}`) : 0;
    const rule = kind === 'word' ? 'word' : repeats >= RULES.repeats ? 'repeat' : undefined;
    if (rule === undefined) continue;
    const offence = count(user);
    decisions.set(`${epoch}:${seq}`, { rule, user, offence: roomsOf(user).length > 1 ? null : offence });
  }
  return decisions;
}

function actionFor(offence: number): string {
  return offence >= RULES.banAt ? 'banned' : offence >= RULES.kickAt ? 'kicked' : 'redacted';
}

/** Those who talk: who is sent out comes back, until he is banned. */
class Crowd {
  readonly said: Said[] = [];
  private readonly members = new Map<string, TestClient>();

  constructor(private readonly moderated: Moderated) {}

  /** Each user says what he is to in order, all at the same time. @param onSaid after each that is stored */
  async talk(planned: readonly Planned[], onSaid: () => void): Promise<void> {
    const users = [...new Set(planned.map(({ user }) => user))];
    await Promise.all(
      users.map(async (name) => {
        for (const one of planned.filter(({ user }) => user === name)) await this.say(one, onSaid);
      }),
    );
  }

  private async say(planned: Planned, onSaid: () => void): Promise<void> {
    const { user, room, content } = planned;
    const client = this.members.get(user) ?? (await this.moderated.connect(user));
    this.members.set(user, client);
    for (;;) {
      const answer = await client.request('room_message', { room_id: room, content });
      const { epoch, seq, code } = answer.data as { epoch: string; seq: number; code?: number };
      if (code === undefined) {
        this.said.push({ ...planned, epoch, seq });
        return onSaid();
      }
      if (code !== 3003) throw new Error(`${user} in ${room}: ${JSON.stringify(answer.data)}`);
      const joined = await client.request('join_room', { room_id: room, history: 0 });
      // Banned.
      if (joined.data['code'] === 2001) return;
      if (joined.data['code'] === 3004) continue;
      if (joined.message_type === 'error') throw new CommandError(joined.data as never);
    }
  }
}

describeWithBroker('nats', `kill -9 of the moderator in the middle of 1,000 messages (TEST_SEED=${SEED})`, () => {
  let moderated: Moderated;
  let crowd: Crowd;
  let told: Told[];
  const roll = dice(SEED);

  beforeAll(async () => {
    moderated = await Moderated.open({
      MODERATOR_WORDS: RULES.words,
      MODERATOR_REPEATS: String(RULES.repeats),
      MODERATOR_REPEATS_WINDOW_S: '86400',
      MODERATOR_KICK_AT: String(RULES.kickAt),
      MODERATOR_BAN_AT: String(RULES.banAt),
    });
    await moderated.startGateway();
    for (const room of ROOMS) await moderated.member('owner', room);
    crowd = new Crowd(moderated);
    const rounds = Array.from({ length: KILLS + 2 }, (_, round) => plan(round, roll));
    for (const round of rounds.slice(0, KILLS)) {
      await moderated.startModerator();
      await killedDuring(round);
    }
    await moderated.startModerator();
    for (const round of rounds.slice(KILLS)) await crowd.talk(round, () => {});
    await moderated.settled();
    told = await moderated.decisions();
  }, 300_000);
  afterAll(() => moderated.close());

  /** Kills it behind so many messages that were stored, or so many decisions that were told, while it has more to do. */
  async function killedDuring(round: readonly Planned[]): Promise<void> {
    const { moderator: victim, told: heard } = moderated;
    const [byDecisions, before] = [roll(2) === 1, crowd.said.length];
    const enough = byDecisions ? heard.length + 5 + roll(40) : before + 1 + roll(A_ROUND / 2);
    await crowd.talk(round, () => {
      if (!byDecisions && crowd.said.length === enough) void victim.kill();
    });
    if (byDecisions) await moderated.until(() => heard.length >= Math.min(enough, expected(crowd.said).size));
    await victim.kill();
  }

  it('had 1,000 messages, and decisions of each kind', () => {
    expect(crowd.said.length).toBeGreaterThanOrEqual(1000);
    expect(new Set(told.map(({ action }) => action))).toEqual(new Set(['redacted', 'kicked', 'banned']));
    expect(new Set(told.map(({ rule }) => rule))).toEqual(new Set(['word', 'repeat']));
  });

  it('decided once about each message that offends, and about no other', () => {
    const decided = told.map(({ id, rule, user_id: user }) => [id, rule, user]);
    const due = [...expected(crowd.said)].map(([id, { rule, user }]) => [id, rule, user]);
    expect(decided.sort()).toEqual(due.sort());
  });

  it('escalated as if it had never been killed', () => {
    const due = expected(crowd.said);
    for (const { id, offence, action } of told) {
      expect([id, action]).toEqual([id, actionFor(offence)]);
      expect([id, offence]).toEqual([id, due.get(id)?.offence ?? offence]);
    }
    for (const user of new Set(told.map(({ user_id }) => user_id))) {
      const offences = told.filter(({ user_id }) => user_id === user).map(({ offence }) => offence);
      expect([user, offences.sort((a, b) => a - b)]).toEqual([user, offences.map((_, at) => at + 1)]);
    }
  });

  it.each(ROOMS)('redacted exactly those in %s, and told the room of each once', async (room) => {
    const messages = await moderated.history(room);
    const due = told.filter(({ room_id }) => room_id === room);
    const seqs = due.map(({ seq }) => seq).sort((a, b) => a - b);
    expect(messages.filter(({ redacted }) => redacted).map(({ seq }) => seq)).toEqual(seqs);
    expect(new Map([...noticesOf(messages)].sort(([a], [b]) => a - b))).toEqual(
      new Map(due.sort((a, b) => a.seq - b.seq).map(({ seq, action }) => [seq, [action]])),
    );
  });

  it('banned exactly whom it decided to ban', async () => {
    const banned = new Set(
      told.filter(({ action }) => action === 'banned').map(({ room_id, user_id }) => `${user_id} ${room_id}`),
    );
    const out: string[] = [];
    for (const user of new Set(crowd.said.map((one) => one.user))) {
      const client = await moderated.connect(user);
      for (const room of roomsOf(user)) {
        const { data } = await client.request('join_room', { room_id: room, history: 0 });
        if (data['code'] === 2001) out.push(`${user} ${room}`);
      }
    }
    expect(out.sort()).toEqual([...banned].sort());
  });
});
