import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import { DESKTOP, keepPicture, PHONE, TestBrowser } from './support/browser.js';
import { GatewayProcess } from './support/gateway.js';
import { Person } from './support/person.js';

const AXE = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');

/** Views that the documents have pictures of. */
const SHOWN = new Set(['chat', 'rooms', 'sign-in']);

/** What axe calls serious or critical, with the elements that it means. */
async function faultsOf(page: Page): Promise<string[]> {
  // Evaluated by the debugger: as a script, the policy of the page would not let it in.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>("axe.run({ resultTypes: ['violations'] })");
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

describe.each([
  ['desktop', 'light', DESKTOP],
  ['phone', 'dark', PHONE],
] as const)('on a %s, %s', (size, colorScheme, viewport) => {
  let gateway: GatewayProcess;
  let browser: TestBrowser;
  let alice: Person;
  let lobby: string;
  const faults: Record<string, string[]> = {};

  /** Looks at a page as it is now. */
  async function look(page: Page, name: string): Promise<void> {
    // Transitions end before anybody judges the contrast.
    await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => {}))));
    const found = await faultsOf(page);
    if (found.length > 0) faults[name] = found;
    if (SHOWN.has(name)) await keepPicture(page, `${name}-${size}`);
  }

  beforeAll(async () => {
    [gateway, browser] = await Promise.all([GatewayProcess.start({ AUTH_ADMINS: 'alice' }), TestBrowser.launch()]);
    const options = { viewport, colorScheme, hasTouch: size === 'phone' };
    const page = await browser.newPage(options);
    await page.goto(gateway.url);
    await page.getByRole('textbox', { name: 'Username' }).waitFor();
    await look(page, 'sign-in');
    await page.context().close();
    alice = await Person.register(browser, gateway.url, 'alice', options);
    lobby = await alice.createRoom('Launch');
  });
  afterAll(() => Promise.all([gateway?.close(), browser?.close()]));
  it('a conversation, its people and its settings are usable by everybody', async () => {
    const others = await Promise.all(
      ['mei', 'bob'].map(async (name) => {
        const other = await Person.register(browser, lobby, name);
        await other.main.getByRole('button', { name: 'Enter', exact: true }).click();
        await other.composer.waitFor();
        return other;
      }),
    );
    const [mei, bob] = others as [Person, Person];
    await mei.say('Morning! The **release notes** are ready: https://example.org/notes');
    await alice.reads('Morning!');
    await alice.say('Great. Two things are left:\n- the `changelog`\n- a word to *everybody*');
    await bob.say('> the changelog\nDone :)');
    await mei.say('```\nnpm install && npm start\n```');
    await alice.reads('npm install');
    await bob.composer.pressSequentially('and n');
    await alice.main.getByText('bob is typing').waitFor();
    await look(alice.page, 'chat');
    await alice.page.getByRole('button', { name: 'Members: 3' }).click();
    await alice.page.getByRole('button', { name: 'mei' }).last().waitFor();
    await look(alice.page, 'members');
    await alice.page.keyboard.press('Escape');
    for (const item of ['Room settings', 'Invite people', 'Roles and bans', 'Delete room']) {
      await alice.page.getByRole('button', { name: 'Room menu' }).click();
      await alice.page.getByRole('menuitem', { name: item }).waitFor();
      if (item === 'Room settings') await look(alice.page, 'room-menu');
      await alice.page.getByRole('menuitem', { name: item }).click();
      await alice.dialog.waitFor();
      await look(alice.page, item.toLowerCase().replaceAll(' ', '-'));
      await alice.page.keyboard.press('Escape');
      await alice.dialog.waitFor({ state: 'hidden' });
    }
    await alice.page.goto(`${gateway.url}#/rooms`);
    await alice.main.getByRole('searchbox', { name: 'Search rooms' }).waitFor();
    await look(alice.page, 'rooms');
    await alice.page.goto(`${gateway.url}#/`);
    await look(alice.page, 'lists');
    for (const { page } of others) await page.context().close();
    expect([faults, browser.faults]).toEqual([{}, []]);
  });

  it('and so are the views of an operator', async () => {
    const { page } = alice;
    await page.goto(`${gateway.url}console`);
    for (const view of [
      'overview',
      'rooms',
      'rooms/launch',
      'users/alice',
      'connections',
      'tap',
      'broadcast',
      'audit',
      'config',
      'explain',
    ]) {
      await page.evaluate((hash) => {
        location.hash = `#/${hash}`;
      }, view);
      await page.getByRole('main').getByRole('heading').first().waitFor();
      await page.waitForLoadState('networkidle');
      await look(page, `console-${view.replace('/', '-')}`);
      if (view !== 'users/alice') continue;
      await page.getByRole('button', { name: 'Revoke' }).click();
      await page.getByRole('dialog').getByRole('textbox').waitFor();
      await look(page, 'console-act');
      await page.keyboard.press('Escape');
    }
    expect([faults, browser.faults]).toEqual([{}, []]);
  });
});
