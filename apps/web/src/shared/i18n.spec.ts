import { effect } from '@preact/signals';
import { formatNumber, makeTexts, setLanguage } from './i18n.js';

const t = makeTexts({
  en: { hello: 'Hello, {name}', rooms: { one: '{count} room', other: '{count} rooms' } },
  zh: { hello: '你好，{name}', rooms: '{count} 个房间' },
});

describe('texts', () => {
  afterEach(() => setLanguage('en'));

  it('follow the language, also what shows them already', () => {
    const shown: string[] = [];
    const stop = effect(() => void shown.push(t('hello', { name: 'Bob' })));
    setLanguage('zh');
    stop();
    expect(shown).toEqual(['Hello, Bob', '你好，Bob']);
  });

  it('have the form of the number', () => {
    expect([t('rooms', { count: 1 }), t('rooms', { count: 0 }), t('rooms', { count: 1200 })]).toEqual([
      '1 room',
      '0 rooms',
      '1,200 rooms',
    ]);
    setLanguage('zh');
    expect(t('rooms', { count: 1 })).toBe('1 个房间');
  });

  it('put in what they are given as it is', () => {
    expect(t('hello', { name: '$& {name} <b>' })).toBe('Hello, $& {name} <b>');
    expect(t('hello')).toBe('Hello, {name}');
  });

  it('write numbers as the language does', () => {
    expect(formatNumber(1234.5)).toBe('1,234.5');
  });
});
