import { describeWithBroker } from '@hubbub/bus/testing';
import {
  type ErrorBody,
  isValid,
  SERVICE_COMMANDS,
  type ServiceCommandData,
  type ServiceReply,
} from '@hubbub/protocol';
import { roomPolicy } from '@hubbub/rooms';
import { seededRandom, startCluster, type TestClient, type TestCluster, type TestGateway } from '@hubbub/testing';
import { AskedNodes, WAYS } from '../testing/asked-nodes.js';

type About = Omit<ServiceCommandData<'explain'>, 'user_id'>;

const ORDINARY = ['read:message', 'send:message', 'create:room', 'delete:room', 'join:room', 'leave:room'];

/** Which rule decides, told to services; each over NATS and over HTTP. */
describeWithBroker('nats', 'explain', () => {
  let nodes: AskedNodes;
  let owner: TestClient;

  beforeAll(async () => {
    const policy = roomPolicy('vip.*', { permissions: { join: 'vip:join' } });
    nodes = await AskedNodes.open({ providers: [policy], auth: { defaultPermissions: ['read:message'] } });
    owner = await nodes.first.connect('owner');
    for (const room_id of ['public', 'vip.1']) await owner.command('create_room', { room_id });
    await owner.command('create_room', { room_id: 'private', visibility: 'private' });
    await owner.command('create_room', { room_id: 'full', max_clients: 1 });
    await owner.command('join_room', { room_id: 'full' });
    await owner.command('set_member', { room_id: 'public', user_id: 'mallory', role: 'banned' });
    await owner.command('block_user', { user_id: 'mallory', blocked: true });
    await nodes.second.connect('bob');
    await nodes.second.connect('mallory');
  });
  afterAll(() => nodes.close());

  describe.each(WAYS)('over %s', (way) => {
    const explain = async (user_id: string, about: About) => {
      const answer = await nodes.ask(way, 'explain', { user_id, ...about });
      expect([answer, isValid(SERVICE_COMMANDS.explain.replyData, answer)]).toEqual([answer, true]);
      return answer;
    };

    it('`explain` says what passed, what refused, and what was not asked any more', async () => {
      const answer = await explain('mallory', { action: 'join_room', room_id: 'public' });
      expect(answer).toMatchObject({
        ...{ user_id: 'mallory', action: 'join_room', allowed: false, rule: 'ban' },
        error: { code: 2001, name: 'Forbidden', details: { permission: 'admin:room' } },
        judged_by: { source: 'connection', connection_id: expect.any(String), permissions: ORDINARY },
      });
      expect(answer.steps.map(({ rule, outcome }) => [rule, outcome])).toEqual([
        ['handler', 'passed'],
        ['permission', 'passed'],
        ['membership', 'passed'],
        ['room', 'passed'],
        ['ban', 'refused'],
        ['private_room', 'not_asked'],
        ['rooms_per_connection', 'not_asked'],
        ['capacity', 'not_asked'],
      ]);
      expect(answer.steps[4]?.because).toBe('He is banned from the room.');
    });

    it.each([
      ['bob', { action: 'join_room', room_id: 'public' }, 'capacity', undefined],
      ['bob', { action: 'join_room', room_id: 'private' }, 'private_room', 'Forbidden'],
      ['bob', { action: 'join_room', room_id: 'full' }, 'capacity', 'RoomFull'],
      ['bob', { action: 'join_room', room_id: 'nowhere' }, 'room', 'RoomNotFound'],
      ['bob', { action: 'join_room', room_id: 'vip.1' }, 'room_policy', 'Forbidden'],
      ['bob', { action: 'room_message', room_id: 'public' }, 'membership', 'NotInRoom'],
      ['bob', { action: 'delete_room', room_id: 'public' }, 'owner', 'Forbidden'],
      ['bob', { action: 'kick_member', room_id: 'full', target_id: 'owner' }, 'owner_untouched', 'Forbidden'],
      ['bob', { action: 'kick_member', room_id: 'full', target_id: 'carol' }, 'rank', 'Forbidden'],
      ['owner', { action: 'kick_member', room_id: 'full', target_id: 'carol' }, 'membership', 'NotInRoom'],
      ['owner', { action: 'set_member', room_id: 'full', target_id: 'carol', role: 'member' }, 'account', undefined],
      ['owner', { action: 'redact_message', room_id: 'full', seq: 7 }, 'author_or_rank', undefined],
      ['bob', { action: 'nothing_of_ours' }, 'handler', 'UnknownType'],
      ['bob', { action: 'broadcast:mine' }, 'permission', 'Forbidden'],
      ['bob', { action: 'ping' }, 'handler', undefined],
      ['mallory', { action: 'direct_message', target_id: 'owner' }, 'block_list', undefined],
      ['bob', { action: 'direct_message', target_id: 'owner' }, 'block_list', undefined],
    ] as const)('`explain` names the rule that decides: %s, %o: %s, %s', async (userId, about, rule, error) => {
      const answer = await explain(userId, about);
      const decided =
        about.action === 'redact_message' ? { rule: 'message', error: 'MessageNotFound' } : { rule, error };
      expect([answer.rule, answer.error?.name]).toEqual([decided.rule, decided.error]);
      expect(answer.allowed).toBe(decided.error === undefined && userId !== 'mallory');
    });

    it('`explain` judges by narrowed grants as the guard does, and names the one that counts', async () => {
      const permissions = ['join:room@pub*', 'send:message'];
      const inside = await explain('bob', { action: 'join_room', room_id: 'public', permissions });
      expect([inside.allowed, inside.judged_by]).toMatchObject([true, { source: 'given', permissions }]);
      expect(inside.steps[1]?.because).toBe('join:room@pub* grants join:room in public.');
      const outside = await explain('bob', { action: 'join_room', room_id: 'full', permissions });
      expect(outside).toMatchObject({ rule: 'permission', error: { details: { permission: 'join:room' } } });
      const verb = { action: 'orders:pay', permissions: ['orders:pay@public'] };
      expect((await explain('bob', { ...verb, room_id: 'public' })).allowed).toBe(true);
      expect((await explain('bob', verb)).allowed).toBe(false);
    });

    it('`explain` judges one of his connections if it is named, and his account if he has none', async () => {
      const narrow = await nodes.second.connect('dave', { permissions: [] });
      const { connection_id } = await narrow.next('connected');
      await nodes.first.connect('dave');
      expect((await explain('dave', { action: 'list_rooms' })).allowed).toBe(true);
      const named = await explain('dave', { action: 'list_rooms', connection_id });
      expect([named.allowed, named.judged_by]).toEqual([
        false,
        { source: 'connection', connection_id, permissions: [] },
      ]);
      await nodes.first.fetch('POST', '/api/auth/register', { body: { username: 'erin', password: 'correct horse' } });
      const account = await explain('erin', { action: 'list_rooms' });
      expect(account).toMatchObject({ allowed: true, judged_by: { source: 'account', permissions: ['read:message'] } });
      expect((await explain('erin', { action: 'create_room' })).allowed).toBe(false);
      for (const client of [...nodes.first.clients, ...nodes.second.clients]) {
        if (client === narrow) await client.close();
      }
    });

    it('`explain` of one of whom nothing is known is refused, and names the node that did not answer', async () => {
      const about = { user_id: 'nobody', action: 'list_rooms' };
      expect(await nodes.refusal(way, 'explain', about)).toMatchObject({ name: 'ClientOffline' });
      const named = { ...about, connection_id: 'none' };
      expect(await nodes.refusal(way, 'explain', named)).toMatchObject({ name: 'ClientNotFound' });
      const silent = await nodes.whileSilent(async () => ({
        unsure: await nodes.refusal(way, 'explain', named),
        told: await nodes.ask(way, 'explain', { ...about, permissions: [] }),
      }));
      expect(silent).toMatchObject({ unsure: { name: 'ServerError', retryable: true }, told: { unconfirmed: ['n2'] } });
    });

    it('`explain` is for admin:system, and wrong data is named', async () => {
      expect(await nodes.refusal(way, 'explain', {}, { permissions: ['admin:room'] })).toMatchObject({
        ...{ name: 'Forbidden', details: { permission: 'admin:system' } },
      });
      const about = { user_id: 'bob', action: 'join_room' };
      for (const [data, path] of [
        [{ ...about, action: 'no spaces' }, '/action'],
        [about, '/room_id'],
        [{ ...about, action: 'direct_message' }, '/target_id'],
        [{ ...about, action: 'set_member', room_id: 'public' }, '/role'],
        [{ ...about, action: 'redact_message', room_id: 'public' }, '/seq'],
      ] as const) {
        expect(await nodes.refusal(way, 'explain', data)).toMatchObject({ name: 'InvalidFormat', details: [{ path }] });
      }
    });
  });
});

