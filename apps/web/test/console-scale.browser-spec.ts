import type { Browser, Page } from 'playwright-core';
import { DESKTOP, keepPicture, PHONE, TestBrowser } from './support/browser.js';
import { GatewayProcess } from './support/gateway.js';
import { answerAsLargeCluster, CONNECTIONS } from './support/large-cluster.js';

const VIEWS = ['rooms', 'rooms?sort=name', 'connections', 'audit', 'overview'];

let gateway: GatewayProcess;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  [gateway, browser] = await Promise.all([GatewayProcess.start({ AUTH_ADMINS: 'olga' }), TestBrowser.launch()]);
  const account = { username: 'olga', password: 'correct horse' };
  await fetch(`${gateway.url}api/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(account),
  });
  page = await browser.newPage();
  await answerAsLargeCluster(page);
  await page.goto(`${gateway.url}console`);
  await page.getByLabel('Username').fill(account.username);
  await page.getByLabel('Password').fill(account.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText(CONNECTIONS.toLocaleString('en-GB')).first().waitFor();
});
afterAll(() => Promise.all([gateway?.close(), browser?.close()]));

interface TraceEvent {
  readonly name: string;
  readonly tid: number;
  /** CPU time of the thread, in µs. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Goes to a view until it has been drawn. @returns CPU time of its longest task in ms, which is the same on a busy machine */
async function visit(view: string, drawn = 'tbody tr'): Promise<number> {
  const chromium = page.context().browser() as Browser;
  await chromium.startTracing(page, { categories: ['toplevel', 'disabled-by-default-devtools.timeline'] });
  await page.evaluate((hash) => {
    location.hash = `#/${hash}`;
  }, view);
  await page.locator(drawn).first().waitFor();
  // Charts are drawn in turns of their own.
  if (view === 'overview') await page.locator('.plot canvas').nth(13).waitFor();
  const { traceEvents } = JSON.parse((await chromium.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const main = traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const tasks = traceEvents.filter(({ name, tid }) => name.endsWith('RunTask') && main.some((one) => one.tid === tid));
  if (tasks.length === 0) throw new Error('the trace has no tasks of the page');
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000;
}

describe('the console of a cluster of 32 nodes, 100,000 connections and 10,000 rooms', () => {
  it.each(VIEWS)('shows %s without keeping the operator waiting, on a page of bounded size', async (view) => {
    await visit('users', 'form.panel');
    expect(await visit(view)).toBeLessThan(100);
    expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(3000);
  });

  it('draws an hour of all nodes at once when it is opened', async () => {
    await visit('users', 'form.panel');
    await page.reload();
    expect(await visit('overview')).toBeLessThan(100);
    await keepPicture(page, 'console-desktop');
    await page.setViewportSize(PHONE);
    await page.evaluate(() => scrollTo(0, 0));
    await keepPicture(page, 'console-phone');
    await page.setViewportSize(DESKTOP);
  });

  it('goes to the next page by keyboard, and back', async () => {
    await visit('connections');
    const first = page.getByRole('row').nth(1);
    await page.getByRole('button', { name: 'Next' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('00000100').first().waitFor();
    await page.getByRole('button', { name: 'Previous' }).focus();
    await page.keyboard.press('Enter');
    await first.getByText('00000000').first().waitFor();
    expect(browser.faults).toEqual([]);
  });
});
