import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import type { TestBrowser } from './browser.js';

const PASSWORD = 'correct horse battery';

/** Somebody at the chat page, who finds things by what they are called. */
export class Person {
  private constructor(
    readonly page: Page,
    readonly name: string,
  ) {}

  /** Somebody new, with an account made at the page. */
  static async register(
    browser: TestBrowser,
    url: string,
    name: string,
    options?: BrowserContextOptions,
  ): Promise<Person> {
    const person = new Person(await browser.newPage(options), name);
    const { page } = person;
    await page.goto(url);
    await page.getByRole('button', { name: 'Create an account' }).click();
    await person.signIn('Create account');
    return person;
  }

  /** Somebody whose account is kept elsewhere, with a token of that place. @param page empty yet */
  static async withToken(page: Page, url: string, token: string, name: string): Promise<Person> {
    const person = new Person(page, name);
    await page.goto(url);
    await page.getByRole('button', { name: 'Use an access token' }).click();
    await page.getByRole('textbox', { name: 'Access token' }).fill(token);
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await person.isIn();
    return person;
  }

  /** The same one at another device or tab. @param page where the form to log in is, or will be */
  static async logIn(page: Page, url: string, name: string): Promise<Person> {
    const person = new Person(page, name);
    await page.goto(url);
    await person.signIn('Log in');
    return person;
  }

  get main(): Locator {
    return this.page.getByRole('main');
  }

  get log(): Locator {
    return this.page.getByRole('log', { name: 'Messages' });
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: 'Message', exact: true });
  }

  /** The dialog on top. */
  get dialog(): Locator {
    return this.page.getByRole('dialog').last();
  }

  /** Makes a room, and is in it. @returns the address of the page, to be given to others */
  async createRoom(name: string, { isPrivate = false } = {}): Promise<string> {
    await this.page.getByRole('button', { name: 'Create a room' }).first().click();
    await this.dialog.getByRole('textbox', { name: 'Name' }).fill(name);
    if (isPrivate) await this.dialog.getByRole('switch', { name: 'Private' }).click();
    await this.dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await this.main.getByRole('heading', { name, level: 2 }).waitFor();
    await this.composer.waitFor();
    return this.page.url();
  }

  /** Enters a room by its address. */
  async enter(address: string): Promise<void> {
    await this.page.goto(address);
    await this.main.getByRole('button', { name: 'Enter', exact: true }).click();
    await this.composer.waitFor();
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.page.getByRole('button', { name: 'Send', exact: true }).click();
  }

  /** One message in the log that has this text. */
  message(text: string | RegExp): Locator {
    return this.log.getByRole('article').filter({ hasText: text });
  }

  async reads(text: string | RegExp): Promise<void> {
    await this.message(text).waitFor();
  }

  /** What the log shows of messages that begin with `word`, in its order. */
  async texts(word: string): Promise<string[]> {
    const all = await this.log
      .getByRole('article')
      .getByText(new RegExp(`^${word}\\b`))
      .allInnerTexts();
    return all.map((text) => text.trim());
  }

  /** Scrolls up until all of the conversation is in the log. */
  async readBack(): Promise<void> {
    const beginning = this.main.getByText('This is the beginning of the conversation.');
    await this.log.hover();
    for (let turn = 0; turn < 100 && !(await beginning.isVisible()); turn++) {
      await this.page.mouse.wheel(0, -2000);
      // A frame, in which the page asks for what is above.
      await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    await beginning.waitFor();
  }

  /** Who is in the room, by the list of its members. @param count of those to be waited for */
  async members(count: number): Promise<string[]> {
    const button = this.main.getByRole('button', { name: `Members: ${count}`, exact: true });
    await button.waitFor();
    const list = this.main.getByRole('complementary', { name: 'Members' });
    if ((await button.getAttribute('aria-expanded')) !== 'true') await button.click();
    await list
      .getByRole('listitem')
      .nth(count - 1)
      .waitFor();
    const names = await list.locator('.who > :first-child').allInnerTexts();
    return names.sort();
  }

  async choose(menu: string, item: string): Promise<void> {
    await this.page.getByRole('button', { name: menu }).click();
    await this.page.getByRole('menuitem', { name: item }).click();
  }

  private async signIn(button: string): Promise<void> {
    const { page } = this;
    await page.getByRole('textbox', { name: 'Username' }).fill(this.name);
    await page.getByRole('textbox', { name: 'Password' }).fill(PASSWORD);
    await page.getByRole('button', { name: button, exact: true }).click();
    await this.isIn();
  }

  private async isIn(): Promise<void> {
    await this.page
      .getByRole('navigation', { name: 'Rooms and people' })
      .or(this.main.getByRole('region'))
      .first()
      .waitFor();
  }
}
