import { signJwt } from '@hubbub/testing';
import type { Locator, Page } from 'playwright-core';
import WebSocket from 'ws';
import { ApiUser } from './support/api-user.js';
import { TestBrowser } from './support/browser.js';
import { GatewayProcess } from './support/gateway.js';
import { guardAgainstInjection } from './support/injection-guard.js';
import { Person } from './support/person.js';

/**
 * Mallory writes what would run in a careless page wherever a person or a service can write; Alice and Olga, an operator, look
 * at it. Nothing of it may run, load or become an element, and all of it is to be read as what it is.
 */

const SECRET = 'mallory could not guess these words 4711';
const PERMISSIONS = ['read:message', 'send:message', 'create:room', 'delete:room', 'join:room', 'leave:room'];
const HTML = '<img src=x onerror=window.pwned=1><script>window.pwned=2</script>';
const QUOTED = `"'><svg onload=window.pwned=3>`;
/** As of photo_gpj.exe, which reads as photo_exe.jpg. */
const TURNED = 'photo_\u202egpj.exe';
const TURNING = /[\u202a-\u202e\u2066-\u2069]/u;
const MALLORY = { id: `${QUOTED}mallory`, name: `<b onclick=window.pwned=4>Mallory</b> ${TURNED}` };
const ROOM = { id: 'den', name: `Den ${QUOTED} ${TURNED}`, topic: `Topic ${HTML} ${TURNED}` };

/** As the page shows it: what is not seen, and turns around what follows, is. */
const seen = (text: string) => text.replace(TURNING, '\ufffd');

/** Text of messages, and what is to be read of it where that is not the same. */
const TEXTS: readonly (readonly [text: string, read?: string])[] = [
  [HTML],
  [QUOTED],
  ['<a href="javascript:window.pwned=1">a link</a>'],
  ['<iframe srcdoc="<script>parent.pwned=1</script>"></iframe>'],
  ['<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s></svg>'],
  ['</p></article></main><style>*{display:none}</style>'],
  ['<!--><img src=x onerror=window.pwned=1>-->'],
  ['{{constructor.constructor("window.pwned=1")()}} ${window.pwned=1}'],
  ['[scheme](javascript:window.pwned=1)'],
  ['[shouted](JaVaScRiPt:window.pwned=1)'],
  ['[spaced]( java\tscript:window.pwned=1)'],
  ['[control](\u0001javascript:window.pwned=1)', '[control](\u2401javascript:window.pwned=1)'],
  ['[entity](javascript&colon;window.pwned=1)'],
  ['[encoded](javascript%3Awindow.pwned=1)'],
  ['[data](data:text/html,<script>window.pwned=1</script>)'],
  ['[base64](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)'],
  ['[vb](vbscript:msgbox(1))'],
  ['[file](file:///etc/passwd) [blob](blob:null/1) [ours](//evil.example/x)'],
  ['<javascript:window.pwned=1> javascript:window.pwned=1'],
  ['![image](javascript:window.pwned=1)'],
  ['![svg](data:image/svg+xml,<svg onload=window.pwned=1>)'],
  ['![[nested](javascript:window.pwned=1)](javascript:window.pwned=2)'],
  ['[![inner](javascript:window.pwned=1)](javascript:window.pwned=2)'],
  ['[quote](https://evil.example/"onmouseover="window.pwned=1)', 'quote'],
  ['https://evil.example/"><img/src=x/onerror=window.pwned=1>'],
  ['![asked](https://evil.example/pixel.png"onerror="window.pwned=1)', 'Show image from evil.example'],
  ['`<img src=x onerror=window.pwned=1>` in code', '<img src=x onerror=window.pwned=1> in code'],
  ['```html"onload="window.pwned=1\n<script>window.pwned=5</script>\n```', '<script>window.pwned=5</script>'],
  ['> <script>window.pwned=6</script>', '<script>window.pwned=6</script>'],
  ['- <script>window.pwned=7</script>', '<script>window.pwned=7</script>'],
  ['**<script>window.pwned=8</script>**', '<script>window.pwned=8</script>'],
  ['\uff1cscript\uff1ewindow.pwned=1\uff1c/script\uff1e'],
  [`turned ${TURNED}`, 'turned photo_\ufffdgpj.exe'],
];

const deep = (levels: number): unknown => (levels === 0 ? HTML : [deep(levels - 1)]);
const DANGEROUS = { dangerouslySetInnerHTML: { __html: HTML } };

