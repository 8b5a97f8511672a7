import { startGateway, type TestClient, type TestGateway } from '@hubbub/testing';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { TestBrowser } from './support/browser.js';
import { TabsPage } from './support/tabs-page.js';

/** Many tabs of one browser, on one connection. */

let pages: TabsPage;
let gateway: TestGateway;
let browser: TestBrowser;
let owner: TestClient;
beforeAll(async () => {
  [pages, browser] = await Promise.all([TabsPage.start(), TestBrowser.launch()]);
  gateway = await startGateway({ server: { allowedOrigins: [pages.origin] }, presence: { coalesceMs: 1, graceMs: 0 } });
  owner = await gateway.connect('owner');
  await owner.command('create_room', { room_id: 'lobby' });
  await owner.command('join_room', { room_id: 'lobby' });
});
afterAll(async () => {
  await browser?.close();
  await gateway?.close();
  pages?.close();
});

async function connections(user: string): Promise<number> {
  const token = gateway.token('operator', { permissions: ['admin:system'] });
  const { body } = await gateway.fetch<{ clients: { user_id: string }[] }>('GET', '/api/clients', { token });
  return body.clients.filter(({ user_id }) => user_id === user).length;
}

async function openTab(context: BrowserContext, user: string): Promise<Page> {
  const tab = await context.newPage();
  const fragment = encodeURIComponent(JSON.stringify({ url: gateway.ws, token: gateway.token(user) }));
  await tab.goto(`${pages.origin}/#${fragment}`);
  await tab.waitForSelector('[data-ready]', { state: 'attached' });
  return tab;
}

const say = (tab: Page, content: string) =>
  tab.evaluate((text) => (window as unknown as { say(content: string): Promise<unknown> }).say(text), content);
const heard = (tab: Page, content: string) => tab.waitForFunction((text) => document.title.endsWith(text), content);
const contents = async (tab: Page) => (await tab.title()).replaceAll(/\d+ /g, '');
const numbers = async (tab: Page) => Array.from((await tab.title()).matchAll(/(\d+) /g), ([, seq]) => Number(seq));

describe.each([
  ['a worker', 'alice', () => {}],
  // As in browsers that have none.
  ['one of them', 'bob', () => Reflect.deleteProperty(window, 'SharedWorker')],
])('tabs that share the connection of %s', (_, user, before) => {
  let context: BrowserContext;
  beforeAll(async () => {
    context = (await browser.newPage()).context();
    await context.addInitScript(before);
  });
  afterAll(() => context.close());

  it('hear each message once, and go on without those that are closed, reloaded or crashed', async () => {
    const [one, two, three] = [
      await openTab(context, user),
      await openTab(context, user),
      await openTab(context, user),
    ];
    expect(await connections(user)).toBe(1);
    await say(one, 'a');
    await say(two, 'b');
    await owner.command('room_message', { room_id: 'lobby', content: 'c' });
    for (const tab of [one, two, three]) {
      await heard(tab, 'c');
      expect(await contents(tab)).toBe('a, b, c');
    }

    // The first: where a tab leads, it is this one.
    await one.close();
    await owner.command('room_message', { room_id: 'lobby', content: 'd' });
    await say(two, 'e');
    for (const tab of [two, three]) await heard(tab, 'e');
    expect(await contents(three)).toBe('a, b, c, d, e');

    const crashed = two.waitForEvent('crash');
    await two.goto('chrome://crash').catch(() => {});
    await crashed;
    await owner.command('room_message', { room_id: 'lobby', content: 'f' });
    await say(three, 'g');
    await heard(three, 'g');
    expect(await contents(three)).toBe('a, b, c, d, e, f, g');
    const seqs = await numbers(three);
    expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] as number) + index));

    const four = await openTab(context, user);
    await three.reload();
    await three.waitForSelector('[data-ready]', { state: 'attached' });
    await say(three, 'h');
    await heard(four, 'h');
    expect(await connections(user)).toBe(1);
    await Promise.all([three.close(), four.close()]);
    await owner.next('presence', ({ left }) => left.some(({ user_id }) => user_id === user));
    expect(browser.faults).toEqual([]);
  });
});

it('tabs go on at once with another worker when theirs is killed', async () => {
  const context = (await browser.newPage()).context();
  const [one, two] = [await openTab(context, 'carol'), await openTab(context, 'carol')];
  const session = await (context.browser() as Browser).newBrowserCDPSession();
  const { targetInfos } = await session.send('Target.getTargets');
  const worker = targetInfos.find(({ type, url }) => type === 'shared_worker' && url.startsWith(pages.origin));
  await session.send('Target.closeTarget', { targetId: worker?.targetId as string });
  await say(one, 'a');
  await heard(two, 'a');
  await owner.command('room_message', { room_id: 'lobby', content: 'b' });
  for (const tab of [one, two]) await heard(tab, 'b');
  expect([await contents(one), await contents(two)]).toEqual(['a, b', 'a, b']);
  expect(await connections('carol')).toBe(1);
  const had = await two.evaluate(() => (window as unknown as { connections: string[] }).connections);
  expect(new Set(had.map((id) => id.split('~')[0])).size).toBe(2);
  await context.close();
});
