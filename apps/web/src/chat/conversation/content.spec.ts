import fc from 'fast-check';
import { readContent, textOfContent } from './content.js';

describe('content of messages', () => {
  it('shows text, in an object or alone', () => {
    expect(readContent({ text: 'hi', other: 1 })).toEqual({ type: 'text', text: 'hi' });
    expect(readContent('hi')).toEqual({ type: 'text', text: 'hi' });
    expect(readContent(42)).toEqual({ type: 'text', text: '42' });
  });

  it('shows images by their address, if it is one that may be shown', () => {
    const image = { type: 'image', src: 'https://e.org/a.png', alt: '', text: '' };
    expect(readContent({ image: 'https://e.org/a.png' })).toEqual(image);
    expect(readContent({ image: { url: 'https://e.org/a.png', alt: 'a cat' }, text: 'look' })).toEqual({
      ...image,
      alt: 'a cat',
      text: 'look',
    });
    expect(readContent({ image: 'javascript:alert(1)', text: 'x' })).toEqual({ type: 'text', text: 'x' });
    expect(readContent({ image: 'data:image/svg+xml,<svg/>' }).type).toBe('json');
    expect(textOfContent({ image: 'https://e.org/a.png', text: 'look' })).toBe('look https://e.org/a.png');
  });

  it('shows anything else as JSON, of bounded length', () => {
    expect(readContent({ kind: 'deploy', ok: true })).toEqual({
      type: 'json',
      text: '{\n  "kind": "deploy",\n  "ok": true\n}',
    });
    expect(readContent(null)).toEqual({ type: 'json', text: 'null' });
    expect(readContent({ text: { nested: '<b>' } }).type).toBe('json');
    expect(textOfContent('x'.repeat(9000).split('')).length).toBeLessThan(4100);
  });

  it('never fails, whatever came', () => {
    fc.assert(fc.property(fc.jsonValue(), (content) => typeof textOfContent(content) === 'string'));
  });
});
