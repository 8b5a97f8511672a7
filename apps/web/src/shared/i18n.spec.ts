import { effect } from '@preact/signals';
import { formatNumber, makeTexts, setLanguage, textsReady } from './i18n.js';

const t = makeTexts({ hello: 'Hello, {name}', rooms: { one: '{count} room', other: '{count} rooms' } }, async () => ({
  zh: { hello: '你好，{name}', rooms: '{count} 个房间' },
}));

describe('texts', () => {
  afterEach(() => setLanguage('en'));

  it('follow the language, also what shows them already', async () => {
    const shown: string[] = [];
    const stop = effect(() => void shown.push(t('hello', { name: 'Bob' })));
    setLanguage('zh');
    await textsReady();
    stop();
    expect([shown[0], shown.at(-1)]).toEqual(['Hello, Bob', '你好，Bob']);
  });

  it('have the form of the number', async () => {
    expect([t('rooms', { count: 1 }), t('rooms', { count: 0 }), t('rooms', { count: 1200 })]).toEqual([
      '1 room',
      '0 rooms',
      '1,200 rooms',
    ]);
    setLanguage('zh');
    await textsReady();
    expect(t('rooms', { count: 1 })).toBe('1 个房间');
  });

  it('put in what they are given as it is', () => {
    expect(t('hello', { name: '$& {name} <b>' })).toBe('Hello, $& {name} <b>');
    expect(t('hello')).toBe('Hello, {name}');
  });

  it('are English where the others cannot be fetched', async () => {
    const alone = makeTexts({ hello: 'Hello' }, () =>
      Promise.reject<{ zh: { hello: string } }>(new TypeError('offline')),
    );
    setLanguage('zh');
    await textsReady();
    expect(alone('hello')).toBe('Hello');
  });

  it('write numbers as the language does', () => {
    expect(formatNumber(1234.5)).toBe('1,234.5');
  });
});

describe('times and numbers', () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  afterEach(() => {
    setLanguage('en');
    if (own) Object.defineProperty(globalThis, 'navigator', own);
  });

  it("are written as in the browser's country where its language is that of the page, else as the language does", async () => {
    Object.defineProperty(globalThis, 'navigator', { configurable: true, value: { languages: ['de-AT', 'en-GB'] } });
    const fresh = await freshly();
    expect(fresh.language.value).toBe('en');
    expect(fresh.formatTime(new Date(2026, 0, 2, 15, 4).getTime())).toBe('15:04');
    fresh.setLanguage('zh');
    expect(fresh.locale.value).toBe('zh');
  });

  async function freshly(): Promise<typeof import('./i18n.js')> {
    jest.resetModules();
    return import('./i18n.js');
  }
});
