import { PHONE, TestBrowser } from './support/browser.js';
import { GatewayProcess } from './support/gateway.js';
import { Person } from './support/person.js';

describe('two people at the chat page', () => {
  let gateway: GatewayProcess;
  let browser: TestBrowser;
  let alice: Person;
  let bob: Person;
  let lobby: string;
  beforeAll(async () => {
    [gateway, browser] = await Promise.all([GatewayProcess.start(), TestBrowser.launch()]);
    alice = await Person.register(browser, gateway.url, 'alice');
    lobby = await alice.createRoom('Lobby');
    // From the link that alice has sent him, before he had an account.
    bob = await Person.register(browser, lobby, 'bob', { viewport: PHONE, hasTouch: true });
    await bob.main.getByRole('button', { name: 'Enter', exact: true }).click();
    await bob.composer.waitFor();
  });
  afterAll(() => Promise.all([gateway?.close(), browser?.close()]));

  it('talk, and see who is typing and whether a message is stored', async () => {
    await alice.composer.pressSequentially('hello');
    await bob.main.getByText('alice is typing').waitFor();
    await alice.composer.press('Enter');
    await bob.reads('hello');
    await alice.message('hello').getByText('Sent', { exact: true }).waitFor();
    await bob.main.getByText('alice is typing').waitFor({ state: 'hidden' });

    await bob.say('hi **alice**');
    await alice.message('hi alice').locator('strong', { hasText: 'alice' }).waitFor();
  });

  it('find rooms in the list of all, make one there, and enter that of another', async () => {
    await bob.page.goto(`${gateway.url}#/rooms`);
    await bob.createRoom('Kitchen');
    await alice.page.goto(`${gateway.url}#/rooms`);
    await alice.main.getByRole('searchbox', { name: 'Search rooms' }).fill('kit');
    await alice.main.getByRole('button', { name: 'Enter: Kitchen' }).click();
    await alice.say('Tea is ready');
    await bob.reads('Tea is ready');
    await Promise.all([alice.page.goto(lobby), bob.page.goto(lobby)]);
  });

  it('send links that lead to the web alone, and images that nobody loads who does not ask for it', async () => {
    await alice.say(
      '[the plan](https://example.org/plan) ![a map](https://example.org/map.png) [oops](javascript:alert(1))',
    );
    await bob.message('the plan').getByRole('link', { name: 'the plan' }).waitFor();
    expect(await bob.message('the plan').getByRole('link').count()).toBe(1);
    await bob.message('the plan').getByRole('button', { name: 'Show image from example.org' }).waitFor();
    expect(await bob.log.getByRole('img').count()).toBe(0);
  });

  it('meet in a private room, which only those see who were invited', async () => {
    const den = await alice.createRoom('Den', { isPrivate: true });
    const carol = await Person.register(browser, gateway.url, 'carol');
    await carol.page.goto(den);
    await carol.main
      .getByText(/no such room|private|not found|does not exist/i)
      .first()
      .waitFor();

    await alice.choose('Room menu', 'Invite people');
    await alice.dialog.getByRole('textbox').first().fill('bob');
    await alice.dialog.getByRole('button', { name: /^Invite/ }).click();
    await alice.page.keyboard.press('Escape');
    await bob.page.goto(gateway.url);
    await bob.page.getByRole('link', { name: /Den/ }).first().click();
    await bob.main.getByRole('button', { name: 'Enter', exact: true }).click();
    await alice.say('only between us');
    await bob.reads('only between us');
    await carol.page.context().close();
  });

  it('count what they have not read, on all their devices', async () => {
    await alice.page.goto(`${gateway.url}#/rooms`);
    await bob.page.goto(lobby);
    await bob.say('are you there?');
    const entry = alice.page.getByRole('navigation').getByRole('link', { name: /Lobby.*1 unread/ });
    await entry.waitFor();
    const tablet = await Person.logIn(await browser.newPage(), gateway.url, 'alice');
    await tablet.page
      .getByRole('link', { name: /Lobby.*unread/ })
      .first()
      .waitFor();
    await entry.click();
    await alice.reads('are you there?');
    await tablet.page
      .getByRole('link', { name: /Lobby.*unread/ })
      .first()
      .waitFor({ state: 'hidden' });
    await tablet.page.context().close();
  });

  it('write to each other directly, and find it later', async () => {
    await alice.page.getByRole('button', { name: 'New direct message' }).click();
    await alice.dialog.getByRole('textbox').first().fill('bob');
    await alice.page.keyboard.press('Enter');
    await alice.composer.waitFor();
    await alice.say('a word with you');
    await bob.page.goto(gateway.url);
    await bob.page.getByRole('link', { name: /alice.*1 unread/ }).click();
    await bob.reads('a word with you');
    await bob.say('yes?');
    await alice.reads('yes?');
    await alice.page.reload();
    await alice.reads('yes?');
    expect(await alice.message('a word with you').count()).toBe(1);
  });

  it('read back to the beginning by scrolling up', async () => {
    const attic = await alice.createRoom('Attic');
    const count = 130;
    for (let i = 1; i <= count; i++) {
      await alice.composer.fill(`line ${i}`);
      await alice.composer.press('Enter');
    }
    await alice.message(`line ${count}`).getByText('Sent', { exact: true }).waitFor();
    await bob.page.goto(attic);
    await bob.main.getByRole('button', { name: 'Enter', exact: true }).click();
    await bob.reads(`line ${count}`);
    expect(await bob.message(/line 1$/).count()).toBe(0);
    const beginning = bob.main.getByText('This is the beginning of the conversation.');
    await bob.log.hover();
    for (let turn = 0; turn < 100 && !(await beginning.isVisible()); turn++) {
      await bob.page.mouse.wheel(0, -2000);
      // A frame, in which the page asks for what is above.
      await bob.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    await beginning.waitFor();
    await bob.message(/line 1$/).waitFor();
  });

  it('are led by their owner, who takes out a message, and somebody who behaves badly', async () => {
    await Promise.all([alice.page.goto(lobby), bob.page.goto(lobby)]);
    await bob.say('something rude');
    await alice.message('something rude').hover();
    await alice.message('something rude').getByRole('button', { name: 'Actions for this message' }).click();
    await alice.page.getByRole('menuitem', { name: 'Remove message' }).click();
    await alice.dialog.getByRole('button', { name: 'Remove message' }).click();
    await bob.reads('This message was removed.');
    expect(await bob.message('something rude').count()).toBe(0);

    await alice.message('hi alice').getByRole('button', { name: 'bob' }).click();
    await alice.dialog.getByRole('button', { name: 'Ban from the room' }).click();
    await alice.dialog.getByRole('textbox').first().fill('for the word');
    await alice.dialog.getByRole('button', { name: 'Ban from the room' }).click();
    await bob.main.getByRole('heading', { name: 'You are banned from this room' }).waitFor();
    await alice.page.keyboard.press('Escape');
    await alice.page.getByRole('button', { name: 'Members: 1' }).waitFor();
  });

  it('meet no error, no breach of the policy and no request to anybody else in all of this', () => {
    expect(browser.faults).toEqual([]);
  });
});
