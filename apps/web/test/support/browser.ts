import { join } from 'node:path';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 390, height: 844 };

/** One Chromium for a suite; whoever opens a page has a profile of his own. */
export class TestBrowser {
  /** What went wrong on any page: errors nobody caught, what the policy forbade, dialogs, and requests to other hosts. */
  readonly faults: string[] = [];

  private constructor(
    private readonly browser: Browser,
    private readonly guard: (() => void) | undefined,
  ) {}

  /** @param guard runs in every page before the page does; what it tells the console as `injected: …` is a fault */
  static async launch(guard?: () => void): Promise<TestBrowser> {
    const executablePath = process.env.CHROMIUM;
    if (!executablePath) throw new Error('CHROMIUM names no browser: these tests are run by `npm run test:browser`');
    return new TestBrowser(await chromium.launch({ executablePath, args: FLAGS }), guard);
  }

  /** A page in a profile of its own, empty yet. */
  async newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.browser.newContext({ viewport: DESKTOP, locale: 'en-GB', ...options });
    // Longer than a page waits between two attempts to connect.
    context.setDefaultTimeout(45_000);
    if (this.guard) await context.addInitScript(this.guard);
    context.on('page', (page) => this.watch(page));
    return context.newPage();
  }

  async close(): Promise<void> {
    await this.browser.close();
  }

  private watch(page: Page): void {
    page.on('pageerror', (error) => this.faults.push(`${page.url()}: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      if (/Content Security Policy|Trusted ?(Type|HTML|Script)|^injected: /i.test(message.text()))
        this.faults.push(message.text());
    });
    page.on('dialog', (dialog) => {
      this.faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (protocol.startsWith('http') && hostname !== '127.0.0.1') this.faults.push(`asked for ${request.url()}`);
    });
  }
}

/** A folder to keep pictures in, for the documents: `PICTURES=docs/images npm run test:browser -- looks console-scale`. */
const { PICTURES } = process.env;

/** Keeps what a page looks like now, where that is asked for. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  if (PICTURES) await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}
