import { BrokerProcess, missingBroker } from '@hubbub/bus/testing';
import { Relay } from '@hubbub/client/testing';
import { makeTestDatabase, missingTestServer, type TestServerDatabase } from '@hubbub/storage/testing';
import { ApiUser } from './support/api-user.js';
import { TestBrowser } from './support/browser.js';
import { GatewayProcess } from './support/gateway.js';
import { Person } from './support/person.js';

/** What people see of pages that are reloaded, networks that fail and gateways that are killed: every message once, in order. */

/** Five processes and three pages: on a busy machine that takes longer than the limit of a test. */
const PATIENT = 150_000;

let browser: TestBrowser;
beforeAll(async () => {
  browser = await TestBrowser.launch();
});
afterAll(() => browser?.close());

interface Typing {
  readonly word: string;
  readonly last: number;
  /** The page is reloaded after this one, while it goes on. */
  readonly reloadAt?: number;
}

/** Types `m 1`, `m 2` … and presses Enter after each, as fast as the page goes; after a reload from where that cut it off. */
async function type(person: Person, typing: Typing): Promise<void> {
  await person.composer.waitFor();
  await person.page.evaluate(async ({ word, last, reloadAt }) => {
    const field = document.querySelector('textarea') as HTMLTextAreaElement;
    const next = () => Number(sessionStorage.getItem(word) ?? 0) + 1;
    for (let count = next(); count <= last; count = next()) {
      field.value = `${word} ${count}`;
      field.dispatchEvent(new InputEvent('input', { bubbles: true }));
      field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
      sessionStorage.setItem(word, String(count));
      if (count === reloadAt) location.reload();
      await new Promise((resolve) => setTimeout(resolve));
    }
  }, typing);
}

async function typeAndReload(person: Person, typing: Required<Typing>): Promise<void> {
  const loaded = person.page.waitForEvent('load');
  // Whom it was asked of is gone before it is done.
  await type(person, typing).catch(() => {});
  await loaded;
}

const numbered = (word: string, last: number) => Array.from({ length: last }, (_, index) => `${word} ${index + 1}`);
const noConnection = (person: Person) => person.page.getByRole('status').filter({ hasText: 'No connection' });
const isSending = (person: Person, text: string) => person.message(text).getByText('Sending…').waitFor();
const isSent = (person: Person, text: string) => person.message(text).getByText('Sent', { exact: true }).waitFor();

/** What is in the history, in its order, of messages that begin with one of `letters`. */
async function stored(reader: ApiUser, room: string, letters: string): Promise<string[]> {
  const messages = await reader.history(room);
  const texts = messages.map(({ content }) => (content as { text: string }).text);
  return texts.filter((text) => letters.includes(text.split(' ')[0] as string));
}

/** All of `people` have on their pages what the room keeps, and each writer's messages are there once, in order. */
async function expectAll(people: readonly Person[], reader: ApiUser, written: Record<string, number>): Promise<void> {
  const letters = Object.keys(written).join('');
  const kept = await stored(reader, 'lobby', letters);
  for (const [word, last] of Object.entries(written)) {
    expect(kept.filter((text) => text.startsWith(word))).toEqual(numbered(word, last));
  }
  for (const person of people) expect(await person.texts(`[${letters}]`)).toEqual(kept);
  expect(browser.faults).toEqual([]);
}