/** Contents of other clients and services, and what is to be read of each. */
const SHAPES: readonly (readonly [content: unknown, read: string])[] = [
  [`alone ${HTML}`, `alone ${HTML}`],
  [null, 'null'],
  [[HTML], JSON.stringify(HTML)],
  [{ html: HTML }, JSON.stringify(HTML)],
  [{ text: 'with keys', ...DANGEROUS, innerHTML: HTML, onclick: 'window.pwned=1', style: 'x' }, 'with keys'],
  [{ text: DANGEROUS }, 'dangerouslySetInnerHTML'],
  // As a renderer keeps elements.
  [
    { type: 'script', props: { ...DANGEROUS, onerror: 'x' }, key: null, ref: null, __k: null, __v: 1 },
    '"type": "script"',
  ],
  [{ text: { type: 'img', props: { src: 'x', onError: 'window.pwned=1' } } }, '"type": "img"'],
  [JSON.parse('{"__proto__":{"text":"inherited","pwned":1},"own":1}'), 'inherited'],
  [JSON.parse('{"constructor":{"prototype":{"pwned":1}},"toString":1,"then":1}'), '"then": 1'],
  [{ image: 'javascript:window.pwned=1' }, 'javascript:window.pwned=1'],
  [{ image: { url: 'data:text/html,<script>window.pwned=1</script>' } }, 'data:text/html'],
  [{ image: { url: 'https://evil.example/a.svg', alt: `alt ${HTML}` }, text: 'with alt' }, `alt ${HTML}`],
  [{ text: `huge ${HTML.repeat(800)}` }, `huge ${HTML}`],
  [deep(50), '<img src=x'],
];

let gateway: GatewayProcess;
let browser: TestBrowser;
let alice: Person;
let mallory: Person;
let services: ApiUser;
let operator: ApiUser;

beforeAll(async () => {
  const settings = { AUTH_ADMINS: 'olga', AUTH_SECRET: SECRET };
  [gateway, browser] = await Promise.all([GatewayProcess.start(settings), TestBrowser.launch(guardAgainstInjection)]);
  operator = await ApiUser.register(gateway, 'olga');
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const claims = { iss: 'hubbub', user_id: MALLORY.id, username: MALLORY.name, permissions: PERMISSIONS, exp };
  const token = signJwt(claims, SECRET);
  services = new ApiUser(gateway, token);
  await services.post('rooms', { id: ROOM.id, name: ROOM.name, metadata: { topic: ROOM.topic, [HTML]: HTML } });
  alice = await Person.register(browser, `${gateway.url}#/rooms`, 'alice');
  mallory = await Person.withToken(await browser.newPage(), `${gateway.url}#/room/${ROOM.id}`, token, MALLORY.name);
  await mallory.main.getByRole('button', { name: 'Enter', exact: true }).click();
  await mallory.composer.waitFor();
});
afterAll(() => Promise.all([gateway?.close(), browser?.close()]));

async function expectUnharmed(...pages: Page[]): Promise<void> {
  for (const page of pages) {
    // What it has begun comes to its end.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
    const lines = (await page.evaluate(() => document.body.innerText)).split('\n');
    expect(lines.filter((line) => TURNING.test(line))).toEqual([]);
  }
  expect(browser.faults.splice(0)).toEqual([]);
}

/** Sends by a socket, as HTTP takes no object that has `__proto__` among its keys. */
async function sendAll(contents: readonly unknown[]): Promise<void> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}ws`, ['hubbub.v1', `bearer.${services.token}`]);
  const send = (message_type: string, message_id: number, more: object) =>
    socket.send(JSON.stringify({ message_type, message_id, data: { room_id: ROOM.id, ...more } }));
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject).on('open', () => {
      send('join_room', 0, {});
      for (const [index, content] of contents.entries()) send('room_message', index + 1, { content });
    });
    socket.on('message', (frame: Buffer) => {
      const { message_type, request_id } = JSON.parse(frame.toString()) as Record<string, unknown>;
      if (message_type === 'error') reject(new Error(frame.toString()));
      if (request_id === contents.length) resolve();
    });
  });
  socket.close();
}

const reads = (where: Page | Locator, text: string) => where.getByText(text).first().waitFor();

it('names, topics and states of others are text, wherever they are shown', async () => {
  const { page } = alice;
  await mallory.choose('Your account', 'Set status');
  await mallory.dialog.getByRole('textbox').fill(`Busy ${QUOTED} ${TURNED}`);
  await mallory.dialog.getByRole('button', { name: 'Save' }).click();
  await mallory.dialog.waitFor({ state: 'detached' });
  await alice.main.getByRole('heading', { name: seen(ROOM.name) }).waitFor();
  await reads(alice.main, seen(ROOM.topic));
  await page.goto(`${gateway.url}#/room/${ROOM.id}`);
  await reads(alice.main, seen(ROOM.topic));
  await alice.main.getByRole('button', { name: 'Enter', exact: true }).click();
  await alice.main.getByRole('heading', { name: seen(ROOM.name) }).waitFor();
  expect(await alice.members(2)).toEqual([seen(MALLORY.name), 'alice'].sort());
  await reads(alice.main, `Busy ${QUOTED}`);
  await alice.main
    .getByRole('complementary')
    .getByRole('button', { name: seen(MALLORY.name) })
    .click();
  await reads(alice.dialog, MALLORY.id);
  await expectUnharmed(page);
  await alice.dialog.getByRole('button', { name: 'Send a message' }).click();
  await alice.say(`hello ${HTML}`);
  await alice.reads(`hello ${HTML}`);
  await mallory.page.getByText(`hello ${HTML}`).first().waitFor();
  await expectUnharmed(page, mallory.page);
});

