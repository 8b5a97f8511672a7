import { TestBrowser } from './support/browser.js';
import { GatewayProcess } from './support/gateway.js';

let gateway: GatewayProcess;
let browser: TestBrowser;
beforeAll(async () => {
  [gateway, browser] = await Promise.all([GatewayProcess.start(), TestBrowser.launch()]);
});
afterAll(() => Promise.all([gateway?.close(), browser?.close()]));

test.each(['', 'console'])(
  '/%s opens without an error, a breach of its policy or a request to anybody else',
  async (path) => {
    const page = await browser.newPage();
    await page.goto(gateway.url + path, { waitUntil: 'networkidle' });
    expect(await page.locator('#app').innerText()).not.toBe('');
    expect(browser.faults).toEqual([]);
  },
);
