import { useState } from 'preact/hooks';
import { Button } from '../../shared/ui/index.js';
import { readContent } from './content.js';
import { ExternalImage } from './external-image.js';
import { Markup } from './markup.js';
import type { Message } from './message.js';
import { t } from './texts.js';

/** More than fits on a screen is shown when it is asked for. */
const LONG = { characters: 2400, lines: 30 };

/** What a message says. */
export function MessageBody({ message }: { readonly message: Message }) {
  if (message.redacted) return <p class="soft redacted">{t('redacted')}</p>;
  const content = readContent(message.content);
  if (content.type === 'image') {
    return (
      <>
        {content.text && <Long text={content.text} />}
        <ExternalImage src={content.src} alt={content.alt} />
      </>
    );
  }
  if (content.type === 'text') return <Long text={content.text} />;
  return (
    <pre class="json" tabIndex={0}>
      <code>{content.text}</code>
    </pre>
  );
}

function Long({ text }: { readonly text: string }) {
  const [open, setOpen] = useState(false);
  if (!isLong(text)) return <Markup text={text} />;
  return (
    <>
      <div class={open ? 'long open' : 'long'}>
        <Markup text={open ? text : beginning(text)} />
      </div>
      <Button kind="quiet" aria-expanded={open} onClick={() => setOpen(!open)}>
        {t(open ? 'less' : 'more')}
      </Button>
    </>
  );
}

function isLong(text: string): boolean {
  return text.length > LONG.characters || text.split('\n', LONG.lines + 1).length > LONG.lines;
}

/** Cut, and not only hidden: a message of 64 kB is 64 kB of nodes. */
function beginning(text: string): string {
  return `${text.slice(0, LONG.characters).split('\n').slice(0, LONG.lines).join('\n')}…`;
}