/** Somebody of the walk: at which node, and what his token grants. */
const PEOPLE = {
  owner: [0, ORDINARY],
  moderator: [1, ORDINARY],
  member: [0, ORDINARY],
  outsider: [1, ORDINARY],
  narrowed: [0, ['read:message', 'join:room@open', 'join:room@made', 'send:message@o*', 'leave:room']],
  nothing: [1, []],
  admin: [0, [...ORDINARY, 'admin:room']],
  everything: [1, ['admin:system']],
} as const satisfies Record<string, readonly [number, readonly string[]]>;
const USERS = Object.keys(PEOPLE) as (keyof typeof PEOPLE)[];
const ROOMS = ['open', 'private', 'small', 'vip.1', 'made', 'owned'];
const ROLES = ['moderator', 'member', 'invited', 'banned', 'banned', 'none'] as const;
const ACTIONS = [
  ...['create_room', 'create_room', 'update_room', 'delete_room', 'leave_room'],
  ...['join_room', 'join_room', 'join_room', 'join_room', 'join_room'],
  ...[
    'room_message',
    'room_history',
    'room_members',
    'mark_read',
    'set_presence',
    'set_member',
    'set_member',
    'set_member',
  ],
  ...['kick_member', 'redact_message', 'direct_message', 'block_user', 'list_rooms', 'inbox', 'nothing_of_ours'],
];

