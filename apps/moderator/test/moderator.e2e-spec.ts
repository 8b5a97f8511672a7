import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithBroker } from '@hubbub/bus/testing';
import { Moderated, noticesOf } from './moderated.js';
import { Program } from './program.js';

describeWithBroker('nats', 'the moderator', () => {
  let moderated: Moderated;
  const say = async (from: Awaited<ReturnType<Moderated['member']>>, room: string, content: unknown) =>
    (await from.command('room_message', { room_id: room, content })).seq ?? 0;
  const decisionsIn = (room: string) => moderated.told.filter(({ room_id }) => room_id === room);

  beforeAll(async () => {
    moderated = await Moderated.open({ MODERATOR_WORDS: 'darn', MODERATOR_REPEATS: '3', MODERATOR_EXEMPT: 'bot:*' });
    await moderated.startGateway();
    await moderated.startModerator();
  }, 60_000);
  afterAll(() => moderated.close());

  it('redacts a message with an unwanted word, says so in the room, and tells others', async () => {
    const owner = await moderated.member('owner', 'words');
    const mallory = await moderated.member('mallory', 'words');
    await say(mallory, 'words', 'good morning');
    const seq = await say(mallory, 'words', { text: 'oh d4rn it' });
    expect(await owner.next('message_redacted')).toMatchObject({ seq });
    const notice = await owner.next('room_message', ({ sender_id }) => sender_id === 'service:moderator');
    expect(notice.content).toEqual({
      type: 'moderation',
      text: 'A message of mallory was removed.',
      action: 'redacted',
      rule: 'word',
      seq,
      user_id: 'mallory',
    });
    await moderated.settled();
    expect(decisionsIn('words')).toEqual([
      {
        id: `${notice.epoch}:${seq}`,
        timestamp: expect.any(Number),
        room_id: 'words',
        epoch: notice.epoch,
        seq,
        user_id: 'mallory',
        username: 'mallory',
        rule: 'word',
        action: 'redacted',
        offence: 1,
      },
    ]);
    expect((await moderated.history('words')).map(({ redacted }) => redacted)).toEqual([undefined, true, undefined]);
  });

  it('kicks who goes on, who may come back, and then bans him, who may not', async () => {
    const owner = await moderated.member('owner', 'escalation');
    const eve = await moderated.member('eve', 'escalation');
    for (const offence of [1, 2, 3]) await say(eve, 'escalation', `darn ${offence}`);
    expect(await owner.next('member_kicked')).toMatchObject({ user_id: 'eve', reason: 'moderation: word' });
    await eve.next('member_kicked');
    await eve.command('join_room', { room_id: 'escalation', history: 0 });
    await say(eve, 'escalation', 'darn 4');
    await eve.next('member_kicked');
    await eve.command('join_room', { room_id: 'escalation', history: 0 });
    await say(eve, 'escalation', 'darn 5');
    expect(await owner.next('member_set')).toMatchObject({ user_id: 'eve', role: 'banned' });
    await expect(eve.command('join_room', { room_id: 'escalation' })).rejects.toMatchObject({ code: 2001 });
    await moderated.settled();
    expect(decisionsIn('escalation').map(({ action }) => action)).toEqual([
      ...['redacted', 'redacted', 'kicked', 'kicked', 'banned'],
    ]);
    const said = [...noticesOf(await moderated.history('escalation')).values()];
    expect(said).toEqual([['redacted'], ['redacted'], ['kicked'], ['kicked'], ['banned']]);
  });

  it('redacts one repeat too many, however it is written', async () => {
    await moderated.member('owner', 'repeats');
    const sam = await moderated.member('sam', 'repeats');
    const texts = [
      'Buy cheap watches!',
      'BUY  CHEAP WATCHES',
      'how are you?',
      'buy, cheap, watches',
      'buy cheap watchess',
    ];
    const seqs: number[] = [];
    for (const text of texts) seqs.push(await say(sam, 'repeats', text));
    await moderated.settled();
    expect(decisionsIn('repeats').map(({ seq, rule }) => [seq, rule])).toEqual([
      [seqs[3], 'repeat'],
      [seqs[4], 'repeat'],
    ]);
  });

  it('judges neither owners and moderators of the room, nor operators, nor who is exempt, nor itself', async () => {
    const owner = await moderated.member('owner', 'exempt');
    await owner.command('set_member', { room_id: 'exempt', user_id: 'mod', role: 'moderator' });
    const operator = await moderated.connect('operator', ['admin:system']);
    await operator.command('join_room', { room_id: 'exempt', history: 0 });
    const others = [await moderated.member('mod', 'exempt'), await moderated.member('bot:1', 'exempt')];
    for (const from of [owner, operator, ...others]) await say(from, 'exempt', 'darn');
    // What he is in the room does not depend on whether he is connected.
    await others[0]?.close();
    const mallory = await moderated.member('mallory2', 'exempt');
    const first = await say(mallory, 'exempt', 'darn');
    for (let n = 0; n < 4; n++) {
      await mallory.request('join_room', { room_id: 'exempt', history: 0 });
      await mallory.request('room_message', { room_id: 'exempt', content: 'darn' });
    }
    await moderated.settled();
    const about = decisionsIn('exempt');
    expect([new Set(about.map(({ user_id }) => user_id)), about[0]?.seq]).toEqual([new Set(['mallory2']), first]);
    const messages = await moderated.history('exempt');
    expect(messages.filter(({ redacted }) => redacted)).toHaveLength(about.length);
    expect(noticesOf(messages).size).toBe(about.length);
  });

  it('does nothing to a room that was made anew in place of the one it was about', async () => {
    const owner = await moderated.member('owner', 'anew');
    const nick = await moderated.member('nick', 'anew');
    expect(await moderated.moderator.terminate()).toBe(0);
    await say(nick, 'anew', 'darn');
    await owner.command('delete_room', { room_id: 'anew' });
    await owner.command('create_room', { room_id: 'anew' });
    await nick.command('join_room', { room_id: 'anew', history: 0 });
    await say(nick, 'anew', 'I am innocent');
    await moderated.startModerator();
    await moderated.until(() => decisionsIn('anew').length > 0);
    await moderated.settled();
    expect(decisionsIn('anew')).toMatchObject([{ user_id: 'nick', seq: 1, action: 'redacted' }]);
    expect(await moderated.history('anew')).toMatchObject([{ seq: 1, content: 'I am innocent' }]);
  }, 60_000);

  it('does what it decided once the gateways are back, and says meanwhile that it cannot', async () => {
    await moderated.member('owner', 'away');
    const rita = await moderated.member('rita', 'away');
    await moderated.moderator.kill();
    await say(rita, 'away', 'darn');
    await moderated.gateway.terminate();
    await moderated.startModerator();
    await moderated.moderator.line(/failed, trying again/);
    expect(await moderated.health()).toMatchObject({ status: 'error', details: { decide: { status: 'down' } } });
    await moderated.startGateway();
    await moderated.until(() => decisionsIn('away').length > 0);
    await moderated.settled();
    expect(await moderated.health()).toMatchObject({ status: 'ok', details: { decide: { status: 'up' } } });
    expect((await moderated.history('away')).map(({ redacted }) => redacted)).toEqual([true, undefined]);
  }, 60_000);
});

