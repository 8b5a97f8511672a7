import type { Page } from 'playwright-core';
import WebSocket from 'ws';
import { TestBrowser } from './support/browser.js';
import { GatewayProcess } from './support/gateway.js';

const PASSWORD = 'correct horse';

let gateway: GatewayProcess;
let browser: TestBrowser;
/** Olga is an operator; Ann owns the room `lobby`, in which Bob said something. */
let olga: Page;
const tokens = new Map<string, string>();

beforeAll(async () => {
  [gateway, browser] = await Promise.all([GatewayProcess.start({ AUTH_ADMINS: 'olga' }), TestBrowser.launch()]);
  for (const username of ['olga', 'ann', 'bob']) {
    const { access_token } = await post<{ access_token: string }>('auth/register', { username, password: PASSWORD });
    tokens.set(username, access_token);
  }
  for (const id of ['lobby', 'old-room']) await post('rooms', { id }, 'ann');
  await post('rooms/lobby/messages', { content: { text: 'something rude' } }, 'bob');
  olga = await open('olga');
});
afterAll(() => Promise.all([gateway?.close(), browser?.close()]));

async function post<T>(path: string, body: object, as?: string): Promise<T> {
  const response = await fetch(`${gateway.url}api/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(as && { authorization: `Bearer ${tokens.get(as)}` }) },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** The console as somebody who has just signed in. */
async function open(username: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(`${gateway.url}console`);
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  return page;
}

async function view(name: string): Promise<void> {
  await olga.evaluate((hash) => {
    location.hash = `#/${hash}`;
  }, name);
}

/** Does what the dialog asks about, and reads what came of it. */
async function confirm(verb: string, typed?: string): Promise<string> {
  const dialog = olga.getByRole('dialog');
  const button = dialog.getByRole('button', { name: verb, exact: true });
  if (typed !== undefined) {
    expect(await button.isDisabled()).toBe(true);
    await dialog.getByLabel('Type “').fill(typed);
  }
  await button.click();
  const outcome = await dialog.getByRole('status').filter({ hasText: 'Done.' }).innerText();
  // The keyboard goes on with the button that closes.
  await olga.keyboard.press('Enter');
  await dialog.waitFor({ state: 'detached' });
  return outcome;
}

/** A socket of somebody, until it is closed. */
function connect(username: string): { socket: WebSocket; next: (type: string) => Promise<Record<string, unknown>> } {
  const url = gateway.url.replace('http', 'ws');
  const socket = new WebSocket(`${url}ws`, ['hubbub.v1', `bearer.${tokens.get(username)}`]);
  const next = (type: string) =>
    new Promise<Record<string, unknown>>((resolve) => {
      socket.on('message', (data: Buffer) => {
        const envelope = JSON.parse(data.toString()) as { message_type: string; data: Record<string, unknown> };
        if (envelope.message_type === type) resolve(envelope.data);
      });
    });
  return { socket, next };
}

it('says what is missing to those who are no operators, and how to get it', async () => {
  const page = await open('bob');
  await page.getByRole('heading', { name: 'This account may not use the console' }).waitFor();
  expect(await page.locator('main').innerText()).toMatch(/admins: \[bob\][\s\S]*--permissions admin:system/);
  await page.context().close();
});

it('redacts, bans and lifts a ban in a room, and explains a denial by it', async () => {
  await view('rooms/lobby/messages');
  await olga.getByRole('cell', { name: 'something rude' }).waitFor();
  await olga.getByRole('button', { name: 'Redact 1' }).click();
  expect(await confirm('Redact')).toBe('Done.');
  await olga.getByText('redacted').waitFor();
  await view('users/bob');
  await olga.getByRole('button', { name: 'Ban in a room' }).click();
  await olga.getByRole('dialog').getByLabel('Room id').fill('lobby');
  await confirm('Apply');
  await view('explain?user=bob&command=join_room&room=lobby');
  await olga.getByRole('button', { name: 'Ask' }).click();
  await olga.getByRole('heading', { name: 'Refused by the rule “ban”.' }).waitFor();
  await view('rooms/lobby/roles');
  await olga.getByRole('button', { name: 'Lift ban bob' }).click();
  await confirm('Lift ban');
  await olga.getByText('Nobody but the owner has a role here.').waitFor();
});

it('broadcasts to who is connected, taps a user without content, and ends connections', async () => {
  const bob = connect('bob');
  const told = bob.next('broadcast');
  await bob.next('connected');
  await view('broadcast');
  await olga.getByLabel('Message').fill('Back in five minutes');
  await olga.getByRole('button', { name: 'Broadcast…' }).click();
  await confirm('Broadcast', 'broadcast');
  expect(await told).toMatchObject({ message: 'Back in five minutes', sender_id: 'olga' });
  await view('tap?user=bob');
  await olga.getByRole('button', { name: 'Start' }).click();
  await olga.getByText('Watching on 1 node.').waitFor();
  bob.socket.send(JSON.stringify({ message_type: 'join_room', message_id: 1, data: { room_id: 'lobby' } }));
  await olga.getByRole('row', { name: /join_room/ }).waitFor();
  expect(await olga.getByRole('columnheader', { name: 'Content' }).count()).toBe(0);
  const closed = new Promise<number>((resolve) => bob.socket.on('close', resolve));
  await view('users/bob');
  await olga.getByRole('button', { name: 'Disconnect all' }).click();
  expect(await confirm('Disconnect all')).toBe('Done. 1 connection was closed.');
  expect(await closed).toBe(4502);
});

it('deletes a room once its name is typed, and keeps in the audit log who did it', async () => {
  await view('rooms/old-room');
  await olga.getByRole('button', { name: 'Delete room' }).click();
  expect(await confirm('Delete for good', 'old-room')).toBe('Done.');
  await view('audit');
  const deleted = olga.getByRole('row', { name: /delete_room/ });
  expect(await deleted.innerText()).toMatch(/olga[\s\S]*old-room[\s\S]*done/);
  for (const action of ['redact_message', 'set_member', 'broadcast', 'tap', 'disconnect_user']) {
    expect(await olga.getByRole('row', { name: new RegExp(action) }).count()).toBeGreaterThan(0);
  }
});

it('shows the last hour as charts, and the same as figures', async () => {
  await view('overview');
  // A node measures every ten seconds, and is asked as often.
  await olga.getByRole('img', { name: /^Connected\. connections: now \d/ }).waitFor({ timeout: 30_000 });
  await olga.getByLabel('As', { exact: true }).selectOption('table');
  await olga.getByRole('rowheader', { name: 'Command latency: p99' }).waitFor();
  expect(browser.faults).toEqual([]);
});