it('messages show what was written, whatever it would be elsewhere', async () => {
  await alice.page.goto(`${gateway.url}#/room/${ROOM.id}`);
  await alice.composer.waitFor();
  for (const [text] of TEXTS) await services.post(`rooms/${ROOM.id}/messages`, { content: { text } });
  for (const [text, read = text] of TEXTS) await alice.reads(read);
  await sendAll(SHAPES.map(([content]) => content));
  for (const [, read] of SHAPES) await reads(alice.log, read);
  expect(await alice.log.getByRole('article').count()).toBe(TEXTS.length + SHAPES.length);
  await alice.log.getByRole('button', { name: 'Show more' }).click();
  await alice.log.getByRole('button', { name: 'Show less' }).waitFor();
  // On its way, as the sender sees it.
  await mallory.say(`own ${HTML}`);
  await mallory.message(`own ${HTML}`).getByText('Sent', { exact: true }).waitFor();
  await alice.reads(`own ${HTML}`);
  await expectUnharmed(alice.page, mallory.page);
});

it('what is told of people and rooms, and addresses of the page, are text', async () => {
  const { page } = alice;
  const say = (text: string) => reads(page.getByRole('alert'), text);
  await operator.post('broadcast', { message: `News ${HTML} ${TURNED}` });
  await say(`News ${HTML}`);
  await services.post('commands/kick_member', { room_id: ROOM.id, user_id: 'alice', reason: `Kick ${HTML} ${TURNED}` });
  await say(`Kick ${HTML}`);
  await expectUnharmed(page);
  await services.post('commands/set_member', { room_id: ROOM.id, user_id: HTML, role: 'invited' });
  await mallory.choose('Room menu', 'Roles and bans');
  await reads(mallory.dialog, HTML);
  await expectUnharmed(mallory.page);
  await mallory.page.keyboard.press('Escape');
  for (const hash of ['#/room/', '#/user/', '#/', '#']) {
    for (const text of [HTML, encodeURIComponent(QUOTED), 'javascript:window.pwned=1']) {
      await page.goto(gateway.url + hash + text);
      await page.getByRole('main').waitFor();
    }
    await page.reload();
    await page.getByRole('main').waitFor();
  }
  await page.goto(`${gateway.url}#/room/${encodeURIComponent(HTML)}`);
  await alice.main.getByRole('button', { name: `Create “${HTML}”` }).waitFor();
  await expectUnharmed(page, mallory.page);
});

it('the console shows all of it as text', async () => {
  const page = await browser.newPage();
  const reason = `Reason ${HTML}`;
  await operator.post('commands/set_member', { room_id: ROOM.id, user_id: HTML, role: 'banned', reason });
  await page.goto(`${gateway.url}console`);
  await page.getByLabel('Username').fill('olga');
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  const view = async (hash: string, ...texts: string[]) => {
    await page.evaluate((to) => {
      location.hash = `#/${to}`;
    }, hash);
    for (const text of texts) await reads(page.getByRole('main'), text);
  };
  const id = encodeURIComponent(MALLORY.id);
  await view('rooms', ROOM.name);
  await view(`rooms/${ROOM.id}`, ROOM.name, MALLORY.id);
  await page.getByText('Metadata').click();
  await reads(page.getByRole('main'), ROOM.topic);
  await view(`rooms/${ROOM.id}/messages`, `own ${HTML}`, 'inherited');
  await view(`rooms/${ROOM.id}/roles`, HTML);
  await view(`users/${id}`, MALLORY.id);
  await view('connections', MALLORY.id);
  await view(`explain?user=${id}&command=join_room&room=${ROOM.id}`);
  await page.getByRole('button', { name: 'Ask' }).click();
  await view('audit', HTML);
  await page.getByLabel('Details').first().click();
  await reads(page.getByRole('main'), reason);
  for (const where of ['rooms/', 'users/', '', 'audit?actor=', 'rooms?prefix=', 'tap?user=', 'explain?user=']) {
    await view(where + encodeURIComponent(HTML));
  }
  await view(`tap?room=${ROOM.id}`);
  await page.getByRole('switch', { name: 'With content' }).click();
  await page.getByRole('button', { name: 'Start' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Show content' }).click();
  await page.getByText('Watching on 1 node.').waitFor();
  await mallory.say(`tapped ${HTML}`);
  await reads(page.getByRole('table'), `tapped ${HTML}`);
  await expectUnharmed(page);
});