describeWithBroker('nats', 'the moderator at its start', () => {
  let moderated: Moderated;
  beforeAll(async () => {
    moderated = await Moderated.open({});
  });
  afterAll(() => moderated.close());

  it('waits for the stream of events, and reads its words again when they change', async () => {
    const words = join(moderated.folder, 'words.txt');
    writeFileSync(words, '# mild ones\ndarn\n');
    await moderated.startModerator({ MODERATOR_WORDS_FILE: words });
    await moderated.moderator.line(/there is no stream HUBBUB_EVENTS yet/);
    expect(await moderated.health()).toMatchObject({ status: 'error', details: { events: { status: 'down' } } });
    await moderated.startGateway();
    await moderated.member('owner', 'start');
    const tom = await moderated.member('tom', 'start');
    const say = async (content: string) => (await tom.command('room_message', { room_id: 'start', content })).seq;
    await say('heck');
    const darn = await say('darn');
    await moderated.settled();
    appendFileSync(words, 'heck # less mild\n');
    await moderated.moderator.line(/"msg":"words are read","words":2/);
    const heck = await say('heck');
    await moderated.settled();
    expect(moderated.told.map(({ seq }) => seq)).toEqual([darn, heck]);
  }, 60_000);

  it('says that nothing is heard while the broker is away', async () => {
    expect(await moderated.health()).toMatchObject({ status: 'ok', details: { events: { status: 'up' } } });
    await moderated.broker.stop();
    await moderated.moderator.line(/connection to nats lost/);
    expect(await moderated.health()).toMatchObject({ status: 'error', details: { events: { status: 'down' } } });
    await moderated.broker.start();
    await moderated.moderator.line(/connected to nats again/);
    // The consumer is looked for again, which may take a moment.
    while ((await moderated.health()).status !== 'ok') await new Promise((resolve) => setTimeout(resolve, 20));
  }, 60_000);
});

describe('the command of the moderator', () => {
  const run = (env: Readonly<Record<string, string>>) => Program.start('apps/moderator/src/main', env);

  it.each([
    [
      'settings that are none',
      { MODERATOR_REPEATS: 'many', MODERATOR_TOKEN: 'secret' },
      /MODERATOR_TOKEN.*\n.*_REPEATS/,
    ],
    ['a file of words that is not there', { MODERATOR_WORDS_FILE: 'absent.txt' }, /absent\.txt/],
  ])('ends with a word about %s', async (_what, env, word) => {
    const folder = mkdtempSync(join(tmpdir(), 'hubbub-moderator-'));
    const program = run({
      MODERATOR_DATA_DIR: folder,
      MODERATOR_PORT: '0',
      HUBBUB_BUS_URL: 'nats://127.0.0.1:1',
      ...env,
    });
    expect(await program.ended).toBe(1);
    expect(program.written).toMatch(/the moderator cannot start: /);
    expect(program.written).toMatch(word);
    expect(program.written).not.toMatch(/secret|many| at /);
    rmSync(folder, { recursive: true });
  });
});