describe('what is explained', () => {
  let cluster: TestCluster;
  const people = new Map<string, TestClient>();
  /** What came of all walks together. */
  const rulings = new Set<string>();

  beforeAll(async () => {
    const policy = roomPolicy('vip.*', { permissions: { join: 'vip:join' } });
    const made = roomPolicy('made', { createOnJoin: true });
    const limits = { roomsPerConnection: 2, roomsPerUser: 2 };
    cluster = await startCluster(2, { providers: [policy, made], limits });
    for (const user of USERS) {
      const [node, permissions] = PEOPLE[user];
      people.set(user, await cluster.connect(node, user, { permissions }));
    }
    const owner = people.get('owner') as TestClient;
    await owner.command('create_room', { room_id: 'open' });
    await owner.command('create_room', { room_id: 'private', visibility: 'private' });
    const everything = people.get('everything') as TestClient;
    await everything.command('create_room', { room_id: 'small', max_clients: 1 });
    await everything.command('create_room', { room_id: 'vip.1' });
    await owner.command('set_member', { room_id: 'open', user_id: 'moderator', role: 'moderator' });
    await owner.command('set_member', { room_id: 'private', user_id: 'member', role: 'member' });
  });
  afterAll(() => cluster.close());

  const explain = async (node: TestGateway, data: object) => {
    const token = node.token('service:test', { permissions: ['admin:system'] });
    const { status, body } = await node.fetch<
      Pick<ServiceReply<'explain'>, 'allowed' | 'rule' | 'steps'> & { error?: ErrorBody }
    >('POST', '/api/commands/explain', { token, body: data });
    expect([status, body]).toEqual([200, body]);
    return body;
  };

  /** What the client says for it. */
  const payloadOf = (action: string, about: { room: string; other: string; role: string; seq: number }) => {
    const room = { room_id: about.room };
    const onOther = { ...room, user_id: about.other };
    const payloads: Record<string, object> = {
      set_member: { ...onOther, role: about.role },
      kick_member: onOther,
      redact_message: { ...room, seq: about.seq },
      mark_read: { ...room, seq: 0 },
      room_message: { ...room, content: 1 },
      set_presence: { ...room, state: {} },
      direct_message: { target_id: about.other, content: 1 },
      block_user: { user_id: about.other, blocked: true },
    };
    return payloads[action] ?? room;
  };

  it.each([1, 2, 3])('is what happens then, whoever does whatever in whatever state (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    for (let step = 0; step < 250; step++) {
      const [user, action, room, other, role] = [pick(USERS), pick(ACTIONS), pick(ROOMS), pick(USERS), pick(ROLES)];
      const seq = 1 + Math.floor(random() * 3);
      const asked = { user_id: user, action, room_id: room, target_id: other, role, seq };
      const told = await explain(cluster.node(step % 2), asked);
      const answer = await (people.get(user) as TestClient).request(
        action,
        payloadOf(action, { room, other, role, seq }),
      );
      const error = answer.message_type === 'error' ? (answer.data as unknown as ErrorBody) : undefined;
      expect([asked, told.rule, told.error?.name, told.error?.details]).toEqual([
        ...[asked, told.rule, error?.name, error?.details],
      ]);
      if (told.rule === 'block_list' && !told.allowed) expect(answer.data['delivered']).toBe(0);
      else expect([asked, told.allowed]).toEqual([asked, error === undefined]);
      rulings.add(`${told.allowed ? 'passed' : 'refused'} ${told.rule}`);
      for (const { because } of told.steps) if (because.startsWith('There is none')) rulings.add(because);
    }
  });

  it('has come past every rule on those walks', () => {
    const rules = [
      ...['handler', 'permission', 'room_policy', 'membership', 'room', 'ban', 'private_room', 'rooms_per_connection'],
      ...['capacity', 'owner', 'owner_untouched', 'rank', 'author_or_rank', 'message', 'free_id', 'rooms_per_user'],
      'block_list',
    ];
    expect(rules.filter((rule) => !rulings.has(`refused ${rule}`))).toEqual([]);
    const made = ['There is none: his join makes it.', 'There is none, and he may not create it.'];
    expect(made.filter((because) => !rulings.has(because))).toEqual([]);
  });
});
