import { type Action, readLine } from './input.js';

describe('readLine', () => {
  it.each<[string, Action]>([
    ['hello', { do: 'say', text: 'hello' }],
    ['  indented', { do: 'say', text: '  indented' }],
    ['//shrug', { do: 'say', text: '/shrug' }],
    ['', { do: 'nothing' }],
    ['   ', { do: 'nothing' }],
    ['/dm bob hello  there', { do: 'dm', user: 'bob', text: 'hello  there' }],
    ['/join den', { do: 'join', room: 'den' }],
    ['/who', { do: 'who' }],
    ['/quit', { do: 'quit' }],
    ['/help', { do: 'help' }],
    ['/history', { do: 'history', count: 20 }],
    ['/history 5', { do: 'history', count: 5 }],
  ])('reads %j', (line, action) => expect(readLine(line)).toEqual(action));

  it.each(['/dm', '/dm bob', '/dm bob  ', '/join', '/history 0', '/history 201', '/history x', '/quite', '/'])(
    'complains about %j instead of saying it aloud',
    (line) => expect(readLine(line).do).toBe('complain'),
  );
});
