import type { ComponentChildren } from 'preact';
import { ExternalImage } from './external-image.js';
import { parseMarkdown } from './markdown/blocks.js';
import { type Block, type Inline, plainText } from './markdown/tree.js';
import { hostOf, misleads } from './markdown/urls.js';
import { t } from './texts.js';

/** Text in Markdown-lite, as nodes. @param text as `harmless` gives it */
export function Markup({ text }: { readonly text: string }) {
  return <>{parseMarkdown(text).map(showBlock)}</>;
}

function showBlock(block: Block, index: number): ComponentChildren {
  switch (block.type) {
    case 'paragraph':
      return <p key={index}>{block.children.map(showInline)}</p>;
    case 'code':
      return (
        // Focusable, as what is wider than the page is scrolled by keys.
        <pre key={index} tabIndex={0} aria-label={block.language || undefined}>
          <code>{block.text}</code>
        </pre>
      );
    case 'quote':
      return <blockquote key={index}>{block.children.map(showBlock)}</blockquote>;
    case 'list': {
      const items = block.items.map((item, at) => <li key={at}>{item.map(showBlock)}</li>);
      return block.start === null ? (
        <ul key={index}>{items}</ul>
      ) : (
        <ol key={index} start={block.start}>
          {items}
        </ol>
      );
    }
  }
}

function showInline(node: Inline, index: number): ComponentChildren {
  switch (node.type) {
    case 'text':
      return node.text;
    case 'bold':
      return <strong key={index}>{node.children.map(showInline)}</strong>;
    case 'italic':
      return <em key={index}>{node.children.map(showInline)}</em>;
    case 'strike':
      return <s key={index}>{node.children.map(showInline)}</s>;
    case 'code':
      return <code key={index}>{node.text}</code>;
    case 'image':
      return <ExternalImage key={index} src={node.src} alt={node.alt} />;
    case 'link':
      return <Link key={index} href={node.href} label={node.children} />;
  }
}

/** A link out of the page: who follows it is told nothing of the page, and who reads it sees where it leads. */
function Link({ href, label }: { readonly href: string; readonly label: readonly Inline[] }) {
  const isLie = misleads(plainText(label), href);
  // A picture cannot be pressed in a link: the link stands beside it.
  const images = label.filter((node) => node.type === 'image');
  return (
    <>
      {images.map(showInline)}
      <a href={href} title={href} target="_blank" rel="noopener noreferrer nofollow">
        {images.length === label.length ? hostOf(href) : label.filter((node) => node.type !== 'image').map(showInline)}
      </a>
      {isLie && <span class="soft"> {t('leadsTo', { host: hostOf(href) })}</span>}
    </>
  );
}
