import fc from 'fast-check';
import { parseMarkdown } from './blocks.js';
import { harmless, harmlessLine } from './harmless.js';
import { parseInline } from './inline.js';
import { type Block, type Inline, plainText } from './tree.js';
import { misleads, safeUrl } from './urls.js';

/** The tree as a short text, to compare. */
function shown(nodes: readonly Inline[]): string {
  return nodes
    .map((node) => {
      if (node.type === 'text') return node.text;
      if (node.type === 'code') return `<code ${node.text}>`;
      if (node.type === 'image') return `<image ${node.src} ${node.alt}>`;
      return `<${node.type}${node.type === 'link' ? ` ${node.href}` : ''} ${shown(node.children)}>`;
    })
    .join('');
}

function words(blocks: readonly Block[]): string {
  return blocks
    .map((block) => {
      if (block.type === 'code') return block.language + block.text;
      if (block.type === 'list') return block.items.map(words).join('');
      return block.type === 'quote' ? words(block.children) : plainText(block.children);
    })
    .join('');
}

describe('Markdown-lite: inline', () => {
  it.each([
    [
      '**bold** and *italic* and _italic_ and ~~struck~~',
      '<bold bold> and <italic italic> and <italic italic> and <strike struck>',
    ],
    ['***both***', '<bold <italic both>>'],
    ['**bold with *italic* in it**', '<bold bold with <italic italic> in it>'],
    ['snake_case_name and 2*3*4', 'snake_case_name and 2*3*4'],
    ['**not closed', '**not closed'],
    ['a * b * c', 'a * b * c'],
    ['中文**粗体**中文', '中文<bold 粗体>中文'],
    ['**“引号”**之后', '<bold “引号”>之后'],
    ['`code *stays* <b>`', '<code code *stays* <b>>'],
    ['``a ` b``', '<code a ` b>'],
    ['`not closed', '`not closed'],
    ['\\*not italic\\*', '*not italic*'],
    ['C:\\new\\table', 'C:\\new\\table'],
    ['<b onclick="x()">text</b>', '<b onclick="x()">text</b>'],
    ['[1] and [2] and [link](https://example.org/a)', '[1] and [2] and <link https://example.org/a link>'],
    ['[**bold** label](https://example.org)', '<link https://example.org/ <bold bold> label>'],
    ['[a](https://e.org/wiki/A_(b))', '<link https://e.org/wiki/A_(b) a>'],
    ['[x](javascript:alert(1))', '[x](javascript:alert(1))'],
    ['[x](data:text/html,hi) [y](/relative) [z](//host)', '[x](data:text/html,hi) [y](/relative) [z](//host)'],
    ['[mail](mailto:me@example.org)', '<link mailto:me@example.org mail>'],
    ['![a cat](https://e.org/cat.png)', '<image https://e.org/cat.png a cat>'],
    ['![x](mailto:me@example.org)', '![x](mailto:me@example.org)'],
    ['[![a](https://e.org/a.png)](https://e.org)', '<link https://e.org/ <image https://e.org/a.png a>>'],
    ['[https://bank.example](https://evil.example)', '<link https://evil.example/ https://bank.example>'],
    ['*a *b*', '*a <italic b>'],
    ['*one*\n*two*', '<italic one>\n<italic two>'],
  ])('%j', (text, expected) => {
    expect(shown(parseInline(text))).toBe(expected);
  });

  it.each([
    ['see https://example.org/a_b_c?d=*e*.', 'https://example.org/a_b_c?d=*e'],
    ['(https://example.org/a_(b))', 'https://example.org/a_(b)'],
    ['看https://example.org/a。然后', 'https://example.org/a'],
    ['看https://example.org吧', 'https://example.org'],
    ['**https://example.org**', 'https://example.org'],
    ['HTTPS://EXAMPLE.org/A', 'HTTPS://EXAMPLE.org/A'],
  ])('finds the address in %j', (text, expected) => {
    const links: string[] = [];
    const collect = (nodes: readonly Inline[]): void => {
      for (const node of nodes) {
        if (node.type === 'link') links.push(plainText(node.children));
        else if ('children' in node) collect(node.children);
      }
    };
    collect(parseInline(text));
    expect(links).toEqual([expected]);
  });

  it.each(['https://', 'xhttps://example.org', 'https://…', 'http://)))'])('finds no address in %j', (text) => {
    expect(shown(parseInline(text))).toBe(text);
  });
});

