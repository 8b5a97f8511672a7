import type { ReadonlySignal } from '@preact/signals';
import { useComputed } from '@preact/signals';
import { formatMoment, formatTime } from '../../shared/i18n.js';
import { sayError } from '../../shared/texts.js';
import { Avatar, Button, Icon, Menu, type MenuItem, toast } from '../../shared/ui/index.js';
import { textOfContent } from './content.js';
import type { Delivery, Entry } from './entries.js';
import { harmlessLine } from './markdown/harmless.js';
import { MessageBody } from './message-body.js';
import { t } from './texts.js';

export type MessageEntry = Extract<Entry, { type: 'message' }>;

export interface MessageRowProps {
  readonly entry: MessageEntry;
  /** Key of the message that has the focus or is pointed at: it shows what can be done with it. */
  readonly current: ReadonlySignal<string | null>;
  /** Key of the message that Tab leads to. */
  readonly stop: ReadonlySignal<string | null>;
  readonly mayRedact: (entry: MessageEntry) => boolean;
  readonly onCurrent: (key: string) => void;
  readonly onRedact: (entry: MessageEntry) => void;
  readonly onRetry: (key: string) => void;
  readonly onDiscard: (key: string) => void;
  readonly onUser: (userId: string) => void;
}

/** One message: who, when, what, and of one's own how it stands. */
export function MessageRow(props: MessageRowProps) {
  const { entry, current, stop, onCurrent, onUser } = props;
  const { key, message, continued, delivery } = entry;
  const isCurrent = useComputed(() => current.value === key);
  const isStop = useComputed(() => stop.value === key);
  const name = harmlessLine(message.sender_name || message.sender_id);
  const by = `by-${key}`;
  const body = `body-${key}`;
  return (
    <article
      class={`message${continued ? ' continued' : ''}${delivery ? ' own' : ''}${delivery ? ` ${delivery.state}` : ''}`}
      data-key={key}
      tabIndex={isStop.value ? 0 : -1}
      aria-labelledby={`${by} ${body}`}
      onFocusCapture={() => onCurrent(key)}
      onPointerEnter={() => onCurrent(key)}
    >
      {continued ? (
        <time class="aside soft" dateTime={new Date(message.timestamp).toISOString()} aria-hidden="true">
          {formatTime(message.timestamp)}
        </time>
      ) : (
        <span class="face">
          <Avatar userId={message.sender_id} name={name} />
        </span>
      )}
      <header class={continued ? 'unseen' : undefined}>
        <span id={by} class="unseen">
          {t('quoteFrom', { name, time: formatTime(message.timestamp) })}
        </span>
        {!continued && (
          <>
            <button type="button" class="sender clip" tabIndex={-1} onClick={() => onUser(message.sender_id)}>
              {name}
            </button>
            <time class="soft" title={formatMoment(message.timestamp)} aria-hidden="true">
              {formatTime(message.timestamp)}
            </time>
          </>
        )}
      </header>
      <div id={body} class="body" dir="auto">
        <MessageBody message={message} />
      </div>
      {delivery && <DeliveryMark delivery={delivery} />}
      {delivery?.state === 'failed' && <Failed {...props} error={delivery.error} />}
      {isCurrent.value && !message.redacted && (
        <div class="actions">
          <Menu label={t('actions')} items={actionsOf(props)} />
        </div>
      )}
    </article>
  );
}

const ICONS = { sending: 'clock', stored: 'check', failed: 'warning' } as const;

function DeliveryMark({ delivery: { state } }: { readonly delivery: Delivery }) {
  if (state === 'failed') return null;
  return (
    <span class={`delivery ${state}`} title={t(state)}>
      <Icon name={ICONS[state]} />
      <span class="unseen">{t(state)}</span>
    </span>
  );
}

function Failed({ entry, error, onRetry, onDiscard }: MessageRowProps & { readonly error: Error }) {
  const key = entry.outgoingKey ?? '';
  const why = error.name === 'Expired' ? t('expired') : sayError(error);
  return (
    <p class="not-sent">
      <Icon name="warning" />
      <span role="alert">{t('failed', { why })}</span>
      <Button onClick={() => onRetry(key)}>{t('retry')}</Button>
      <Button onClick={() => onDiscard(key)}>{t('discard')}</Button>
    </p>
  );
}

function actionsOf({ entry, mayRedact, onRedact }: MessageRowProps): MenuItem[] {
  const items: MenuItem[] = [];
  if (!entry.message.redacted) {
    items.push({ label: t('copy'), icon: 'copy', onSelect: () => void copy(textOfContent(entry.message.content)) });
    if (mayRedact(entry)) {
      items.push({ label: t('redact'), icon: 'trash', danger: true, onSelect: () => onRedact(entry) });
    }
  }
  return items;
}

async function copy(text: string): Promise<void> {
  try {
    // There on secure pages only.
    await navigator.clipboard.writeText(text);
    toast(t('copied'));
  } catch {
    toast(t('copyFailed'), 'alert');
  }
}