describe('two people at a gateway', () => {
  let gateway: GatewayProcess;
  /** Bob's way to it. */
  let network: Relay;
  let alice: Person;
  let bob: Person;
  let reader: ApiUser;
  beforeAll(async () => {
    gateway = await GatewayProcess.start();
    alice = await Person.register(browser, gateway.url, 'alice');
    await alice.createRoom('Lobby');
    network = await Relay.start(Number(new URL(gateway.url).port));
    bob = await Person.register(browser, `${network.url}/#/room/lobby`, 'bob');
    await bob.main.getByRole('button', { name: 'Enter', exact: true }).click();
    await bob.composer.waitFor();
    reader = await ApiUser.register(gateway, 'reader');
  });
  afterAll(async () => {
    await network?.close();
    await gateway?.close();
  });

  it('lose and repeat nothing of 200 messages when the page that sends them is reloaded in the middle, three times', async () => {
    for (const reloadAt of [40, 90, 150]) await typeAndReload(alice, { word: 'm', last: 200, reloadAt });
    await type(alice, { word: 'm', last: 200 });
    await isSent(alice, 'm 200');
    await bob.reads('m 200');
    await expectAll([bob], reader, { m: 200 });
    await alice.page.reload();
    await alice.reads('m 200');
    await alice.readBack();
    await expectAll([alice], reader, { m: 200 });
  });

  it('see that there is no connection, and go on where they were when the gateway is back', async () => {
    const both = [alice, bob];
    const typed = Promise.all([type(alice, { word: 'a', last: 60 }), type(bob, { word: 'b', last: 60 })]);
    await bob.reads('a 10');
    await gateway.stop('SIGKILL');
    await typed;
    await Promise.all(both.map((person) => noConnection(person).waitFor()));
    await alice.say('a 61');
    await bob.say('b 61');
    await Promise.all([isSending(alice, 'a 61'), isSending(bob, 'b 61')]);
    await gateway.restart();
    await Promise.all([isSent(alice, 'a 61'), isSent(bob, 'b 61'), alice.reads('b 61'), bob.reads('a 61')]);
    await Promise.all(both.map((person) => noConnection(person).waitFor({ state: 'detached' })));
    await expectAll(both, reader, { a: 61, b: 61 });
  });

  it('get what was said meanwhile when one of them was offline', async () => {
    const { target } = network;
    network.cut();
    // Told by the browser, as a laptop's does when its radio is off.
    await bob.page.context().setOffline(true);
    await noConnection(bob).waitFor();
    for (const text of numbered('x', 3)) await alice.say(text);
    for (const text of numbered('y', 3)) await bob.say(text);
    await isSent(alice, 'x 3');
    await isSending(bob, 'y 3');
    expect(await bob.message('x').count()).toBe(0);
    expect(await alice.message('y').count()).toBe(0);
    network.target = target;
    await bob.page.context().setOffline(false);
    await Promise.all([isSent(bob, 'y 3'), alice.reads('y 3'), bob.reads('x 3')]);
    await expectAll([alice, bob], reader, { x: 3, y: 3 });
  });
});

const lacking = missingBroker('nats') ?? missingTestServer('postgres');
const describeOnServers = lacking === undefined || process.env.CI === 'true' ? describe : describe.skip;

describeOnServers(`three people at two nodes${lacking ? ` (${lacking})` : ''}`, () => {
  let broker: BrokerProcess;
  let database: TestServerDatabase;
  let nodes: GatewayProcess[];
  beforeAll(async () => {
    [broker, database] = await Promise.all([BrokerProcess.start('nats'), makeTestDatabase('postgres')]);
    const settings = {
      ...{ DATABASE_TYPE: 'postgres', DATABASE_URL: database.url, BUS_TYPE: 'nats', BUS_URL: broker.url },
      ...{ AUTH_SECRET: 'both nodes sign with these words 4711', CLUSTER_NODE_TIMEOUT_MS: '1500' },
    };
    nodes = await Promise.all([GatewayProcess.start(settings), GatewayProcess.start(settings)]);
  });
  afterAll(async () => {
    await Promise.all(nodes?.map((node) => node.close()) ?? []);
    await Promise.all([database?.drop(), broker?.remove()]);
  });

  it(
    'see each other and all messages, also those that one node has missed while it was killed',
    async () => {
      const [one, two] = nodes as [GatewayProcess, GatewayProcess];
      const alice = await Person.register(browser, one.url, 'alice');
      await alice.createRoom('Lobby');
      const bob = await Person.register(browser, one.url, 'bob');
      await bob.enter(`${one.url}#/room/lobby`);
      const carol = await Person.register(browser, two.url, 'carol');
      await carol.enter(`${two.url}#/room/lobby`);
      const reader = await ApiUser.register(two, 'reader');
      const all = [alice, bob, carol];
      for (const person of all) expect(await person.members(3)).toEqual(['alice', 'bob', 'carol']);
      for (const [person, word] of [
        [alice, 'a'],
        [bob, 'b'],
        [carol, 'c'],
      ] as const)
        await type(person, { word, last: 20 });
      await Promise.all(all.flatMap((person) => ['a 20', 'b 20', 'c 20'].map((text) => person.reads(text))));
      await expectAll(all, reader, { a: 20, b: 20, c: 20 });

      await one.stop('SIGKILL');
      expect(await carol.members(1)).toEqual(['carol']);
      await carol.say('c 21');
      await alice.say('a 21');
      await isSent(carol, 'c 21');
      await isSending(alice, 'a 21');
      await one.restart();
      await Promise.all(all.flatMap((person) => ['a 21', 'c 21'].map((text) => person.reads(text))));
      await isSent(alice, 'a 21');
      for (const person of all) expect(await person.members(3)).toEqual(['alice', 'bob', 'carol']);
      await expectAll(all, reader, { a: 21, b: 20, c: 21 });
    },
    PATIENT,
  );
});