describe('Markdown-lite: blocks', () => {
  const types = (text: string) => parseMarkdown(text).map(({ type }) => type);

  it('keeps the line ends of a paragraph, and parts paragraphs at blank lines', () => {
    expect(parseMarkdown('a\n  b\n\nc')).toEqual([
      { type: 'paragraph', children: [{ type: 'text', text: 'a\n  b' }] },
      { type: 'paragraph', children: [{ type: 'text', text: 'c' }] },
    ]);
  });

  it('takes code as it is, to its fence or to the end', () => {
    expect(parseMarkdown('```ts\nconst a = `**`;\n\n> b\n```\nafter')).toEqual([
      { type: 'code', language: 'ts', text: 'const a = `**`;\n\n> b' },
      { type: 'paragraph', children: [{ type: 'text', text: 'after' }] },
    ]);
    expect(parseMarkdown('~~~\nopen')).toEqual([{ type: 'code', language: '', text: 'open' }]);
  });

  it('parses quotes and what lies in them', () => {
    const [quote] = parseMarkdown('> **a**\n> > b\nafter');
    expect(quote).toMatchObject({ type: 'quote', children: [{ type: 'paragraph' }, { type: 'quote' }] });
    expect(types('> a\nb')).toEqual(['quote', 'paragraph']);
  });

  it('parses lists with numbers and without, and lists in lists', () => {
    expect(parseMarkdown('3. c\n4. d')).toMatchObject([{ type: 'list', start: 3, items: [[{}], [{}]] }]);
    expect(parseMarkdown('- a\n  - b\n  - c\n- d')).toMatchObject([
      { type: 'list', start: null, items: [[{ type: 'paragraph' }, { type: 'list', items: [[{}], [{}]] }], [{}]] },
    ]);
    expect(types('- a\n1. b')).toEqual(['list', 'list']);
    expect(types('-a\n1.b\n+1')).toEqual(['paragraph']);
  });
});

describe('what is shown of what anybody wrote', () => {
  const marks = fc.stringMatching(/^[*_~`[\]()!>\\ \nab1.-]*$/);
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    marks,
    fc
      .array(fc.constantFrom('**', '[', '](', 'http://', '> ', '- ', '```', 'é', '\n', ')', '中'), { maxLength: 300 })
      .map((parts) => parts.join('')),
  );

  it('keeps every letter, in order', () => {
    const letters = (text: string) => text.replace(/[^\p{L}]/gu, '');
    fc.assert(
      fc.property(anything, (text) => {
        // The address of a link is not shown, and code is named by its language.
        fc.pre(!text.includes(']('));
        expect(letters(words(parseMarkdown(harmless(text))))).toBe(letters(harmless(text)));
      }),
      { numRuns: 2000 },
    );
  });

  it('leads to http, https and mailto only', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(JSON.stringify(parseMarkdown(text))).not.toMatch(/"(href|src)":"(?!https?:|mailto:)/);
      }),
      { numRuns: 1000 },
    );
    for (const url of [
      'JaVaScript:alert(1)',
      ' javascript:x',
      'http:javascript',
      'vbscript:x',
      'file:///etc',
      'https://',
    ]) {
      expect(safeUrl(url)).toBeNull();
    }
  });

  it.each([
    '*',
    '**a',
    '*a ',
    '_a_ ',
    '~~',
    '`',
    '``a`',
    '[',
    '![',
    '](',
    '[](',
    '[a](http://b',
    '](a)',
    'http://',
    'http://a(',
    ')',
    '> ',
    '- ',
    '  - ',
    '1. ',
    '```\n',
    '\\',
    '>',
    'https://a.',
    '**_~~[',
    '*a**b***',
  ])('takes no longer than its length is worth: %j over and over', (part) => {
    const text = part.repeat(Math.ceil(65_536 / part.length));
    const lines = `${part}\n`.repeat(10_000);
    const start = performance.now();
    parseMarkdown(text);
    parseMarkdown(lines);
    // Some ms; anything quadratic takes many seconds.
    expect(performance.now() - start).toBeLessThan(1500);
  });

  it('shows controls and what turns the direction of writing as signs', () => {
    expect(harmless('a\u0000b\u202egpj.exe\u0085')).toBe('a␀b�gpj.exe�');
    expect(harmless('a\r\nb\u2028c\ud800')).toBe('a\nb\nc�');
    expect(harmlessLine(' Eve\n\u202e ')).toBe('Eve �');
    expect(harmless('שלום 👩‍👩‍👧 ok\t')).toBe('שלום 👩‍👩‍👧 ok\t');
  });

  it('knows words that name another address than theirs', () => {
    expect(misleads('https://bank.example/login', 'https://evil.example/')).toBe(true);
    expect(misleads('bank.example', 'https://evil.example/')).toBe(true);
    expect(misleads('www.bank.example', 'https://bank.example/x')).toBe(false);
    expect(misleads('http://127.0.0.1:8080/cat.png', 'http://127.0.0.1:8080/cat.png')).toBe(false);
    expect(misleads('https://bank.example/cat.png', 'https://evil.example/cat.png')).toBe(true);
    expect(misleads('the report, v1.2', 'https://files.example/')).toBe(false);
  });
});
