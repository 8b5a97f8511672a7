import { createHash } from 'node:crypto';
import { catalogueOf } from '@hubbub/protocol/contract';
import { html, jsonBlock, prose } from './html.js';
import { messagesPage } from './messages-page.js';
import { PAGE_POLICY } from './page-style.js';

describe('html', () => {
  it('escapes every value that is not markup', () => {
    const value = `<b title="x">&'`;
    expect(html`<i>${value}${html`<u>${1}</u>`}${undefined}${['a', '<']}</i>`.text).toBe(
      '<i>&lt;b title=&quot;x&quot;&gt;&amp;&#39;<u>1</u>a&lt;</i>',
    );
  });

  it('makes code of what stands between backticks', () => {
    expect(prose('a `<b>` c').map(({ text }) => text)).toEqual(['a ', '<code>&lt;b&gt;</code>', ' c']);
  });

  it('shows JSON as it is, whatever its strings hold', () => {
    const value = { 'a"</script>': ['\\', 'x: 1, "y": true', -1.5e3, null] };
    const shown = jsonBlock(value)
      .text.replaceAll(/<[^>]*>/g, '')
      .replaceAll('&quot;', '"')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&');
    expect(JSON.parse(shown)).toEqual(value);
  });
});

describe('the page of messages', () => {
  const roll = { schema: null, reply: null, streams: false, permissions: [], summary: '<script>alert(1)</script>' };
  const page = messagesPage(catalogueOf([{ type: 'roll', replyType: 'rolled', contract: roll }]), {
    version: '0.1.0',
    contract: 'abc',
  });

  it('has no script and nothing from elsewhere, whatever an application writes', () => {
    expect(page).toContain('&lt;script&gt;alert(1)');
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:/);
  });

  it('has one style, which its policy allows by its hash', () => {
    const [style, ...others] = [...page.matchAll(/<style>([^]*?)<\/style>/g)];
    const hash = createHash('sha256')
      .update(style?.[1] ?? '')
      .digest('base64');
    expect(others).toEqual([]);
    expect(PAGE_POLICY).toContain(`'sha256-${hash}'`);
    expect(page).not.toContain(' style=');
  });

  it('leads nowhere that is not on it, and has each place once', () => {
    const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/href="#([^"]*)"/g)) expect(ids).toContain(target);
    expect(ids).toContain('command-roll');
    expect(ids).not.toContain('command-ping');
  });
});
